// Chains of transformations and optimisers, schedules, averages of iterates, annealing on plateaus.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  CotangentError,
  compile,
  matmul,
  mean,
  memory,
  optim,
  scope,
  square,
  sub,
  Tensor,
  tanh,
  tensor,
  valueAndGrad,
  zeros,
} from '#src/index.js';
import { near, numbers, property, rejects } from '../support/check.js';

const look = (tree: unknown) => JSON.stringify(tree, (_, x) => (x?.toArray ? x.toArray() : x));

test('the global norm comes down to the limit, in direction of the gradients, and not up', () => {
  property(fc.tuple(fc.nat(1e6), fc.double({ min: 0.01, max: 10, noNaN: true })), ([seed, limit]) =>
    scope(() => {
      const params = { a: zeros([7]), b: zeros([2, 2], { dtype: 'f32' }) };
      const grads = {
        a: tensor(numbers(7, seed)),
        b: tensor(numbers(4, seed + 1), { shape: [2, 2], dtype: 'f32' }),
      };
      const clip = optim.clipByGlobalNorm(limit);
      const { grads: clipped } = clip.transform(grads, clip.init(params), params);
      const flat = ({ a, b }: typeof grads) => [...a.data(), ...b.data()];
      const norm = Math.hypot(...flat(grads));
      const factor = Math.min(1, limit / norm);
      near(
        flat(clipped),
        flat(grads).map((x) => factor * x),
        1e-6 * limit,
      );
    }),
  );
});

test('a norm too large for f32 is clipped all the same, one that is not finite is not', () =>
  scope(() => {
    const clip = optim.clipByGlobalNorm(1);
    const params = zeros([2], { dtype: 'f32' });
    const at = (values: number[]) =>
      clip.transform(tensor(values, { dtype: 'f32' }), {}, params).grads.toArray();
    near(at([3e38, 3e38]) as number[], [Math.SQRT1_2, Math.SQRT1_2], 1e-6);
    assert.equal(at([Number.POSITIVE_INFINITY, 1]), [Number.POSITIVE_INFINITY, 1]);
  }));

test('values are cut, NaN stays, in vectors and in tails', () => {
  property(fc.tuple(fc.nat(1e6), fc.integer({ min: 0, max: 19 })), ([seed, n]) =>
    scope(() => {
      for (const dtype of ['f64', 'f32'] as const) {
        const values = numbers(n, seed);
        if (n > 3) [values[0], values[n - 1]] = [Number.NaN, Number.NEGATIVE_INFINITY];
        const clip = optim.clipByValue(0.5);
        const grads = tensor(values, { dtype });
        near(
          clip.transform(grads, {}, grads).grads.data(),
          Array.from(grads.data(), (x) => (x > 0.5 ? 0.5 : x < -0.5 ? -0.5 : x)),
          0,
        );
      }
    }),
  );
});

test('a chain with weight decay is the optimiser with weight decay; in place and pure agree; gradients stay', () =>
  scope(() => {
    const params = [tensor(numbers(9, 1)), tensor(numbers(5, 2))];
    const grads = [tensor(numbers(9, 3)), tensor(numbers(5, 4))];
    const own = optim.adam({ learningRate: 0.1, weightDecay: 0.3 });
    const composed = optim.chain(optim.addWeightDecay(0.3), optim.adam({ learningRate: 0.1 }));
    const want = own.update(params, grads, own.init(params)).params;
    const state = composed.init(params);
    const before = [params, grads, state].map(look);
    const got = composed.update(params, grads, state);
    assert.equal([params, grads, state].map(look), before);
    got.params.forEach((leaf, i) => {
      near(leaf.data(), want[i].data(), 1e-15);
    });
    const bytes = memory();
    composed.step(params, grads, state);
    assert.equal(memory(), bytes);
    assert.equal([params, grads, state].map(look), [look(got.params), before[1], look(got.state)]);
  }));

