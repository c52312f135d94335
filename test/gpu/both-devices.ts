// The same function on the CPU and, compiled, on the GPU.
import * as assert from 'uvu/assert';
import { flatten } from '#src/core/tree.js';
import { compile, type Tensor } from '#src/index.js';

/** How results may differ. */
export interface Agreement {
  /** |gpu - cpu| <= tolerance max(1, |cpu|); default 0: the same bits, but for the signs of NaN. */
  readonly tolerance?: number;
  /** Whether all of it must run on the GPU; default true. */
  readonly whole?: boolean;
}

/** Asserts that values agree; NaN and infinities must be in the same places. */
export function assertClose(got: Tensor, want: Tensor, tolerance: number, what: string): void {
  assert.is(got.dtype, want.dtype, `${what}: dtype`);
  assert.equal(got.shape, want.shape, `${what}: shape`);
  const [a, b] = [got.data(), want.data()];
  for (let i = 0; i < a.length; i++) {
    if (Object.is(a[i], b[i]) || (Number.isNaN(a[i]) && Number.isNaN(b[i]))) continue;
    const error = Math.abs(a[i] - b[i]);
    const isClose = tolerance > 0 && error <= tolerance * Math.max(1, Math.abs(b[i]));
    assert.ok(isClose, `${what}: element ${i} is ${a[i]}, on the CPU ${b[i]}`);
  }
}

/** Runs f on both devices; returns the text of the program. */
export async function agree(
  what: string,
  f: (...args: Tensor[]) => unknown,
  args: readonly Tensor[],
  { tolerance = 0, whole = true }: Agreement = {},
): Promise<string> {
  const plan = compile(f as never, { device: 'gpu', download: true });
  try {
    // The second run finds in memory what the first has left there.
    for (const tensor of flatten(await plan(...args)).leaves) tensor.dispose();
    const there = flatten(await plan(...args)).leaves;
    const here = flatten(f(...args)).leaves;
    assert.is(there.length, here.length, what);
    there.forEach((got, i) => {
      assertClose(got, here[i], tolerance, `${what}, result ${i}`);
    });
    if (whole)
      assert.ok(
        plan.report.every(({ device }) => device === 'gpu'),
        `${what}: ${String(plan)}`,
      );
    for (const tensor of [...there, ...here]) tensor.dispose();
    return String(plan);
  } finally {
    plan.dispose();
  }
}
