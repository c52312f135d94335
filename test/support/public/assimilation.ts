// Public functions of assimilation, with arguments.
import { add, assimilation, dynamics, mul, random, scope, sin, type Tensor, tensor } from '#src/index.js';
import { numbers } from '../check.js';
import type { Any, PublicFunction } from '../public-functions.js';
import { definite, layer, matrix, noTensors, parameters, symmetric, through, vector } from './makers.js';

const { covariance, identity, linear } = assimilation;
const RANDOM = 'it draws random numbers';
/** x := sin x. */
const model = () => dynamics.system({ stateShape: [3], advance: (x) => sin(x) });
/** x := 0.9 x, for which minima are quick to find. */
const decay = () => dynamics.system({ stateShape: [3], advance: (x) => mul(x, 0.9) });
const rows = () => matrix(2, 3, 5);
const unit = () => covariance.diagonal(1);
const inverse = (y: Tensor) => mul(y, 1.1);
const exact = { gradientTolerance: 1e-10 };
/** What a covariance does to a vector, all at once. */
const used = (C: assimilation.Covariance, x: Tensor) =>
  scope(() => add(add(C.solve(x), C.apply(x)), add(C.sqrt(x), C.sqrtTranspose(x))));
const network = () => assimilation.lorenz96Inverse({ channels: [2], factor: 2 });
const emulator = () => assimilation.lorenz96Emulator({ channels: [2], kernel: 3 });
const flow = () => assimilation.kolmogorovInverse({ channels: 2, factor: 2 });

export const assimilationFunctions: Record<string, PublicFunction> = {
  'assimilation.averageInitial': {
    args: () => [matrix(2, 2), vector()],
    call: (g, y0, mean) => g(assimilation.subsample(2), y0, mean),
  },
  'assimilation.covariance.dense': {
    args: () => [definite(), vector()],
    call: (f, C, x) => through(symmetric(C), (S) => through(f(S), (made) => used(made as Any, x))),
  },
  'assimilation.covariance.diagonal': {
    args: () => [vector(2), matrix(2, 3)],
    call: (f, v, x) => through(f(v), (made) => used(made as Any, x)),
  },
  'assimilation.covariance.lowRank': {
    args: () => [matrix(3, 2), vector(2), matrix(2, 3, 4)],
    call: (f, U, v, x) => through(f(U, v), (made) => used(made as Any, x)),
  },
  'assimilation.covariance.operators': {
    args: () => [matrix(2, 3)],
    call: (f, x) => {
      const scaled = (by: number) => (z: Tensor) => mul(z, by);
      return used(f({ solve: scaled(0.25), sqrt: scaled(2), sqrtTranspose: scaled(2) }), x);
    },
  },
  'assimilation.cubicUpsample': { args: () => [matrix(2, 3), 2, { axes: [0, 1] }] },
  'assimilation.cycle': {
    args: () => [
      { system: decay(), operator: identity(), observations: matrix(4, 3), xb: vector(), window: 2 },
      { ...exact },
    ],
    call: (f, problem, options) => f({ ...problem, B: unit() }, options).analyses,
  },
  'assimilation.ensemble': {
    args: () => [rows(), vector()],
    refuses: 'all',
    call: (f, observations, x0) =>
      f({ system: decay(), operator: identity(), observations }, x0, { members: 2, generator: random(1) })
        .analyses,
  },
  'assimilation.errorScale': { refuses: 'all', args: () => [matrix(4, 3)] },
  'assimilation.fourDVar': {
    args: () => [rows(), vector(2), vector()],
    starts: [2],
    call: (f, observations, xb, x0) =>
      f({ system: decay(), operator: identity(), observations, xb, B: unit() }, x0, undefined, exact).x,
  },
  'assimilation.hybrid': {
    args: () => [rows(), vector()],
    starts: [1],
    call: (f, observations, x0) =>
      f({ system: decay(), operator: identity(), observations }, x0, { ...exact, inverse }).x,
  },
  'assimilation.identity': { args: () => [vector()], call: (f, x) => f().apply(x) },
  'assimilation.incremental': noTensors({ outer: 2, inner: 3 }),
  'assimilation.kolmogorovInverse': layer(
    flow,
    () => tensor(numbers(16, 2), { shape: [1, 2, 2, 2, 2] }),
    [2, 2, 2, 2],
  ),
  'assimilation.linear': {
    args: () => [matrix(2, 3), matrix(4, 3, 2)],
    call: (f, A, x) => f(A).apply(x),
  },
  'assimilation.lorenz96Emulator': layer(emulator, () => matrix(2, 4), [4]),
  'assimilation.lorenz96Inverse': layer(network, () => tensor(numbers(12, 2), { shape: [2, 2, 3] }), [2, 3], {
    training: true,
  }),
  'assimilation.objective': {
    args: () => [rows(), vector(), vector(2), vector(3), matrix(3, 3, 2)],
    call: (f, observations, x0, xb, v, A) =>
      f({
        ...{ system: model(), operator: linear(A), observations, xb, B: unit() },
        R: covariance.diagonal(v),
      })(x0),
  },
  'assimilation.observe': {
    args: () => [matrix(2, 3), { stateAxes: 1 }],
    call: (f, x, options) => f((z: Tensor, step: number) => mul(z, 1 + step), x, options),
  },
  'assimilation.physicsProblem': {
    args: () => [rows()],
    call: (f, observations) =>
      f({ system: model(), operator: identity(), observations }, inverse).observations,
  },
  'assimilation.relativeError': { args: () => [matrix(2, 3), matrix(2, 3, 2), 1.5] },
  'assimilation.sampleCovariance': { args: () => [matrix(5, 3)] },
  'assimilation.simulate': {
    args: () => [],
    constant: RANDOM,
    call: (f) =>
      f(dynamics.lorenz96({ K: 4, innerSteps: 1, interval: 0.01 }), identity(), random(1), {
        ...{ count: 2, states: 2, spinUp: 1 },
      }),
  },
  'assimilation.subsample': { args: () => [matrix(2, 3)], call: (g, x) => g(2).apply(x) },
  'assimilation.trainEmulator': {
    refuses: 'all',
    args: () => [
      emulator(),
      parameters(emulator(), [4]),
      { states: tensor(numbers(24, 3), { shape: [2, 3, 4] }) },
      { epochs: 1, rollout: 2, noise: 0.1 },
    ],
  },
  'assimilation.trainInverse': {
    refuses: 'all',
    args: () => [
      network(),
      parameters(network(), [2, 3]),
      {
        states: tensor(numbers(24, 3), { shape: [2, 2, 6] }),
        observations: tensor(numbers(12, 2), { shape: [2, 2, 3] }),
      },
      { epochs: 1 },
    ],
  },
  'assimilation.whitening': {
    args: () => [definite(), vector()],
    call: (f, C, x) =>
      through(symmetric(C), (S) =>
        through(f(S), (made) => {
          const W = made as assimilation.Whitening;
          return scope(() => [W.whiten(x), W.unwhiten(x), mul(W.covariance, 2), mul(W.eigenvalues, 2)]);
        }),
      ),
  },
};
