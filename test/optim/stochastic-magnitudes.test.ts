// Optimizers with squares of gradients, at gradients whose squares overflow or underflow: steps as with unlimited exponents.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { matmul, memory, optim, scope, type Tensor, tensor, zeros } from '#src/index.js';
import { near, numbers, property } from '../support/check.js';

type Options = Record<string, number | boolean>;
const MAKERS = { adam: optim.adam, adamw: optim.adamw, rmsprop: optim.rmsprop, adagrad: optim.adagrad };
type Kind = keyof typeof MAKERS;
const make = (kind: Kind, options: Options) => MAKERS[kind](options) as optim.Optimizer;

const ALL: [Kind, Options][] = [
  ['adam', {}],
  ['adam', { amsgrad: true }],
  ['adamw', { weightDecay: 0.1 }],
  ['adamw', { amsgrad: true, beta2: 0.3 }],
  ['rmsprop', {}],
  ['rmsprop', { centered: true }],
  ['rmsprop', { momentum: 0.5 }],
  ['rmsprop', { centered: true, momentum: 0.5, alpha: 0.6 }],
  ['adagrad', {}],
];

/** The parameters after each of these gradients, all of which have n equal elements but for one. */
function trajectory(
  [kind, options]: [Kind, Options],
  dtype: 'f32' | 'f64',
  gradients: number[][],
): { params: number[][]; state: unknown } {
  return scope(() => {
    const optimizer = make(kind, { learningRate: 0.1, ...options });
    const params: Tensor = zeros([gradients[0].length], { dtype });
    const state = optimizer.init(params);
    const seen = gradients.map((g) => {
      optimizer.step(params, tensor(g, { dtype }), state);
      return Array.from(params.data());
    });
    const plain = JSON.stringify(state, (_, x) => (x?.toArray ? x.toArray() : x));
    return { params: seen, state: JSON.parse(plain) };
  });
}

test('the first step of a gradient of 1e25 in f32 is that of any other', () => {
  for (const n of [1, 3, 8, 21])
    for (const gradient of [1e25, -1e25, 1e19, 3e38, 1e-15]) {
      const step = (kind: Kind, options: Options) =>
        trajectory([kind, options], 'f32', [new Array(n).fill(gradient)]).params[0];
      const want = new Array(n).fill(-0.1 * Math.sign(gradient));
      near(step('adam', { epsilon: 0 }), want, 1e-7);
      near(step('adam', { epsilon: 0, amsgrad: true }), want, 1e-7);
      near(step('adagrad', { epsilon: 0 }), want, 1e-7);
      near(step('rmsprop', { epsilon: 0, alpha: 0 }), want, 1e-7);
      if (Math.abs(gradient) > 1) near(step('adam', {}), want, 1e-7);
    }
});

test('trajectories over the whole range of f32 are those of f64', () =>
  property(
    fc.record({
      which: fc.constantFrom(...ALL),
      epsilon: fc.constantFrom(undefined, 1e-8, 0),
      n: fc.integer({ min: 1, max: 21 }),
      exponents: fc.array(fc.integer({ min: -25, max: 37 }), { minLength: 2, maxLength: 12 }),
      seed: fc.nat(1e6),
    }),
    ({ which: [kind, options], epsilon, n, exponents, seed }) => {
      const all: Options = epsilon === undefined ? options : { ...options, epsilon };
      const gradients = exponents.map((e, k) =>
        numbers(n, seed + k).map((x, i) =>
          Math.fround((x + Math.sign(x) / 2) * 10 ** (i % 3 === 1 ? e / 2 : e)),
        ),
      );
      const [got, want] = (['f32', 'f64'] as const).map((dtype) => trajectory([kind, all], dtype, gradients));
      got.params.forEach((step, k) => {
        near(step, want.params[k], (i) => 1e-4 * (1 + Math.abs(want.params[k][i])), `${kind} at ${k}`);
      });
    },
    300,
  ));

