// Every option of every function refuses what it cannot be: the typed error, naming function, option and value; nothing is left.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  eye,
  mul,
  optim,
  scope,
  square,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { attempts } from '../support/check.js';

const nan = Number.NaN;

/** Values that an option of each kind refuses. */
const WRONG = {
  positive: [nan, 0, -1, '2', null],
  'not negative': [nan, -1, '2', null],
  fraction: [nan, -0.1, 1.5, '0.5', null],
  count: [nan, -1, 0.5, '2', null],
  'count from 1': [nan, 0, -1, 0.5, '2', null],
  flag: [0, 'yes', null],
  choice: ['nothing of the kind', 3, null],
  function: [3, 'f', null],
  search: [3, {}, () => 1, null],
  rate: [nan, -1, '0.1', null],
} as const;
type Kind = keyof typeof WRONG;

/** What iterative solvers share. */
const ITERATION: Record<string, Kind> = {
  ...{ maxIterations: 'count', onIteration: 'function', throws: 'flag', trace: 'flag' },
};
const SMOOTH: Record<string, Kind> = { ...ITERATION, gradientTolerance: 'not negative', compile: 'flag' };
const ROOT: Record<string, Kind> = { ...ITERATION, tolerance: 'not negative', compile: 'flag' };

const cost = (x: Tensor) => sum(square(x));
const one = () => tensor([1, 2]);

