// Chains: arithmetic that hands its results on runs as one kernel call, with the bits that it has one by one.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chainsOf } from '#src/compiler/chains.js';
import {
  add,
  compile,
  div,
  exp,
  mul,
  neg,
  random,
  square,
  sub,
  type Tensor,
  tensor,
  trace,
} from '#src/index.js';
import { divAlong, mulAlong, mulZero } from '#src/ops/arithmetic.js';
import { bitsOf, property } from '../support/check.js';

type Link = (y: Tensor, x: Tensor) => Tensor;
const links: Record<string, Link> = {
  add: (y, x) => add(y, x),
  sub: (y, x) => sub(y, x),
  'sub from': (y, x) => sub(x, y),
  mul: (y, x) => mul(x, y),
  div: (y, x) => div(y, x),
  'div into': (y, x) => div(x, y),
  neg: (y) => neg(y),
  square: (y) => square(y),
  mulAlong: (y, x) => mulAlong(y, x),
  'along mul': (y, x) => mulAlong(x, y),
  divAlong: (y, x) => divAlong(y, x),
  'along div': (y, x) => divAlong(x, y),
  mulZero: (y, x) => mulZero(y, x),
  'zero mul': (y, x) => mulZero(x, y),
};

/** Normal numbers, of which some are 0, infinite or NaN. */
function withEdges(seed: number, shape: number[], dtype: 'f64' | 'f32'): Tensor {
  const x = random(seed).normal(shape, { dtype });
  const values = x.data();
  for (let i = seed; i < values.length; i += 3) values[i] = [0, -0, Infinity, NaN, 0][i % 5];
  return x;
}

/** A plan's result, and the same without it. */
function compare(f: (...xs: Tensor[]) => Tensor, args: readonly Tensor[], what: string): void {
  const plan = compile(f);
  const want = f(...args);
  for (let i = 0; i < 2; i++) assert.ok(bitsOf(plan(...args)).equals(bitsOf(want)), `bits differ: ${what}`);
  plan.dispose();
  want.dispose();
}

for (const dtype of ['f64', 'f32'] as const) {
  test(`random chains of ${dtype} over whole operands, rows, columns and numbers`, () => {
    property(
      fc.record({
        rows: fc.integer({ min: 1, max: 6 }),
        columns: fc.oneof(fc.integer({ min: 1, max: 80 }), fc.integer({ min: 4000, max: 9000 })),
        steps: fc.array(fc.tuple(fc.constantFrom(...Object.keys(links)), fc.nat({ max: 4 })), {
          minLength: 2,
          maxLength: 12,
        }),
        first: fc.nat({ max: 4 }),
        edges: fc.boolean(),
      }),
      ({ rows, columns, steps, first, edges }) => {
        const shapes = [[rows, columns], [columns], [rows, 1], [], [rows, columns]];
        const args = shapes.map((shape, i) =>
          edges ? withEdges(i, shape, dtype) : random(i).normal(shape, { dtype }),
        );
        const f = (...xs: Tensor[]) => {
          let y = exp(xs[first]);
          for (const [link, operand] of steps) y = links[link](y, xs[operand]);
          return add(y, xs[0]);
        };
        compare(f, args, JSON.stringify({ rows, columns, steps, first, edges }));
        for (const x of args) x.dispose();
      },
      200,
    );
  });
}

for (const dtype of ['f64', 'f32'] as const) {
  test(`random expressions of ${dtype} that read earlier results again`, () => {
    property(
      fc.record({
        rows: fc.integer({ min: 1, max: 4 }),
        columns: fc.oneof(fc.integer({ min: 1, max: 80 }), fc.integer({ min: 4000, max: 9000 })),
        steps: fc.array(fc.tuple(fc.constantFrom(...Object.keys(links), 'exp'), fc.nat(), fc.nat()), {
          minLength: 2,
          maxLength: 24,
        }),
        kept: fc.array(fc.nat(), { maxLength: 3 }),
      }),
      ({ rows, columns, steps, kept }) => {
        const shapes = [[rows, columns], [columns], [rows, 1], []];
        const args = shapes.map((shape, i) => random(i).normal(shape, { dtype }));
        const f = (...xs: Tensor[]) => {
          const values = [add(xs[0], xs[1])];
          const pick = (i: number) => [...values, ...xs][i % (values.length + xs.length)];
          for (const [link, i, j] of steps) {
            // The first operand has all rows and columns, so that all do.
            const y = values[i % values.length];
            values.push(link === 'exp' ? exp(neg(square(y))) : links[link](y, pick(j)));
          }
          return [values[values.length - 1], ...kept.map((i) => values[i % values.length])];
        };
        const plan = compile(f);
        const want = f(...args);
        for (let run = 0; run < 2; run++) {
          const got = plan(...args);
          want.forEach((x, i) => {
            assert.ok(bitsOf(got[i]).equals(bitsOf(x)), `result ${i} differs`);
          });
        }
        plan.dispose();
        for (const x of new Set([...args, ...want])) x.dispose();
      },
      200,
    );
  });
}

test('what passes through a chain takes no memory; what is read twice ends it', () => {
  const lengths = (f: (x: Tensor) => Tensor) => {
    const graph = trace(f, random(1).normal([50]));
    const found = chainsOf(graph.steps, new Set(graph.outputs)).map((chain) => chain.length);
    graph.dispose();
    return found;
  };
  assert.equal(
    lengths((x) => neg(div(sub(1, mul(add(x, x), x)), x))),
    [5],
  );
  assert.equal(
    lengths((x) => add(exp(neg(mul(x, x))), x)),
    [2, 1, 1],
  );
  const twice = (x: Tensor) => {
    const y = mul(x, x);
    return sub(neg(y), y);
  };
  assert.equal(lengths(twice), [1, 2]);
  const n = 3000;
  const plan = compile((x: Tensor) => neg(mul(add(mul(x, 0.5), x), x)));
  plan(random(1).normal([n]));
  assert.ok(plan.bytes < 8 * n + 1000, `${plan.bytes}`);
  plan.dispose();
});

test('integers, results that are needed, and infinities', () => {
  const x = tensor([1, -2, 3, 0, 5, 6, 7], { dtype: 'i32' });
  compare((y) => sub(mul(add(y, y), y), neg(y)), [x], 'i32');
  const wild = tensor([0, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e308, 5e-324, 1]);
  compare((y) => mul(add(div(y, 3), neg(y)), 2), [wild], 'infinities');
  const both = (y: Tensor) => {
    const a = mul(add(y, 1), y);
    return { a, b: sub(neg(a), y) };
  };
  const plan = compile(both);
  const [got, want] = [plan(wild), both(wild)];
  for (const key of ['a', 'b'] as const) assert.ok(bitsOf(got[key]).equals(bitsOf(want[key])), key);
  plan.dispose();
});

test.run();