test('transformations run in order, chains nest, and own ones have a state', () =>
  scope(() => {
    const count = optim.transformation({
      name: 'count',
      init: () => ({ calls: 0 }),
      apply(grads, state) {
        state.calls++;
        for (const g of grads) g.data().fill(state.calls);
      },
    });
    const clipped = optim.chain(count, optim.clipByValue(1.5), optim.sgd({ learningRate: 1 }));
    const optimizer = optim.chain(
      optim.addWeightDecay(() => 0),
      clipped,
    );
    const params = zeros([1]);
    const state = optimizer.init(params);
    for (let k = 0; k < 3; k++) optimizer.step(params, zeros([1]), state);
    near(params.data(), [-(1 + 1.5 + 1.5)], 0);
    assert.match(optimizer.name, /chain\(addWeightDecay, chain\(count, clipByValue, sgd\)\)/);
    rejects(() => optim.chain(count as never), CotangentError, /last part must be an optimiser/);
    rejects(() => optim.chain(optim.adam as never), CotangentError, /call it/);
    rejects(() => optim.chain(optim.sgd() as never, optim.sgd()), CotangentError, /must be a transformation/);
    rejects(() => optim.transformation({ name: 'x' } as never), CotangentError, /apply/);
    rejects(() => optimizer.step(params, params, { step: 0 } as never), CotangentError, /state must be what/);
    rejects(() => optim.clipByGlobalNorm(-1), CotangentError, /limit/);
    rejects(() => optim.clipByValue(Number.NaN), CotangentError, /limit/);
    rejects(() => optim.addWeightDecay(-1), CotangentError, /decay/);
  }));

test('a training loop: compiled gradients, steps in place, memory that stays; a state saved and loaded goes on alike', () =>
  scope(() => {
    const [x, y] = [
      tensor(numbers(64 * 3, 1), { shape: [64, 3] }),
      tensor(numbers(64, 2), { shape: [64, 1] }),
    ];
    type Params = { w: Tensor; v: Tensor };
    const loss = ({ w, v }: Params) => mean(square(sub(matmul(tanh(matmul(x, w)), v), y)));
    const gradient = compile(valueAndGrad(loss));
    const params = {
      w: tensor(numbers(24, 3), { shape: [3, 8] }),
      v: tensor(numbers(8, 4), { shape: [8, 1] }),
    };
    const optimizer = optim.chain(optim.clipByGlobalNorm(1), optim.adam({ learningRate: 0.03 }));
    const state = optimizer.init(params);
    const train = (p: Params, s: typeof state, steps: number) => {
      let value = Number.NaN;
      for (let k = 0; k < steps; k++) {
        const { value: at, grad } = gradient(p);
        value = at.item();
        optimizer.step(p, grad, s);
      }
      return value;
    };
    const first = train(params, state, 1);
    const before = memory();
    train(params, state, 300);
    assert.equal(memory(), before);
    const revive = <T>(tree: T): T =>
      Array.isArray(tree)
        ? (tree.map(revive) as T)
        : tree instanceof Tensor
          ? (tensor(tree.toTypedArray(), { shape: tree.shape }) as T)
          : typeof tree === 'object'
            ? (Object.fromEntries(Object.entries(tree as object).map(([k, v]) => [k, revive(v)])) as T)
            : tree;
    const [loadedParams, loadedState] = [revive(params), revive(state)];
    const last = train(params, state, 20);
    assert.is(train(loadedParams, loadedState, 20), last);
    assert.equal(look([loadedParams, loadedState]), look([params, state]));
    assert.ok(last < 0.8 * first, `${last} after ${first}`);
    gradient.dispose();
  }));

