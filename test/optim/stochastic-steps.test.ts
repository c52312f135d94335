// SGD, Adam, AdamW, RMSProp, Adagrad: against trajectories of independent software, and against their formulas element by element.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  CotangentError,
  grad,
  matmul,
  memory,
  mul,
  ones,
  optim,
  scope,
  sub,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { EPSILON, near, numbers, property, rejects } from '../support/check.js';

type Options = Record<string, number | boolean>;
const OPTIMIZERS = {
  sgd: optim.sgd,
  adam: optim.adam,
  adamw: optim.adamw,
  rmsprop: optim.rmsprop,
  adagrad: optim.adagrad,
};
type Kind = keyof typeof OPTIMIZERS;
const make = (kind: Kind, o: Options) => OPTIMIZERS[kind](o) as optim.Optimizer;

/** One number and what is remembered for it. */
interface Twin {
  p: number;
  a: number;
  b: number;
  c: number;
  top: number;
}

/** PyTorch's formulas, for one number at step k (from 1), all options given. */
function twin(kind: Kind, o: Options, s: Twin, gradient: number, k: number): void {
  const of = (name: string) => Number(o[name]);
  const decoupled = kind === 'adamw';
  const g = gradient + (decoupled ? 0 : of('weightDecay') * s.p);
  if (kind === 'sgd') {
    s.a = k === 1 ? g : of('momentum') * s.a + (1 - of('dampening')) * g;
    const d = of('momentum') === 0 ? g : o.nesterov ? g + of('momentum') * s.a : s.a;
    s.p -= of('learningRate') * d;
  } else if (kind === 'rmsprop') {
    s.a = of('alpha') * s.a + (1 - of('alpha')) * g * g;
    s.b += (1 - of('alpha')) * (g - s.b);
    const root = Math.sqrt(o.centered ? Math.max(0, s.a - s.b * s.b) : s.a) + of('epsilon');
    s.c = of('momentum') * s.c + g / root;
    s.p -= of('learningRate') * s.c;
  } else if (kind === 'adagrad') {
    s.a += g * g;
    const rate = of('learningRate') / (1 + (k - 1) * of('learningRateDecay'));
    s.p -= (rate * g) / (Math.sqrt(s.a) + of('epsilon'));
  } else {
    if (decoupled) s.p *= 1 - of('learningRate') * of('weightDecay');
    s.a = of('beta1') * s.a + (1 - of('beta1')) * g;
    s.b = of('beta2') * s.b + (1 - of('beta2')) * g * g;
    s.top = Math.max(s.top, s.b);
    const v = (o.amsgrad ? s.top : s.b) / (1 - of('beta2') ** k);
    s.p -= (of('learningRate') * (s.a / (1 - of('beta1') ** k))) / (Math.sqrt(v) + of('epsilon'));
  }
}

const fraction = fc.double({ min: 0, max: 0.99, noNaN: true });
const decay = fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 0.3, noNaN: true }));
const rate = fc.double({ min: 1e-3, max: 0.1, noNaN: true });
const epsilon = fc.constantFrom(1e-8, 1e-3, 0.1);
const kinds: fc.Arbitrary<[Kind, Options]> = fc.oneof(
  fc
    .record({ learningRate: rate, momentum: fraction, dampening: fraction, weightDecay: decay })
    .map((o): [Kind, Options] => ['sgd', o]),
  fc
    .record({
      learningRate: rate,
      momentum: fc.double({ min: 0.1, max: 0.9, noNaN: true }),
      weightDecay: decay,
    })
    .map((o): [Kind, Options] => ['sgd', { ...o, nesterov: true, dampening: 0 }]),
  fc
    .record({
      learningRate: rate,
      beta1: fraction,
      beta2: fraction,
      epsilon,
      weightDecay: decay,
      amsgrad: fc.boolean(),
    })
    .chain((o) => fc.constantFrom<[Kind, Options]>(['adam', o], ['adamw', o])),
  fc
    .record({
      learningRate: rate,
      // With less, the variance of the centred form is a difference of almost equal numbers.
      alpha: fc.double({ min: 0.5, max: 0.99, noNaN: true }),
      epsilon: fc.constantFrom(0.01, 0.1),
      momentum: fc.oneof(fc.constant(0), fraction),
      centered: fc.boolean(),
      weightDecay: decay,
    })
    .map((o): [Kind, Options] => ['rmsprop', o]),
  fc
    .record({ learningRate: rate, learningRateDecay: decay, epsilon, weightDecay: decay })
    .map((o): [Kind, Options] => ['adagrad', o]),
);
const sizes = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 3 });
const cases = fc.record({
  kind: kinds,
  sizes,
  dtype: fc.constantFrom('f64' as const, 'f32' as const),
  seed: fc.nat(1e6),
});