/** Every function with options: how it is called with some, and what kind each is of. */
const options: Record<string, [call: (options: never) => unknown, kinds: Record<string, Kind>]> = {
  minimize: [(o) => optim.minimize(cost, one(), optim.lbfgs(), o), SMOOTH],
  lineSearch: [
    (o) => optim.lineSearch(cost, one(), tensor([-1, -2]), optim.backtracking(), o),
    { initialStep: 'positive', throws: 'flag', compile: 'flag' },
  ],
  leastSquares: [
    (o) => optim.leastSquares((x: Tensor) => mul(x, 2), one(), optim.levenbergMarquardt(), o),
    SMOOTH,
  ],
  rootFind: [(o) => optim.rootFind((x: Tensor) => mul(x, 2), one(), optim.newtonRoot(), o), ROOT],
  fixedPoint: [(o) => optim.fixedPoint((x: Tensor) => mul(x, 0.5), one(), optim.picard(), o), ROOT],
  proximalGradient: [
    (o) => optim.proximalGradient(cost, optim.penalty.l1(), one(), o),
    { ...SMOOTH, acceleration: 'choice', restart: 'choice', initialStep: 'positive', shrink: 'fraction' },
  ],
  admm: [
    (o) => optim.admm({ f: { P: eye(2) }, g: optim.penalty.l1() }, one(), o),
    {
      ...{ ...ITERATION, rho: 'positive', relaxation: 'positive', adaptRho: 'flag' },
      ...{ absoluteTolerance: 'not negative', relativeTolerance: 'not negative' },
    },
  ],
  quadraticProgram: [
    (o) => optim.quadraticProgram({ P: eye(2), q: one() }, o),
    { ...ITERATION, gradientTolerance: 'not negative', method: 'search' },
  ],
  linearProgram: [
    (o) => optim.linearProgram({ c: zeros([2]) }, o),
    { ...ITERATION, gradientTolerance: 'not negative', method: 'search' },
  ],
  minimizeEquality: [
    (o) => optim.minimizeEquality(cost, one(), { A: tensor([[1, 1]]), b: tensor([1]) }, o),
    SMOOTH,
  ],
  minimizeBarrier: [
    (o) => optim.minimizeBarrier(cost, one(), { inequalities: (x: Tensor) => mul(x, -1) }, o),
    { ...SMOOTH, mu: 'positive', t0: 'positive', gapTolerance: 'not negative' },
  ],
  backtracking: [optim.backtracking, { c1: 'fraction', shrink: 'fraction', initialStep: 'positive' }],
  strongWolfe: [optim.strongWolfe, { c1: 'fraction', c2: 'fraction', maxEvaluations: 'count from 1' }],
  bfgs: [optim.bfgs, { lineSearch: 'search', initialInverse: 'choice' }],
  nonlinearConjugateGradient: [optim.nonlinearConjugateGradient, { beta: 'choice', lineSearch: 'search' }],
  coordinateDescent: [optim.coordinateDescent, { lineSearch: 'search' }],
  gradientDescent: [optim.gradientDescent, { lineSearch: 'search' }],
  gaussNewton: [optim.gaussNewton, { lineSearch: 'search' }],
  lbfgs: [optim.lbfgs, { history: 'count from 1', lineSearch: 'search' }],
  lbfgsb: [optim.lbfgsb, { history: 'count from 1' }],
  levenbergMarquardt: [optim.levenbergMarquardt, { damping: 'positive' }],
  newton: [optim.newton, { lineSearch: 'search', modification: 'choice', cutoff: 'not negative' }],
  newtonCg: [optim.newtonCg, { lineSearch: 'search', innerIterations: 'count from 1' }],
  trustRegion: [
    optim.trustRegion,
    { subproblem: 'choice', radius: 'positive', maxRadius: 'positive', eta: 'fraction' },
  ],
  interiorPoint: [optim.interiorPoint, { stepFraction: 'fraction' }],
  operatorSplitting: [
    optim.operatorSplitting,
    { rho: 'positive', sigma: 'positive', alpha: 'positive', adaptive: 'flag', checkEvery: 'count from 1' },
  ],
  newtonRoot: [optim.newtonRoot, { damping: 'choice' }],
  anderson: [optim.anderson, { mixing: 'positive', history: 'count from 1' }],
  picard: [optim.picard, { mixing: 'positive' }],
  sgd: [
    optim.sgd,
    { learningRate: 'rate', momentum: 'not negative', nesterov: 'flag', weightDecay: 'not negative' },
  ],
  adam: [
    optim.adam,
    {
      ...{ learningRate: 'rate', beta1: 'fraction', beta2: 'fraction', epsilon: 'not negative' },
      ...{ weightDecay: 'not negative', amsgrad: 'flag' },
    },
  ],
  adamw: [optim.adamw, { learningRate: 'rate', beta1: 'fraction', weightDecay: 'not negative' }],
  rmsprop: [
    optim.rmsprop,
    { learningRate: 'rate', alpha: 'fraction', centered: 'flag', epsilon: 'not negative' },
  ],
  adagrad: [
    optim.adagrad,
    { learningRate: 'rate', epsilon: 'not negative', initialVariance: 'not negative' },
  ],
  averaging: [optim.averaging, { decay: 'fraction' }],
  reduceOnPlateau: [
    optim.reduceOnPlateau,
    { factor: 'fraction', patience: 'count', threshold: 'not negative', mode: 'choice', cooldown: 'count' },
  ],
  stochasticLbfgs: [
    optim.stochasticLbfgs,
    { history: 'count from 1', learningRate: 'rate', maxStep: 'positive', overlap: 'flag' },
  ],
};

const { failures, attempt } = attempts();

for (const [name, [call, kinds]] of Object.entries(options)) {
  test(`${name}: options`, () => {
    failures.length = 0;
    const make = (value: unknown) => () => scope(() => void call(value as never));
    for (const wrong of [null, 3])
      attempt(
        `${name}(${wrong})`,
        make(wrong),
        ArgumentError,
        RegExp(`^${name}: options must be .*, got ${wrong}`),
      );
    for (const [option, kind] of Object.entries(kinds)) {
      for (const value of WRONG[kind]) {
        const start = `^${name}: ${option} must `;
        attempt(
          `${name}({ ${option}: ${value} })`,
          make({ [option]: value }),
          ArgumentError,
          RegExp(`${start}.*, got `),
        );
      }
    }
    assert.equal(failures, []);
  });
}

test.run();