test('without epsilon, gradients times a power of two give the same steps, in either dtype', () =>
  property(
    fc.record({
      which: fc.constantFrom(...ALL.filter(([, { weightDecay }]) => weightDecay === undefined)),
      dtype: fc.constantFrom('f32' as const, 'f64' as const),
      n: fc.integer({ min: 1, max: 21 }),
      share: fc.double({ min: -1, max: 1, noNaN: true }),
      seed: fc.nat(1e6),
    }),
    ({ which: [kind, options], dtype, n, share, seed }) => {
      const factor = 2 ** Math.round(share * (dtype === 'f64' ? 950 : 100));
      const gradients = [1, 2, 3, 4, 5].map((k) =>
        numbers(n, seed + k).map((x) => Math.fround(x + Math.sign(x) / 2)),
      );
      const run = (by: number) =>
        trajectory(
          [kind, { ...options, epsilon: 0 }],
          dtype,
          gradients.map((g) => g.map((x) => x * by)),
        ).params;
      const [got, want] = [run(factor), run(1)];
      const unit = dtype === 'f64' ? 1e-12 : 2e-5;
      got.forEach((step, k) => {
        near(step, want[k], (i) => unit * (1 + Math.abs(want[k][i])), `${kind} at ${k}`);
      });
    },
    300,
  ));

test('one huge gradient is forgotten as in f64, and leaves its neighbours alone', () => {
  for (const [kind, options] of ALL) {
    const steps = 400;
    const gradients = Array.from({ length: steps }, (_, k) =>
      Array.from({ length: 13 }, (_, i) => (k === 3 && i === 6 ? 1e25 : Math.fround(0.5 + ((i + k) % 5)))),
    );
    const [got, want] = (['f32', 'f64'] as const).map((dtype) =>
      trajectory([kind, { ...options, ...(kind === 'rmsprop' && { alpha: 0.6 }) }], dtype, gradients),
    );
    near(
      got.params[steps - 1],
      want.params[steps - 1],
      (i) => 1e-3 * (1 + Math.abs(want.params[steps - 1][i])),
    );
    if (kind !== 'rmsprop') continue;
    assert.ok(
      (got.state as { variance: number[] }).variance.every((v) => v > 0),
      'squares again',
    );
  }
});

test('stochastic L-BFGS goes on after a huge gradient', () =>
  scope(() => {
    const optimizer = optim.stochasticLbfgs({ learningRate: 0.5 });
    const params = tensor([3, -2], { dtype: 'f32' });
    const A = tensor(
      [
        [2, 0.5],
        [0.5, 1],
      ],
      { dtype: 'f32' },
    );
    const state = optimizer.init(params);
    let calls = 0;
    for (let k = 0; k < 60; k++)
      optimizer.step(
        params,
        (p: Tensor) => (++calls === 8 ? tensor([1e25, -1e25], { dtype: 'f32' }) : matmul(A, p)),
        state,
      );
    near(params.data(), [0, 0], 1e-3);
  }));

test('clipping by the global norm works where the norm, or the factor, leaves the range of the dtype', () =>
  scope(() => {
    const clip = (limit: number, values: number[], dtype: 'f32' | 'f64') => {
      const g = tensor(values, { dtype });
      optim.clipByGlobalNorm(limit).apply([g], {}, [g]);
      return Array.from(g.data());
    };
    near(clip(5, [3e38, 3e38], 'f32'), [5 * Math.SQRT1_2, 5 * Math.SQRT1_2], 1e-6);
    near(clip(5, [3e25, -4e25], 'f32'), [3, -4], 1e-6);
    near(clip(5e-20, [3e25, -4e25], 'f32'), [3e-20, -4e-20], 1e-26);
    near(clip(5, [1.2e308, -1.6e308], 'f64'), [3, -4], 1e-15);
    near(clip(1, [3e-30, -4e-30], 'f32'), [Math.fround(3e-30), Math.fround(-4e-30)], 0);
    assert.equal(clip(1, [Number.POSITIVE_INFINITY, 1], 'f64'), [Number.POSITIVE_INFINITY, 1]);
    assert.ok(Number.isNaN(clip(1, [Number.NaN, 1], 'f64')[0]));
    assert.is(clip(1, [Number.NaN, 1], 'f64')[1], 1);
  }));

test('nothing is left behind', () => {
  const before = memory();
  for (const which of ALL) trajectory(which, 'f32', [[1e25, 1]]);
  assert.equal(memory(), { ...before, heapBytes: memory().heapBytes });
});

test.run();
