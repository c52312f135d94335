// Random programs on both devices: the GPU may err as much as the CPU does in f32, against f64, and a little more.
import * as assert from 'uvu/assert';
import { flatten } from '#src/core/tree.js';
import { add, astype, compile, DTypeError, grad, mul, scope, sum, type Tensor } from '#src/index.js';
import { randomProgram } from '../support/random-programs.js';
import { gpuSuite } from './device.js';

const test = await gpuSuite('gpu random programs');

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));
const count = Number(process.env.COUNT ?? 40);

const f32 = (x: Tensor): Tensor => astype(x, 'f32');

/** The largest |a - b|; NaN and infinities must be in the same places. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    if (Object.is(a[i], b[i]) || (Number.isNaN(a[i]) && Number.isNaN(b[i]))) continue;
    const error = Math.abs(a[i] - b[i]);
    most = Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(most, error);
  }
  return most;
}

const largest = (a: ArrayLike<number>): number =>
  Array.from(a).reduce((most, v) => (Number.isFinite(v) ? Math.max(most, Math.abs(v)) : most), 0);

/** Runs f on the GPU, and on the CPU in both precisions; false for a program with constants of f64, which takes no f32. */
async function compare(
  text: string,
  f: (...xs: Tensor[]) => unknown,
  exact: readonly Tensor[],
): Promise<boolean> {
  const rough = exact.map(f32);
  try {
    scope(() => void f(...rough));
  } catch (error) {
    for (const x of rough) x.dispose();
    if (error instanceof DTypeError) return false;
    throw error;
  }
  const plan = compile(f as never, { device: 'gpu', download: true });
  try {
    const there = flatten(await plan(...rough)).leaves;
    scope(() => {
      const here = flatten(f(...rough)).leaves;
      const want = flatten(f(...exact)).leaves;
      there.forEach((got, i) => {
        assert.is(got.dtype, here[i].dtype, text);
        assert.equal(got.shape, here[i].shape, text);
        const size = largest(want[i].data());
        // Steps amplify what is rounded differently before them, by about what they amplify the CPU's own errors.
        const bound = 32 * distance(here[i].data(), want[i].data()) + 1e-5 * size + 1e-6;
        const error = distance(got.data(), here[i].data());
        assert.ok(error <= bound, `${text}\nresult ${i}: ${error} apart, at most ${bound}\n${String(plan)}`);
      });
    });
    for (const x of there) x.dispose();
    return true;
  } finally {
    plan.dispose();
    for (const x of rough) x.dispose();
  }
}

test(`${count} random programs (seed ${seed})`, async () => {
  let compared = 0;
  for (let i = 0; compared < count; i++) {
    const { inputs, run, text } = randomProgram(seed + i);
    if (await compare(`seed ${seed + i}\n${text}`, run, inputs)) compared++;
    for (const x of inputs) x.dispose();
  }
});

test(`gradients of ${count / 2} random programs (seed ${seed})`, async () => {
  let compared = 0;
  for (let i = 0; compared < count / 2; i++) {
    const { inputs, run, text } = randomProgram(seed + i);
    const loss = (...xs: Tensor[]): Tensor =>
      run(...xs)
        .map((y) => sum(mul(y, y)))
        .reduce((a, b) => add(a, b));
    const slopes = grad(
      loss,
      inputs.map((_, k) => k),
    );
    if (await compare(`gradient, seed ${seed + i}\n${text}`, slopes, inputs)) compared++;
    for (const x of inputs) x.dispose();
  }
});

test.run();
