// Public functions of optim, with arguments.
import * as cotangent from '#src/index.js';
import { exp, mul, optim, sin, sub, type Tensor, tensor } from '#src/index.js';
import type { PublicFunction } from '../public-functions.js';
import {
  bowl,
  definite,
  exact,
  matrix,
  minimiser,
  optimizer,
  penaltyOf,
  search,
  settings,
  tensorsOf,
  transformation,
  vector,
  x0,
} from './makers.js';

export const optimFunctions: Record<string, PublicFunction> = {
  'optim.adagrad': optimizer(() => optim.adagrad()),
  'optim.adam': optimizer(() => optim.adam()),
  'optim.adamw': optimizer(() => optim.adamw()),
  'optim.addWeightDecay': transformation(() => optim.addWeightDecay(0.1)),
  'optim.admm': {
    refuses: 'all',
    args: () => [{ P: definite(), q: vector(), A: cotangent.eye(3), c: vector(2) }, x0()],
    call: (g, { P, q, A, c }, at) =>
      g({ f: { P, q }, g: optim.penalty.l1(0.1), A, c }, at, { relativeTolerance: 1e-9 }).x,
  },
  'optim.anderson': settings(),
  'optim.averaging': {
    refuses: 'all',
    args: () => [{ w: vector() }, { w: vector(2) }],
    call: (g, first, second) => g().update(second, g().init(first)).average,
  },
  'optim.backtracking': search(() => optim.backtracking()),
  'optim.bfgs': minimiser(() => optim.bfgs()),
  'optim.broyden': settings(),
  'optim.chain': optimizer(() => optim.chain(optim.clipByValue(0.4), optim.sgd({ learningRate: 0.1 }))),
  'optim.clipByGlobalNorm': transformation(() => optim.clipByGlobalNorm(0.5)),
  'optim.clipByValue': transformation(() => optim.clipByValue(0.5)),
  'optim.coordinateDescent': minimiser(() => optim.coordinateDescent()),
  'optim.exact': search(() => optim.exact()),
  'optim.fixedPoint': {
    starts: 'all',
    tolerance: 1e-5,
    args: () => [(x: Tensor) => mul(0.5, sin(x)), vector()],
    call: (g, ...args) => g(...args).x,
  },
  'optim.gaussNewton': settings(),
  'optim.gradientDescent': minimiser(() => optim.gradientDescent()),
  'optim.interiorPoint': settings(),
  'optim.kktResiduals': {
    refuses: 'all',
    args: () => [
      {
        P: definite(),
        q: vector(),
        G: matrix(2, 3),
        h: tensor([0.1, 0.2]),
        A: matrix(1, 3, 5),
        b: tensor([0.1]),
      },
      { x: vector(2), lambda: tensor([0.1, 0.3]), nu: tensor([0.2]) },
    ],
  },
  'optim.lbfgs': minimiser(() => optim.lbfgs()),
  'optim.lbfgsb': {
    starts: [0],
    tolerance: 1e-5,
    refuses: [1],
    args: () => [x0(), tensor([0.1, -1, 0.25])],
    call: (g, at, lower) => optim.minimize(bowl, at, g({ lower })).x,
  },
  'optim.leastSquares': {
    starts: 'all',
    tolerance: 1e-5,
    args: () => [(x: Tensor) => sub(exp(x), 2), vector()],
    call: (g, ...args) => g(...args).x,
  },
  'optim.levenbergMarquardt': settings(),
  'optim.lineSearch': search(() => optim.strongWolfe()),
  'optim.linearProgram': {
    args: () => [
      {
        c: tensor([-1, -2]),
        G: tensor([
          [1, 1],
          [-1, 0],
          [0, -1],
          [0.2, 1],
        ]),
        h: tensor([4, 0.1, 0, 3]),
      },
    ],
    call: (g, problem) => tensorsOf(g(problem)),
  },
  'optim.minimize': {
    starts: 'all',
    tolerance: 1e-5,
    args: () => [bowl, x0()],
    call: (g, ...args) => g(...args).x,
  },
  'optim.minimizeBarrier': {
    refuses: 'all',
    args: () => [x0(), { A: tensor([[1, 1, 1]]), b: tensor([0.5]) }],
    call: (g, at, equalities) =>
      tensorsOf(g(bowl, at, { inequalities: (x: Tensor) => sub(x, 2), ...equalities })),
  },
  'optim.minimizeEquality': {
    args: () => [bowl, x0(), { A: matrix(1, 3), b: tensor([0.4]) }, exact],
    call: (g, ...args) => tensorsOf(g(...args)),
  },
  'optim.newton': minimiser(() => optim.newton()),
  'optim.newtonCg': minimiser(() => optim.newtonCg()),
  'optim.newtonRoot': settings(),
  'optim.nonlinearConjugateGradient': minimiser(() => optim.nonlinearConjugateGradient()),
  'optim.operatorSplitting': settings(),
  'optim.penalty.elasticNet': penaltyOf(() => optim.penalty.elasticNet(0.5)),
  'optim.penalty.indicator': penaltyOf(() => optim.penalty.indicator(optim.project.simplex)),
  'optim.penalty.l1': penaltyOf(() => optim.penalty.l1(0.5)),
  'optim.penalty.l2': penaltyOf(() => optim.penalty.l2(0.5)),
  'optim.penalty.linf': penaltyOf(() => optim.penalty.linf(0.5)),
  'optim.penalty.nuclear': penaltyOf(() => optim.penalty.nuclear(0.5)),
  'optim.penalty.squaredL2': penaltyOf(() => optim.penalty.squaredL2(0.5)),
  'optim.picard': settings(),
  'optim.project.box': { args: () => [vector(), tensor([0.1, 0.2, 0.5]), tensor([0.2, 1, 1])] },
  'optim.project.halfSpace': { args: () => [matrix(2, 3), vector(), 0.1] },
  'optim.project.hyperplane': { args: () => [matrix(2, 3), vector(), 0.1] },
  'optim.project.l1Ball': { args: () => [matrix(2, 3), 0.6] },
  'optim.project.l2Ball': { args: () => [matrix(2, 3), 0.6] },
  'optim.project.linfBall': { args: () => [matrix(2, 3), 0.6] },
  'optim.project.positiveSemidefinite': { args: () => [matrix(3, 3)] },
  'optim.project.secondOrderCone': { args: () => [matrix(2, 3)] },
  'optim.project.simplex': { args: () => [matrix(2, 3), 0.6] },
  'optim.prox.conjugate': { args: () => [vector()], call: (g, x) => g(optim.prox.l2)(x, 0.5) },
  'optim.prox.elasticNet': { args: () => [matrix(2, 3), 0.4] },
  'optim.prox.l1': { args: () => [vector(), tensor([0.1, 0.9, 0.2])] },
  'optim.prox.l2': { args: () => [matrix(2, 3), 0.4] },
  'optim.prox.linf': { args: () => [matrix(2, 3), 0.4] },
  'optim.prox.nuclear': { args: () => [matrix(2, 3), 0.4] },
  'optim.prox.squaredL2': { args: () => [matrix(2, 3), 0.4] },
  'optim.proximalGradient': {
    refuses: 'all',
    args: () => [bowl, optim.penalty.l1(0.1), x0()],
    call: (g, ...args) => g(...args).x,
  },
  'optim.quadraticProgram': {
    args: () => [
      {
        P: definite(),
        q: vector(),
        G: matrix(2, 3),
        h: tensor([-0.1, 0.4]),
        A: matrix(1, 3, 5),
        b: tensor([0.1]),
      },
    ],
    call: (g, problem) => tensorsOf(g(problem, { gradientTolerance: 1e-13 })),
  },
  'optim.reduceOnPlateau': settings(),
  'optim.rmsprop': optimizer(() => optim.rmsprop()),
  'optim.rootFind': {
    starts: 'all',
    tolerance: 1e-5,
    args: () => [(x: Tensor) => sub(exp(x), 2), vector()],
    call: (g, ...args) => g(...args).x,
  },
  ...Object.fromEntries(
    'constant cosine cosineRestarts exponential linear piecewise step warmup'
      .split(' ')
      .map((name) => [`optim.schedules.${name}`, settings()]),
  ),
  'optim.sgd': optimizer(() => optim.sgd({ momentum: 0.9 })),
  'optim.stochasticLbfgs': {
    refuses: 'all',
    args: () => [vector(), optim.stochasticLbfgs().init(vector())],
    call: (g, params, state) => g().update(params, (x: Tensor) => cotangent.grad(bowl)(x), state).params,
  },
  'optim.strongWolfe': search(() => optim.strongWolfe()),
  'optim.transformation': transformation(() =>
    optim.transformation({
      name: 'half',
      apply(grads) {
        for (const x of grads) x.data().set(x.data().map((v) => v / 2));
      },
    }),
  ),
  'optim.trustRegion': minimiser(() => optim.trustRegion()),
};
