// Every public function with valid arguments: tests walk the table, and one that is missing from it fails them.
import * as cotangent from '#src/index.js';
import {
  add,
  div,
  exp,
  linalg,
  matmul,
  mul,
  nn,
  optim,
  random,
  sin,
  square,
  sub,
  sum,
  Tensor,
  tensor,
  transpose,
} from '#src/index.js';
import { numbers } from './check.js';

// biome-ignore lint/suspicious/noExplicitAny: functions of every kind
type Any = any;

/** One public function. */
export interface PublicFunction {
  /** Fresh arguments; float tensors in them, in trees too, are what it may be differentiated in. */
  args(): unknown[];
  /** Calls it with such arguments; default f(...args). For what makes functions: makes one, and calls that. */
  call?(f: Any, ...args: Any[]): unknown;
  /** Why it is not differentiated. */
  constant?: string;
  /** Which of its tensors it has no derivative in, counted over all arguments: it must say so. */
  refuses?: 'all' | readonly number[];
  /** Largest error of derivatives against differences, relative; default 1e-5. */
  tolerance?: number;
}

const vector = (from = 1) =>
  tensor([0.31, 0.62, 0.47].map((v, i) => v + 0.07 * from * (i % 2) + 0.01 * from));
const matrix = (rows: number, columns: number, from = 1) =>
  tensor(numbers(rows * columns, from), { shape: [rows, columns] });
const square3 = (from = 4) => scoped(() => add(matrix(3, 3, from), mul(cotangent.eye(3), 3)));
const definite = () =>
  scoped(() => {
    const a = matrix(3, 3, 9);
    return add(matmul(a, transpose(a)), cotangent.eye(3));
  });
const integers = (...values: number[]) => tensor(Int32Array.from(values));
const scoped = (f: () => Tensor): Tensor => cotangent.scope(f);
const symmetric = (a: Tensor) => mul(0.5, add(a, transpose(a)));

const unary = (from = 1): PublicFunction => ({ args: () => [vector(from)] });
const binary: PublicFunction = { args: () => [vector(1), vector(3)] };
const reduction: PublicFunction = { args: () => [matrix(2, 3), { axis: 1 }] };
const noTensors = (...args: unknown[]): PublicFunction => ({
  args: () => args,
  constant: 'takes no tensors',
});
const settings = (...args: unknown[]): PublicFunction => ({
  args: () => args,
  constant: 'makes a method or a schedule of options',
});
/** Of a function of functions: called with f, and then with x. */
const ofFunction = (call: PublicFunction['call'], args = () => [vector()]): PublicFunction => ({
  args,
  call,
});

const f = (x: Tensor) => sum(mul(exp(x), x));
const each = (x: Tensor) => mul(exp(x), x);
/** Smooth, with one minimum. */
const bowl = (x: Tensor) => add(sum(exp(x)), sum(square(sub(x, 1))));
const x0 = () => tensor([0.2, -0.1, 0.3]);
const exact = { gradientTolerance: 1e-12 };

const layers = () => nn.sequential([nn.dense(3), nn.activation('tanh'), nn.dense(2)]);
const parameters = (model: Any = layers(), shape = [3]) => model.init(random(1), shape, { dtype: 'f64' });
const images = () => tensor(numbers(32, 2), { shape: [1, 2, 4, 4] });
const loss = (y: Tensor, labels: Tensor) => nn.crossEntropy(y, labels);
/** A layer: made, and applied to parameters and x. */
const layer = (
  make: (f: Any) => Any,
  x: () => Tensor,
  shape: number[],
  options?: object,
): PublicFunction => ({
  args: () => [make(undefined).init(random(1), shape, { dtype: 'f64' }), x()],
  call: (_, params, at) => make(undefined).apply(params, at, options),
});
/** An optimizer: params, gradients and the state's tensors. */
const optimizer = (make: () => Any): PublicFunction => ({
  refuses: 'all',
  args: () => [{ w: vector() }, { w: vector(2) }, make().init({ w: vector() })],
  call: (_, params, grads, state) => make().update(params, grads, state),
});
const transformation = (make: () => Any): PublicFunction => ({
  refuses: 'all',
  args: () => [{ w: vector() }, { w: vector(2) }],
  call: (_, grads, params) => make().transform(grads, make().init({ w: vector() }), params).grads,
});
const penaltyOf = (make: () => Any, x = () => matrix(2, 3)): PublicFunction => ({
  args: () => [x()],
  call: (_, at) => make().prox(at, 0.4),
});
const minimiser = (make: () => Any): PublicFunction => ({
  refuses: 'all',
  args: () => [x0()],
  call: (_, at) => optim.minimize(bowl, at, make()).x,
});
const search = (make: () => Any): PublicFunction => ({
  refuses: 'all',
  args: () => [x0(), scoped(() => mul(cotangent.grad(bowl)(x0()), -0.3))],
  call: (_, at, direction) => optim.lineSearch(bowl, at, direction, make()),
});