test('trajectories of independent software', () => {
  const { A, b, x0, runs } = JSON.parse(
    readFileSync('test/fixtures/optimizer-trajectories.json', 'utf8'),
  ) as {
    A: { shape: number[]; data: number[] };
    b: number[];
    x0: number[];
    runs: { name: string; hyper: Record<string, number & number[]>; x: { data: number[] } }[];
  };
  assert.is(runs.length, 4);
  scope(() => {
    const [a, right] = [tensor(A.data, { shape: A.shape }), tensor(b)];
    const f = (x: Tensor) => sub(mul(sum(mul(x, matmul(a, x))), 0.5), sum(mul(right, x)));
    for (const { name, hyper, x } of runs) {
      const options: Options = { learningRate: hyper.lr };
      if (hyper.momentum) options.momentum = hyper.momentum;
      if (hyper.nesterov) options.nesterov = true;
      if (hyper.betas) [options.beta1, options.beta2] = hyper.betas;
      if (hyper.eps) options.epsilon = hyper.eps;
      const optimizer = make(name.startsWith('adam') ? 'adam' : 'sgd', options);
      let params: Tensor = tensor(x0);
      let state = optimizer.init(params);
      for (let k = 1; k <= 10; k++) {
        ({ params, state } = optimizer.update(params, grad(f)(params), state));
        near(params.data(), x.data.slice(4 * k, 4 * k + 4), 1e-11, `${name} step ${k}`);
      }
    }
  });
});

test('every optimiser is its formula, element by element, in trees, in f64 and f32', () => {
  property(
    cases,
    ({ kind: [kind, options], sizes, dtype, seed }) =>
      scope(() => {
        const optimizer = make(kind, options);
        const round = dtype === 'f64' ? (x: number) => x : Math.fround;
        const params = sizes.map((n, i) => tensor(numbers(n, seed + i), { dtype }));
        const twins = params.map((leaf) =>
          Array.from(leaf.data(), (p): Twin => ({ p, a: 0, b: 0, c: 0, top: 0 })),
        );
        const state = optimizer.init(params);
        const steps = 5;
        for (let k = 1; k <= steps; k++) {
          // Away from 0, where g / (√g² + ε) makes much of rounding.
          const values = sizes.map((n, i) =>
            numbers(n, seed + 17 * k + i).map((x) => round(x + Math.sign(x) / 2)),
          );
          optimizer.step(
            params,
            values.map((v) => tensor(v, { dtype })),
            state,
          );
          twins.forEach((leaf, i) => {
            leaf.forEach((s, j) => {
              twin(kind, options, s, values[i][j], k);
            });
          });
        }
        assert.is(state.step, steps);
        params.forEach((leaf, i) => {
          near(
            leaf.data(),
            twins[i].map(({ p }) => p),
            2000 * EPSILON[dtype],
            `${kind} ${JSON.stringify(options)}`,
          );
        });
      }),
    150,
  );
});

test('long vectors, which the kernels take in pieces, are treated as short ones are', () =>
  scope(() => {
    const [n, period] = [20_013, 24];
    const repeat = (values: number[]) => tensor(Array.from({ length: n }, (_, i) => values[i % period]));
    const all: [Kind, Options][] = [
      ['sgd', {}],
      ['sgd', { momentum: 0.9 }],
      ['sgd', { momentum: 0.9, nesterov: true }],
      ['adam', { weightDecay: 0.1 }],
      ['adamw', {}],
      ['adam', { amsgrad: true, weightDecay: 0.1 }],
      ['adamw', { amsgrad: true }],
      ['rmsprop', {}],
      ['rmsprop', { centered: true }],
      ['rmsprop', { momentum: 0.9 }],
      ['rmsprop', { centered: true, momentum: 0.9 }],
    ];
    for (const [kind, options] of all) {
      const optimizer = make(kind, options);
      const [start, slope] = [numbers(period, 1), numbers(period, 2)];
      const [short, long] = [tensor(start), repeat(start)];
      const [shortState, longState] = [optimizer.init(short), optimizer.init(long)];
      const [shortGradient, longGradient] = [tensor(slope), repeat(slope)];
      for (let k = 0; k < 3; k++) {
        optimizer.step(short, shortGradient, shortState);
        optimizer.step(long, longGradient, longState);
      }
      const want = short.data();
      near(long.data(), repeat(Array.from(want)).data(), 1e-14, `${kind} ${JSON.stringify(options)}`);
    }
  }));

