// The penalty form of backpropagation: Propositions 1 and 2 of the paper, step by step through automatic differentiation of the energy.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  nn,
  random,
  ShapeError,
  scope,
  type Tensor,
  tensor,
  valueAndGrad,
} from '#src/index.js';
import { near, property, rejects } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';

const layers = (list: unknown[]) => nn.sequential(list as nn.Layer<never>[]);

/** All numbers of a tree, one after the other. */
function numbersOf(tree: unknown): number[] {
  if (Array.isArray(tree)) return tree.flatMap(numbersOf);
  const { data } = tree as Tensor;
  return typeof data === 'function'
    ? [...(tree as Tensor).data()]
    : Object.values(tree as object).flatMap(numbersOf);
}

const dense = layers([
  nn.dense(6),
  nn.activation('tanh'),
  nn.dense(5),
  nn.activation('silu'),
  nn.dense(4, { bias: false }),
  nn.activation('tanh'),
  nn.dense(3),
]);
const convolutions = layers([
  nn.conv(2, [3, 3], { padding: 'same' }),
  nn.activation('tanh'),
  nn.maxPool(2),
  layers([nn.conv(3, [2, 2]), nn.activation('silu'), nn.flatten()]),
  nn.dense(3),
]);
const normalised = layers([nn.flatten(), nn.dense(6), nn.batchNorm(), nn.activation('tanh'), nn.dense(3)]);

const models = [
  ['dense layers', dense, [4]],
  ['convolutions, pooling, a nested model', convolutions, [2, 4, 4]],
  ['a transfer function with parameters of its own', normalised, [2, 3]],
] as const;

for (const [name, model, shape] of models) {
  test(`Proposition 1, ${name}: with gamma = rho = 1/tau the sweep is a step of gradient descent`, () => {
    property(
      fc.record({
        seed: fc.nat(1e6),
        tau: fc.constantFrom(1e-3, 0.1, 1, 7),
        n: fc.integer({ min: 2, max: 6 }),
      }),
      ({ seed, tau, n }) =>
        scope(() => {
          const generator = random(seed);
          const params = model.init(generator, shape, { dtype: 'f64' });
          const x = generator.normal([n, ...shape]);
          const labels = generator.integers([n], 0, 3);
          const swept = nn.penaltySweep(model, params, x, labels, { tau });
          const { grad } = valueAndGrad((p: unknown[]) =>
            nn.crossEntropy(model.apply(p, x, { training: true }), labels),
          )(params);
          const [got, old, gradient] = [swept.params, params, grad].map(numbersOf);
          // A step is the difference of two numbers of the size of the activations.
          near(
            got.map((v, i) => (old[i] - v) / tau),
            gradient,
            1e-13 * (100 + 100 / tau),
            'gradient',
          );
        }),
      12,
    );
  });
}

test('Proposition 2: with proximal steps (11) in the place of (c), the sweep is a step along the direction of proxprop', () => {
  for (const [, model, shape] of models) {
    for (const tauTheta of [0.05, 2]) {
      scope(() => {
        const generator = random(11);
        const params = model.init(generator, shape, { dtype: 'f64' });
        const [x, labels] = [generator.normal([4, ...shape]), generator.integers([4], 0, 3)];
        const tau = 0.3;
        const swept = nn.penaltySweep(model, params, x, labels, { tau, tauTheta });
        const { direction } = nn.proxprop(model, { mode: 'exact', tauTheta }).directionOf(params, x, labels);
        const [got, old, d] = [swept.params, params, direction].map(numbersOf);
        near(
          got,
          old.map((v, i) => v - tau * d[i]),
          1e-12,
          'parameters',
        );
      });
    }
  }
});

