// Random programs as the step of a loop: values and derivatives are those of the loop written out.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  compile,
  grad,
  jvp,
  memory,
  mul,
  reshape,
  scan,
  scope,
  slice,
  sum,
  type Tensor,
  tanh,
  tensor,
} from '#src/index.js';
import { near, seed } from '../support/check.js';
import { Dice, randomProgram } from '../support/random-programs.js';
import { type Scan, unrolled } from '../support/recurrences.js';

const count = Number(process.env.PROGRAMS ?? 200);

const numbersOf = (x: Tensor) => Array.from(x.data());
const finite = (x: Tensor) => numbersOf(x).every((v) => Number.isFinite(v) && Math.abs(v) < 1e6);

function same(got: Tensor, want: Tensor, what: string): void {
  const numbers = numbersOf(want);
  near(numbersOf(got), numbers, 1e-8 * numbers.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-2), what);
}

/** Runs a program step after step; the first input is the carry, moved a little by what the program gives, the others are captured. */
function check(index: number): void {
  const { inputs, run } = randomProgram(index);
  const dice = new Dice(index);
  const [first, ...others] = inputs;
  const [length, reverse] = [1 + dice.int(4), dice.int(2) === 0];
  const checkpoint = dice.pick(['none', 'sqrt', 'binomial', 'log', { snapshots: 2 }] as const);
  const xs = dice.int(2) === 0 ? undefined : tensor(Array.from({ length }, () => dice.next()));
  const loop = (by: Scan, init: Tensor, captured: readonly Tensor[]) => {
    const step = (carry: unknown, x: unknown) => {
      const results = run(carry as Tensor, ...captured);
      const total = results.reduce((s, y) => add(s, sum(y)), tensor(0));
      const moved = xs === undefined ? total : mul(total, x as Tensor);
      return { carry: add(carry as Tensor, mul(1e-3, tanh(moved))), y: results };
    };
    const { carry, ys } = by(step, init, xs, { length, reverse, checkpoint });
    const all = [carry as Tensor, ...(ys as Tensor[])];
    return all.reduce((s, y, i) => add(s, mul(sum(y), 1 / (i + 2))), tensor(0));
  };
  const sizes = inputs.map(({ size }) => size);
  const theta = tensor(inputs.flatMap(numbersOf));
  const of = (by: Scan) => (t: Tensor) => {
    let at = 0;
    const parts = [first, ...others].map((x, i) => reshape(slice(t, [at], [(at += sizes[i])]), x.shape));
    return loop(by, parts[0], parts.slice(1));
  };
  const [f, g] = [of(scan as Scan), of(unrolled)];
  const want = g(theta);
  if (!finite(want)) return;
  same(f(theta), want, 'value');
  using plan = compile(f);
  same(plan(theta), want, 'compiled value');
  const gradient = grad(g)(theta) as Tensor;
  if (!finite(gradient)) return;
  same(grad(f)(theta) as Tensor, gradient, 'gradient');
  using back = compile(grad(f));
  same(back(theta), gradient, 'compiled gradient');
  const t = tensor(numbersOf(theta).map(() => 2 * dice.next() - 1));
  const along = (h: (x: Tensor) => Tensor) => (x: Tensor) => jvp(h, [x], [t]).tangent as Tensor;
  const tangent = along(g)(theta);
  same(along(f)(theta), tangent, 'tangent');
  using forward = compile(along(f));
  same(forward(theta), tangent, 'compiled tangent');
  if (index % 4 !== 0) return;
  const second = along(grad(g) as (x: Tensor) => Tensor)(theta);
  if (!finite(second)) return;
  using mixed = compile(along(grad(f) as (x: Tensor) => Tensor));
  same(mixed(theta), second, 'compiled Hessian-vector product');
}

test(`loops of ${count} random programs (seed ${seed})`, () => {
  for (let i = 0; i < count; i++) {
    const before = memory();
    try {
      scope(() => check(seed + i));
    } catch (error) {
      (error as Error).message +=
        `\nSEED=${seed + i} PROGRAMS=1\n${scope(() => randomProgram(seed + i).text)}`;
      throw error;
    }
    const after = memory();
    assert.equal(
      [after.tensors, after.bytes],
      [before.tensors, before.bytes],
      `SEED=${seed + i} left something`,
    );
  }
});

test.run();