const SPEAKS = 'its result is bytes or text: reading values is what it is for, as of data()';
const DEVICE = 'needs a GPU; its tests are in test/gpu';

/** By the name under which users call them. */
export const publicFunctions: Record<string, PublicFunction> = {
  ...Object.fromEntries(
    'abs acos asin atan cos cosh elu erf exp expm1 gelu isNaN log log1p neg relu rsqrt sigmoid sign silu sin sinh softplus sqrt square tan tanh'
      .split(' ')
      .map((name) => [name, unary()]),
  ),
  ...Object.fromEntries(
    'add sub mul div atan2 pow maximum minimum equal notEqual greater greaterEqual less lessEqual dot outer'
      .split(' ')
      .map((name) => [name, binary]),
  ),
  ...Object.fromEntries(
    'argmax argmin max min mean sum prod variance norm logsumexp softmax logSoftmax cumsum'
      .split(' ')
      .map((name) => [name, reduction]),
  ),
  arange: noTensors(0, 3),
  astype: { args: () => [vector(), 'f64'] },
  broadcastTo: { args: () => [vector(), [2, 3]] },
  checkGradients: {
    args: () => [f, [vector()]],
    constant: 'a test of derivatives: it gives a number about them',
  },
  checkpoint: ofFunction((g, x) => g(each)(x)),
  checkpointSequence: { args: () => [(s: Tensor) => sin(s), vector(), 4] },
  clip: { args: () => [vector(), tensor([0.35, 0, 0]), tensor([1, 0.5, 1])] },
  compile: ofFunction((g, x) => g(each)(x)),
  concat: { args: () => [[vector(), vector(2)]] },
  configuration: noTensors(),
  customJvp: ofFunction((g, x) =>
    g(each, ([y]: Tensor[], [t]: Tensor[]) => ({
      value: each(y),
      tangent: mul(t, exp(y).size ? add(each(y), exp(y)) : y),
    }))(x),
  ),
  customVjp: ofFunction((g, x) =>
    g(
      (y: Tensor) => ({ value: each(y), residuals: y }),
      (y: Tensor, ct: Tensor) => [mul(ct, add(each(y), exp(y)))],
    )(x),
  ),
  defineOp: ofFunction((g, x) =>
    g({
      name: 'twice',
      shape: ([y]: Any[]) => y,
      run: (out: Tensor, [y]: Tensor[]) => void out.data().set(y.data().map((v) => 2 * v)),
      jvp: ([t]: Tensor[]) => t && mul(t, 2),
    })(x),
  ),
  deviceOf: { args: () => [vector()], constant: 'says where a product was computed' },
  diag: unary(),
  diagonal: { args: () => [matrix(3, 3)] },
  einsum: { args: () => ['ij,jk->ik', matrix(2, 3), matrix(3, 2)] },
  expandDims: { args: () => [vector(), 0] },
  eye: noTensors(3),
  flip: { args: () => [vector(), 0] },
  fromJson: noTensors({ dtype: 'f64', shape: [1], data: [1] }),
  full: noTensors([2], 1),
  grad: ofFunction((g, x) => g(f)(x)),
  hessian: ofFunction((g, x) => g(f)(x)),
  hvp: { args: () => [f, vector(), vector(2)] },
  implicitRoot: ofFunction((g, theta) =>
    g(
      (t: Tensor, x: Tensor) => sub(square(x), t),
      (t: Tensor) => cotangent.sqrt(cotangent.stopGradient(t)),
    )(theta),
  ),
  init: noTensors(),
  jacfwd: ofFunction((g, x) => g(each)(x)),
  jacobian: ofFunction((g, x) => g(each)(x)),
  jacrev: ofFunction((g, x) => g(each)(x)),
  jvp: ofFunction(
    (g, x, t) => g(each, [x], [t]),
    () => [vector(), vector(2)],
  ),
  linearize: ofFunction(
    (g, x, t) => g(each, x).apply(t),
    () => [vector(), vector(2)],
  ),
  linspace: noTensors(0, 1, 3),
  loadNpy: noTensors(new Uint8Array(0)),
  matmul: { args: () => [matrix(2, 3), matrix(3, 2)] },
  memory: noTensors(),
  ones: noTensors([2]),
  pad: { args: () => [vector(), [[1, 1]]] },
  parallelMatmul: { refuses: 'all', args: () => [matrix(2, 3), matrix(3, 2)] },
  random: noTensors(1),
  reshape: { args: () => [matrix(2, 3), [6]] },
  roll: { args: () => [vector(), 1] },
  saveNpy: { args: () => [vector()], constant: SPEAKS },
  scope: ofFunction((g, x) => g(() => each(x))),
  slice: { args: () => [vector(), [1], [3]] },
  split: { args: () => [vector(), [1, 2]] },
  squeeze: { args: () => [matrix(1, 3)] },
  stack: { args: () => [[vector(), vector(2)]] },
  stopGradient: { args: () => [vector()], constant: 'makes a constant: the derivative 0 is its meaning' },
  take: { args: () => [vector(), integers(2, 0, 2)] },
  tensor: noTensors([1, 2]),
  toJson: { args: () => [vector()], constant: SPEAKS },
  trace: ofFunction((g, x) => g(each, vector()).run(x)),
  transpose: { args: () => [matrix(2, 3)] },
  tril: { args: () => [matrix(3, 3)] },
  triu: { args: () => [matrix(3, 3)] },
  valueAndGrad: ofFunction((g, x) => g(f)(x)),
  vjp: ofFunction(
    (g, x, ct) => g(each, x).pullback(ct),
    () => [vector(), vector(2)],
  ),
  where: { args: () => [vector(), vector(1), vector(3)] },
  zeros: noTensors([2]),

  ...Object.fromEntries(
    'available destroy init matmul memory sync upload'
      .split(' ')
      .map((name) => [`gpu.${name}`, { args: () => [], constant: DEVICE }]),
  ),

  'linalg.applyGivens': { args: () => [vector(), { i: [0, 1], j: [1, 2], angles: tensor([0.3, -0.7]) }] },
  'linalg.cg': {
    args: () => [definite(), vector(), { tolerance: 1e-13 }],
    call: (g, a, b, o) => g(symmetric(a), b, o).x,
  },
  'linalg.cholesky': { args: () => [definite()], call: (g, a) => g(symmetric(a)) },
  'linalg.choleskyUpdate': {
    args: () => [scoped(() => linalg.cholesky(definite())), vector()],
    call: (g, l, x) => g(cotangent.tril(l), x),
  },
  'linalg.cond': { args: () => [square3()] },
  'linalg.det': { args: () => [square3()] },
  'linalg.eigh': { args: () => [definite()], call: (g, a) => square(g(symmetric(a)).vectors) },
  'linalg.eigvalsh': { args: () => [definite()], call: (g, a) => g(symmetric(a)) },
  'linalg.expm': { args: () => [matrix(3, 3)] },
  'linalg.factor': {
    refuses: [0],
    args: () => [square3(), vector()],
    call: (g, a, b) => g(a, { kind: 'lu' }).solve(b),
  },
  'linalg.givens': noTensors(1, 2),
  'linalg.gmres': {
    args: () => [square3(), vector(), { tolerance: 1e-13 }],
    call: (g, a, b, o) => g(a, b, o).x,
  },
  'linalg.inv': { args: () => [square3()] },
  'linalg.ldlt': { refuses: [0], args: () => [definite(), vector()], call: (g, a, b) => g(a).solve(b) },
  'linalg.lsmr': {
    refuses: 'all',
    args: () => [matrix(4, 3), tensor(numbers(4, 6)), { tolerance: 1e-13 }],
    call: (g, a, b, o) => g(a, b, o).x,
  },
  'linalg.lstsq': {
    args: () => [matrix(4, 3), tensor(numbers(4, 6))],
    call: (g, a, b) => tensorsOf(g(a, b)),
  },
  'linalg.lu': {
    args: () => [square3()],
    call: (g, a) => {
      const { l, u } = g(a);
      return { l, u };
    },
  },
  'linalg.matrixRank': { refuses: 'all', args: () => [square3()] },
  'linalg.minres': {
    args: () => [definite(), vector(), { tolerance: 1e-13 }],
    call: (g, a, b, o) => g(symmetric(a), b, o).x,
  },
  'linalg.norm': { args: () => [square3()] },
  'linalg.pinv': { args: () => [matrix(4, 3)] },
  'linalg.qr': {
    args: () => [matrix(4, 3)],
    call: (g, a) => {
      const { q, r } = g(a);
      return { q: square(q), r: square(r) };
    },
  },
  'linalg.rcond': { refuses: 'all', args: () => [square3()] },
  'linalg.slogdet': { args: () => [square3()] },
  'linalg.solve': { args: () => [square3(), vector()] },
  'linalg.solveBanded': {
    args: () => [
      tensor([
        [0, 1, 1],
        [4, 5, 4],
        [1, 1, 0],
      ]),
      { lower: 1, upper: 1 },
      vector(),
    ],
    call: (g, bands, w, b) =>
      g(
        mul(
          bands,
          tensor([
            [0, 1, 1],
            [1, 1, 1],
            [1, 1, 0],
          ]),
        ),
        w,
        b,
      ),
  },
  'linalg.solveBlockDiagonal': {
    args: () => [
      tensor([
        [
          [2, 1],
          [0, 3],
        ],
        [
          [1, 0],
          [1, 4],
        ],
      ]),
      tensor([1, 2, 3, 4]),
    ],
  },
  'linalg.solveDiagonal': { args: () => [vector(), vector(2)] },
  'linalg.solveTriangular': { args: () => [square3(), vector()], call: (g, a, b) => g(cotangent.tril(a), b) },
  'linalg.solveTridiagonal': { args: () => [tensor([1, 1]), tensor([4, 5, 4]), tensor([1, 2]), vector()] },
  'linalg.svd': {
    args: () => [matrix(4, 3)],
    call: (g, a) => {
      const { u, s, vt } = g(a);
      return { u: square(u), s, vt: square(vt) };
    },
  },
  'linalg.svdvals': { args: () => [matrix(4, 3)] },
  'linalg.trace': { args: () => [square3()] },

  'nn.accuracy': { args: () => [matrix(3, 2), integers(0, 1, 1)] },
  'nn.activation': layer(() => nn.activation('tanh'), vector, [3]),
  'nn.batchNorm': layer(() => nn.batchNorm(), images, [2, 4, 4], { training: true }),
  'nn.batches': {
    refuses: 'all',
    args: () => [{ x: matrix(4, 3) }],
    call: (g, data) => [...g(data, { size: 2, copy: true })],
  },
  'nn.bernoulli': { args: () => [integers(1, 2), 0.5, [3]], constant: 'random numbers' },
  'nn.binaryCrossEntropy': {
    args: () => [
      matrix(2, 3),
      tensor([
        [0.1, 0.9, 0.4],
        [0.2, 0.3, 0.8],
      ]),
    ],
  },
  'nn.conv': layer(() => nn.conv(3, [3, 3]), images, [2, 4, 4]),
  'nn.crossEntropy': { args: () => [matrix(3, 2), integers(0, 1, 1)] },
  'nn.dense': layer(
    () => nn.dense(2),
    () => matrix(2, 3),
    [3],
  ),
  'nn.diagonalStep': {
    refuses: 'all',
    args: () => [parameters(), matrix(2, 3), integers(0, 1)],
    call: (g, params, x, y) => g(layers(), { tauTheta: 0.5 }).direction(params, x, y, loss),
  },
  'nn.dropout': {
    args: () => [matrix(2, 3), integers(1, 2)],
    call: (g, x, key) => g(0.5).apply({}, x, { training: true, key }),
  },
  'nn.evaluate': {
    refuses: 'all',
    args: () => [layers(), parameters(), { x: matrix(2, 3), y: integers(0, 1) }],
  },
  'nn.fit': {
    refuses: 'all',
    args: () => [layers(), parameters(), { x: matrix(2, 3), y: integers(0, 1) }, { epochs: 1 }],
  },
  'nn.flatten': { args: () => [images()], call: (g, x) => g().apply({}, x) },
  'nn.foldIn': { args: () => [integers(1, 2), 3], constant: 'random bits' },
  'nn.gaussianKl': { args: () => [matrix(2, 3), matrix(2, 3, 2)] },
  'nn.kl': { args: () => [tensor([[0.2, 0.3, 0.5]]), tensor([[0.3, 0.3, 0.4]])] },
  'nn.layerwise': {
    refuses: 'all',
    args: () => [parameters(), matrix(2, 3), integers(0, 1)],
    call: (g, params, x, y) => g(layers(), ({ gradient }: Any) => gradient).direction(params, x, y, loss),
  },
  'nn.loadSafetensors': noTensors(new Uint8Array(0)),
  'nn.maxPool': { args: () => [images()], call: (g, x) => g(2).apply({}, x) },
  'nn.models.mlp': layer(
    () => nn.models.mlp([3, 2]),
    () => matrix(2, 3),
    [3],
  ),
  'nn.models.proxpropConvNet': { args: () => [], constant: 'makes a model of layers that are in the table' },
  'nn.models.vae': {
    args: () => [parameters(autoencoder(nn.models.vae)), matrix(2, 3), matrix(2, 1, 5)],
    call: (g, params, x, noise) => autoencoder(g).loss(params, x, noise),
  },
  'nn.mse': { args: () => [matrix(2, 3), matrix(2, 3, 2)] },
  'nn.parameterCount': { args: () => [parameters()], constant: 'counts elements, of which it reads none' },
  'nn.penaltyEnergy': {
    args: () => [parameters(), variables(), matrix(2, 3), integers(0, 1)],
    call: (g, params, at, x, y) => g(layers(), params, at, x, y, { gamma: 1, rho: 2 }),
  },
  'nn.penaltySweep': {
    args: () => [parameters(), matrix(2, 3), integers(0, 1)],
    call: (g, params, x, y) => g(layers(), params, x, y, { tau: 0.1, tauTheta: 0.5 }),
  },
  'nn.penaltyVariables': {
    args: () => [parameters(), matrix(2, 3)],
    call: (g, params, x) => g(layers(), params, x),
  },
  'nn.proxprop': {
    refuses: 'all',
    args: () => [parameters(), matrix(2, 3), integers(0, 1)],
    call: (g, params, x, y) => g(layers(), { mode: 'exact' }).direction(params, x, y, loss),
  },
  'nn.randomBits': { args: () => [integers(1, 2), [3]], constant: 'random bits' },
  'nn.readCifar10': noTensors(new Uint8Array(0)),
  'nn.readIdx': noTensors(new Uint8Array(0)),
  'nn.saveSafetensors': { args: () => [{ x: vector() }], constant: SPEAKS },
  'nn.sequential': layer(layers, () => matrix(2, 3), [3]),
  'nn.syntheticImages': { args: () => [random(1), { count: 1 }], constant: 'takes no tensors' },
  'nn.upsample': { args: () => [images()], call: (g, x) => g(2).apply({}, x) },

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
    refuses: 'all',
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
    refuses: 'all',
    args: () => [x0(), tensor([0.1, -1, 0.25])],
    call: (g, at, lower) => optim.minimize(bowl, at, g({ lower })).x,
  },
  'optim.leastSquares': {
    refuses: 'all',
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
  'optim.minimize': { refuses: 'all', args: () => [bowl, x0()], call: (g, ...args) => g(...args).x },
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
    refuses: 'all',
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

/** Functions of functions, that capture v: by name, what comes of it. */
export const capturing: Record<string, (v: Tensor) => unknown> = {
  'linalg.lsmr': (v) =>
    linalg.lsmr(
      { apply: (x: Tensor) => mul(x, v), applyTranspose: (y: Tensor) => mul(y, v) } as Any,
      vector(),
    ).x,
  'nn.layerwise': (v) =>
    nn
      .layerwise(
        layers(),
        ({ gradient }: Any) => ({ weight: mul(gradient.weight, sum(v)), bias: gradient.bias }),
        { lastLayer: 'implicit' },
      )
      .direction(parameters(), matrix(2, 3), integers(0, 1)).direction,
  'nn.proxprop, loss': (v) =>
    nn
      .proxprop(layers(), { mode: 'exact' })
      .direction(parameters(), matrix(2, 3), integers(0, 1), (y, l) => mul(loss(y, l), sum(v))),
  'optim.admm, prox': (v) =>
    optim.admm({ f: { P: definite(), q: vector() }, g: (x: Tensor) => optim.prox.l1(x, v) }, x0()).x,
  'optim.admm, minimiser': (v) =>
    optim.admm({ f: { minimiser: (u: Tensor) => div(add(u, v), 2) }, g: optim.penalty.l1(0.1) }, x0()).x,
  'optim.fixedPoint': (v) => optim.fixedPoint((x: Tensor) => mul(0.3, sin(add(x, v))), vector()).x,
  'optim.kktResiduals, f': (v) => optim.kktResiduals({ f: (x: Tensor) => sum(mul(x, v)) }, { x: vector() }),
  'optim.kktResiduals, inequalities': (v) =>
    optim.kktResiduals(
      { f: bowl, inequalities: (x: Tensor) => sub(x, v) },
      { x: vector(2), lambda: vector() },
    ),
  'optim.kktResiduals, equalities': (v) =>
    optim.kktResiduals({ f: bowl, equalities: (x: Tensor) => sub(x, v) }, { x: vector(2), nu: vector() }),
  'optim.leastSquares': (v) => optim.leastSquares((x: Tensor) => sub(exp(x), v), vector()).x,
  'optim.leastSquares, by hand': (v) =>
    optim.leastSquares({ residuals: (x: Tensor) => sub(x, v), jacobian: () => cotangent.eye(3) }, vector()).x,
  'optim.lineSearch': (v) => optim.lineSearch((x: Tensor) => sum(square(sub(x, v))), x0(), vector()),
  'optim.minimize': (v) => optim.minimize((x: Tensor) => sum(square(sub(x, v))), x0()).x,
  'optim.minimize, not compiled': (v) =>
    optim.minimize((x: Tensor) => sum(square(sub(x, v))), x0(), optim.bfgs(), { compile: false }).x,
  'optim.minimize, by hand': (v) =>
    optim.minimize(
      { value: (x: Tensor) => sum(square(sub(x, v))), gradient: (x: Tensor) => mul(2, sub(x, v)) },
      x0(),
    ).x,
  'optim.minimizeBarrier, f': (v) =>
    optim.minimizeBarrier((x: Tensor) => sum(square(sub(x, v))), x0(), {
      inequalities: (x: Tensor) => sub(x, 0.4),
    }).x,
  'optim.minimizeBarrier, inequalities': (v) =>
    optim.minimizeBarrier(bowl, x0(), { inequalities: (x: Tensor) => sub(x, v) }).x,
  'optim.minimizeEquality': (v) =>
    optim.minimizeEquality((x: Tensor) => sum(square(sub(x, v))), x0(), { A: matrix(1, 3), b: tensor([0.4]) })
      .x,
  'optim.proximalGradient, f': (v) =>
    optim.proximalGradient((x: Tensor) => sum(square(sub(x, v))), optim.penalty.l1(0.1), x0()).x,
  'optim.proximalGradient, prox': (v) =>
    optim.proximalGradient(bowl, (x: Tensor) => optim.prox.l1(x, v), x0()).x,
  'optim.rootFind': (v) => optim.rootFind((x: Tensor) => sub(exp(x), v), vector()).x,
  'optim.stochasticLbfgs': (v) =>
    optim.stochasticLbfgs().update(vector(), (x: Tensor) => mul(x, v), optim.stochasticLbfgs().init(vector()))
      .params,
};

const tensorsOf = (solution: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(solution).filter(([, value]) => value instanceof Tensor));
const autoencoder = (make: Any) =>
  make({ encoder: nn.dense(2), decoder: nn.dense(3), latent: 1, likelihood: 'gaussian' });
const variables = () => nn.penaltyVariables(layers(), parameters(), matrix(2, 3, 7));

/** Namespaces whose functions are raw kernels on addresses. */
const RAW = new Set(['kernels']);

/** Every function that the package exports, by its path; classes are not functions. */
export function exportedFunctions(): Map<string, Any> {
  const found = new Map<string, Any>();
  const walk = (space: object, path: string) => {
    for (const [key, value] of Object.entries(space)) {
      if (RAW.has(path + key)) continue;
      const isClass = typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
      if (typeof value === 'function' && !isClass) found.set(path + key, value);
      else if (
        (typeof value === 'object' && value !== null && !Array.isArray(value) && !Object.isFrozen(value)) ||
        Object.prototype.toString.call(value) === '[object Module]'
      )
        walk(value as object, `${path}${key}.`);
    }
  };
  walk(cotangent, '');
  return found;
}