test('update leaves what it is given alone, and step gives the same bits in place', () => {
  property(cases, ({ kind: [kind, options], sizes, dtype, seed }) =>
    scope(() => {
      const optimizer = make(kind, options);
      const params = { w: sizes.map((n, i) => tensor(numbers(n, seed + i), { dtype })) };
      const grads = { w: sizes.map((n, i) => tensor(numbers(n, seed + 9 + i), { dtype })) };
      const state = optimizer.init(params);
      const look = (tree: unknown) => JSON.stringify(tree, (_, x) => (x?.toArray ? x.toArray() : x));
      const before = [params, grads, state].map(look);
      const once = optimizer.update(params, grads, state);
      assert.equal([params, grads, state].map(look), before);
      const twice = optimizer.update(once.params, grads, once.state);
      optimizer.step(params, grads, state);
      optimizer.step(params, grads, state);
      assert.equal([params, state].map(look), [twice.params, twice.state].map(look));
      assert.equal(look(grads), before[1]);
    }),
  );
});

test('gradients that overflow when squared, NaN, and an epsilon of 0 do not spread to other elements', () =>
  scope(() => {
    for (const dtype of ['f64', 'f32'] as const) {
      for (const epsilon of [1e-8, 0]) {
        const optimizer = optim.adam({ learningRate: 0.1, epsilon });
        const params = zeros([20], { dtype });
        const state = optimizer.init(params);
        const values = Array.from({ length: 20 }, () => 1);
        values[2] = dtype === 'f64' ? 1e200 : 1e30;
        values[9] = Number.NaN;
        optimizer.step(params, tensor(values, { dtype }), state);
        const got = Array.from(params.data());
        assert.ok(Number.isNaN(got[9]));
        assert.ok(Number.isFinite(got[2]));
        got[2] = got[9] = -0.1;
        near(got, Array(20).fill(-0.1), 1e-6);
      }
    }
  }));

test('a schedule is asked for the number of steps taken', () =>
  scope(() => {
    const asked: number[] = [];
    const learningRate = (step: number) => {
      asked.push(step);
      return 1 / (step + 1);
    };
    const optimizer = optim.sgd({ learningRate });
    const params = zeros([1]);
    const state = optimizer.init(params);
    for (let k = 0; k < 3; k++) optimizer.step(params, ones([1]), state);
    assert.equal(asked, [0, 1, 2]);
    near(params.data(), [-(1 + 1 / 2 + 1 / 3)], 1e-15);
    rejects(
      () => optim.sgd({ learningRate: () => Number.NaN }).step(params, params, { step: 0 }),
      CotangentError,
      /schedule learningRate must give a finite number/,
    );
  }));

test('10,000 steps leave nothing behind, and take no memory', () => {
  for (const kind of Object.keys(OPTIMIZERS) as Kind[]) {
    scope(() => {
      const optimizer = make(kind, {});
      const [params, grads] = [
        { w: [zeros([33])], b: zeros([]) },
        { w: [ones([33])], b: ones([]) },
      ];
      const state = optimizer.init(params);
      const before = memory();
      for (let k = 0; k < 10_000; k++) optimizer.step(params, grads, state);
      assert.equal(memory(), before);
      assert.is(state.step, 10_000);
      scope(() => void optimizer.update(params, grads, state));
      assert.equal(memory().bytes, before.bytes);
    });
  }
});

test('wrong options and arguments are named', () =>
  scope(() => {
    const bad: [() => unknown, RegExp][] = [
      [() => optim.sgd({ learningRate: -1 }), /sgd: learningRate must be a finite number/],
      [() => optim.sgd({ nesterov: true }), /sgd: nesterov needs a momentum/],
      [() => optim.sgd({ momentum: -1 }), /sgd: momentum/],
      [() => optim.adam({ beta1: 1 }), /adam: beta1 must lie in \[0, 1\), got 1/],
      [() => optim.adamw({ weightDecay: Number.NaN }), /adamw: weightDecay/],
      [() => optim.adam(3 as never), /adam: options must be an object/],
      [() => optim.rmsprop({ alpha: 2 }), /rmsprop: alpha/],
      [() => optim.adagrad({ initialVariance: -1 }), /adagrad: initialVariance/],
    ];
    for (const [run, message] of bad) rejects(run, CotangentError, message);
    const [params, three] = [{ w: zeros([2]) }, zeros([3])];
    const adam = optim.adam();
    const state = adam.init(params);
    const [shared, integers] = [zeros([2]), zeros([2], { dtype: 'i32' })];
    rejects(() => adam.init([shared, shared]), CotangentError, /tensors of their own/);
    rejects(() => adam.init(integers), CotangentError, /params must be f64 or f32/);
    rejects(() => adam.init({}), CotangentError, /params must be a tensor or a tree/);
    for (const run of [adam.update, adam.step]) {
      rejects(() => void run(params, { w: three }, state), CotangentError, /adam: grads must match/);
      rejects(() => void run(params, params.w, state), CotangentError, /adam: grads must have the structure/);
      rejects(() => void run(params, params, {} as never), CotangentError, /state\.step/);
      rejects(() => void run(params, params, undefined as never), CotangentError, /adam: state must be/);
      rejects(() => void run(params, params, { step: 0 } as never), CotangentError, /adam: state\.mean/);
    }
  }));

test.run();