test('schedules: values at chosen steps', () => {
  const s = optim.schedules;
  const at = (schedule: (step: number) => number, steps: number[]) => steps.map(schedule);
  near(at(s.constant(2), [0, 9]), [2, 2], 0);
  near(at(s.exponential({ initial: 1, rate: 0.5, every: 2 }), [0, 1, 2]), [1, Math.SQRT1_2, 0.5], 1e-15);
  near(at(s.exponential({ initial: 1, rate: 0.5, every: 2, staircase: true }), [1, 2, 3]), [1, 0.5, 0.5], 0);
  near(at(s.exponential({ initial: 1, rate: 0.5, final: 0.3 }), [9]), [0.3], 0);
  near(at(s.step({ initial: 1, every: 30 }), [0, 29, 30, 60]), [1, 1, 0.1, 0.01], 1e-16);
  near(at(s.linear({ initial: 1, final: 0, steps: 4 }), [0, 1, 4, 9]), [1, 0.75, 0, 0], 0);
  near(at(s.cosine({ initial: 3, final: 1, steps: 10 }), [0, 5, 10, 99]), [3, 2, 1, 1], 1e-15);
  const restarts = s.cosineRestarts({ initial: 1, period: 10, multiply: 2 });
  near(at(restarts, [0, 5, 10, 20, 30, 50]), [1, 0.5, 1, 0.5, 1, 0.5], 1e-15);
  near(at(s.cosineRestarts({ initial: 1, period: 4 }), [2, 4, 6]), [0.5, 1, 0.5], 1e-15);
  const warm = s.warmup({ steps: 10, next: s.linear({ initial: 1, final: 0, steps: 10 }) });
  near(at(warm, [0, 5, 10, 15, 20]), [0, 0.5, 1, 0.5, 0], 1e-15);
  near(at(s.warmup({ steps: 4, next: 2, from: 1 }), [0, 2, 4, 9]), [1, 1.5, 2, 2], 0);
  near(at(s.piecewise({ boundaries: [2, 4], values: [3, 2, 1] }), [0, 1, 2, 3, 4, 9]), [3, 3, 2, 2, 1, 1], 0);
  const bad: [() => unknown, RegExp][] = [
    [() => s.constant(Number.NaN), /constant: value/],
    [() => s.exponential({ initial: 1, rate: 1, every: 0 }), /exponential: every/],
    [() => s.cosine({ initial: 1, steps: -1 }), /cosine: steps/],
    [() => s.cosineRestarts({ initial: 1, period: 5, multiply: 0.5 }), /cosineRestarts: multiply/],
    [() => s.warmup({ steps: 1.5, next: 1 }), /warmup: steps/],
    [() => s.piecewise({ boundaries: [2, 1], values: [1, 2, 3] }), /boundaries must increase/],
    [() => s.piecewise({ boundaries: [2], values: [1] }), /one number more/],
    [() => s.step(undefined as never), /step: options must be an object/],
  ];
  for (const [run, message] of bad) rejects(run, CotangentError, message);
});

test('averages are the mean of all, or the exponential mean, of the parameters', () => {
  property(fc.tuple(fc.nat(1e6), fc.constantFrom(undefined, 0, 0.5, 0.9)), ([seed, decay]) =>
    scope(() => {
      const mean = optim.averaging(decay === undefined ? {} : { decay });
      const trail = Array.from({ length: 6 }, (_, k) => numbers(11, seed + k));
      const params = { w: zeros([11]) };
      let pure = mean.init(params);
      const state = mean.init(params);
      for (const values of trail) {
        params.w.data().set(values);
        pure = mean.update(params, pure);
        mean.step(params, state);
      }
      assert.equal(look(pure), look(state));
      const want = trail[0].map((_, i) =>
        decay === undefined
          ? trail.reduce((sum, values) => sum + values[i], 0) / trail.length
          : trail.slice(1).reduce((y, values) => decay * y + (1 - decay) * values[i], trail[0][i]),
      );
      near((state.average as typeof params).w.data(), want, 1e-14);
    }),
  );
  rejects(() => optim.averaging({ decay: 1 }), CotangentError, /decay/);
});

test('a plateau reduces the scale after its patience, waits, and does not go below the least', () => {
  const plateau = optim.reduceOnPlateau({ factor: 0.5, patience: 1, cooldown: 1, least: 0.25 });
  let state = plateau.init();
  const first = JSON.stringify(state);
  const scales = [5, 4, 4, 4, 4, 4, 4, Number.NaN, 4, 4, 4].map((metric) => {
    const next = plateau.update(metric, state);
    state = next.state;
    return next.scale;
  });
  assert.equal(scales, [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.25]);
  assert.is(JSON.stringify(plateau.init()), first);
  const rising = optim.reduceOnPlateau({ mode: 'max', patience: 0 });
  const { state: one } = rising.update(1, rising.init());
  assert.is(rising.update(2, one).scale, 1);
  assert.is(rising.update(1, one).scale, 0.1);
  rejects(() => optim.reduceOnPlateau({ factor: 1 }), CotangentError, /factor/);
  rejects(() => optim.reduceOnPlateau({ mode: 'up' as never }), CotangentError, /mode/);
  rejects(() => plateau.update('1' as never, state), CotangentError, /update takes a number/);
});

test.run();