test('the energy is that of a plain program, and the loss at a feasible point', () => {
  const model = layers([nn.dense(2), nn.activation('relu'), nn.dense(2)]);
  const params = [
    {
      weight: tensor([
        [1, -2, 0],
        [0.5, 1, 3],
      ]),
      bias: tensor([0.1, -0.2]),
    },
    {},
    {
      weight: tensor([
        [1, 2],
        [-1, 0.5],
      ]),
      bias: tensor([0, 0.3]),
    },
  ];
  const [x, labels] = [
    tensor([
      [1, 2, -1],
      [0, 1, 1],
    ]),
    tensor([1, 0], { dtype: 'i32' }),
  ];
  const feasible = nn.penaltyVariables(model, params, x);
  const loss = nn.crossEntropy(model.apply(params, x), labels).item();
  near([nn.penaltyEnergy(model, params, feasible, x, labels, { gamma: 2, rho: 5 }).item()], [loss], 1e-15);
  const variables = {
    z: [
      tensor([
        [1, -1],
        [2, 0.5],
      ]),
    ],
    a: [
      tensor([
        [0, 1],
        [2, -1],
      ]),
    ],
  };
  // φ(θ_1, x) = [[-2.9, -0.7], [-1.9, 3.8]], σ(z) = [[1, 0], [2, 0.5]], outputs [[2, 0.8], [0, -2.2]].
  const rho = (3.9 ** 2 + 0.3 ** 2 + 3.9 ** 2 + 3.3 ** 2) * (5 / 2);
  const gamma = (1 + 1 + 0 + 1.5 ** 2) * (2 / 2);
  const entropy = (Math.log(1 + Math.exp(2 - 0.8)) + Math.log(1 + Math.exp(-2.2))) / 2;
  const energy = nn.penaltyEnergy(model, params, variables, x, labels, { gamma: 2, rho: 5 }).item();
  near([energy], [rho + gamma + entropy], 1e-12);
});

test('the energy is differentiable in parameters and variables, twice', () => {
  const model = layers([nn.dense(3), nn.activation('tanh'), nn.dense(2)]);
  const generator = random(2);
  const params = model.init(generator, [2], { dtype: 'f64' });
  const [x, labels] = [generator.normal([3, 2]), tensor([0, 1, 1], { dtype: 'i32' })];
  const [z, a] = [generator.normal([3, 3]), generator.normal([3, 3])];
  checkDerivatives(
    (p: unknown[], u: Tensor, v: Tensor) =>
      nn.penaltyEnergy(model, p, { z: [u], a: [v] }, x, labels, { gamma: 2, rho: 0.5 }),
    [params, z, a],
  );
});

test('other penalties than 1/tau give another step; another loss is taken', () => {
  const params = dense.init(random(1), [4], { dtype: 'f64' });
  const [x, labels] = [random(2).normal([3, 4]), random(3).integers([3], 0, 3)];
  const of = (options: object) =>
    numbersOf(nn.penaltySweep(dense, params, x, labels, { tau: 0.5, ...options }).params);
  const one = of({});
  near(of({ gamma: 2, rho: 2 }), one, 0, 'the defaults');
  assert.not.equal(of({ gamma: 1 }), one);
  const target = random(4).normal([3, 3]);
  const mse = (y: Tensor) => nn.mse(y, target);
  const { grad } = valueAndGrad((p: unknown[]) => mse(dense.apply(p, x)))(params);
  const want = numbersOf(grad).map((g, i) => numbersOf(params)[i] - 0.5 * g);
  near(of({ loss: mse }), want, 1e-13, 'mse');
});

test('errors say what is wrong and leave nothing', () => {
  const params = dense.init(random(1), [4], { dtype: 'f64' });
  const [x, labels] = [random(2).normal([3, 4]), random(3).integers([3], 0, 3)];
  const sweep = (options: object) => () => nn.penaltySweep(dense, params, x, labels, options as never);
  rejects(sweep({ tau: 0 }), ArgumentError, /penaltySweep: tau must be a positive number, got 0/);
  rejects(sweep({ tau: 1, rho: -1 }), ArgumentError, /rho must be/);
  const energy = (options: object) => () =>
    nn.penaltyEnergy(dense, params, { a: [], z: [] }, x, labels, { gamma: 1, rho: 1, ...options });
  rejects(energy({}), ShapeError, /variables must have 3 entries/);
  rejects(energy({ gamma: Number.NaN }), ArgumentError, /gamma must be a positive number, got NaN/);
  const front = layers([nn.batchNorm(), nn.dense(3)]);
  const own = front.init(random(1), [4], { dtype: 'f64' });
  rejects(() => nn.penaltyVariables(front, own, x), ArgumentError, /before the first dense or convolution/);
  const none = nn.activation('relu');
  rejects(() => nn.penaltyVariables(none, {} as never, x), ArgumentError, /must have a dense or convolution/);
});

test.run();
