// Results whose bits are compared between engines: of every public function on the arguments of its table, and of everything that iterates
// or is large, in both dtypes.
import * as ct from '#src/index.js';
import { SETTINGS } from '../support/public/makers.js';
import { exportedFunctions, publicFunctions } from '../support/public-functions.js';
import { dynamicsSubjects } from './dynamics.js';
import { fftSubjects } from './fft.js';
import { givensSubjects } from './givens.js';

const { linalg, nn, optim, random, sub, sum, tensor } = ct;
type T = ct.Tensor;
type Float = 'f64' | 'f32';

/** A result with tensors and numbers in it, by name. */
export type Subject = readonly [name: string, make: () => unknown];

/** Read a clock, need a GPU, or say what the engine is. */
const ENGINES_OWN =
  /^(gpu\.|init$|configuration$|memory$|parallelMatmul$|nn\.fit$|nn\.evaluate$|assimilation\.train(Emulator|Inverse)$|checkGradients$|deviceOf$)/;

const FUNCTIONS = exportedFunctions();
const called: Subject[] = Object.entries(publicFunctions)
  .filter(([name, { constant }]) => !ENGINES_OWN.test(name) && FUNCTIONS.has(name) && constant !== SETTINGS)
  .map(([name, { args, call }]) => [
    name,
    () => {
      const f = FUNCTIONS.get(name);
      return call ? call(f, ...args()) : f(...args());
    },
  ]);

const normal = (shape: number[], dtype: Float, seed = 1) => random(seed).normal(shape, { dtype });
const spd = (n: number, dtype: Float) => {
  const b = normal([n, n], dtype, 3);
  return ct.add(ct.matmul(b, b, { transposeB: true }), ct.mul(ct.eye(n, n, { dtype }), 2));
};
const wide = (dtype: Float) =>
  ct.mul(normal([301], dtype), ct.exp(ct.mul(normal([301], dtype, 2), dtype === 'f64' ? 9 : 4)));
const UNARY =
  'exp expm1 log log1p sqrt rsqrt sin cos tan asin acos atan sinh cosh tanh erf sigmoid softplus silu gelu elu'.split(
    ' ',
  ) as 'exp'[];

const rosenbrock = (x: T) => {
  const n = x.shape[0];
  const [a, b] = [ct.slice(x, [0], [n - 1]), ct.slice(x, [1], [n])];
  return ct.add(sum(ct.mul(100, ct.square(sub(b, ct.square(a))))), sum(ct.square(sub(1, a))));
};
const start = (dtype: Float) => tensor([-1.2, 1, 0.5, -0.3, 0.7], { dtype });
const METHODS: Record<string, () => ct.optim.Method> = {
  gradientDescent: () => optim.gradientDescent(),
  newton: () => optim.newton(),
  newtonCg: () => optim.newtonCg(),
  trustRegion: () => optim.trustRegion(),
  bfgs: () => optim.bfgs(),
  lbfgs: () => optim.lbfgs(),
  nonlinearConjugateGradient: () => optim.nonlinearConjugateGradient(),
};
const few = { maxIterations: 25, throws: false } as const;

function inDtype(dtype: Float): Subject[] {
  const matrices = () => [normal([23, 23], dtype), spd(23, dtype), normal([23, 3], dtype, 5)] as const;
  const subjects: Record<string, () => unknown> = {
    ...Object.fromEntries(UNARY.map((name) => [name, () => ct[name](wide(dtype))])),
    ...Object.fromEntries(
      UNARY.map((name) => [`gradient of ${name}`, () => ct.grad((x: T) => sum(ct[name](x)))(wide(dtype))]),
    ),
    pow: () => ct.pow(ct.abs(wide(dtype)), normal([301], dtype, 7)),
    atan2: () => ct.atan2(wide(dtype), normal([301], dtype, 7)),
    normal: () => normal([1001], dtype, 11),
    uniform: () => random(12).uniform([1001], { low: -3, high: 5, dtype }),
    matmul: () => ct.matmul(normal([67, 45], dtype), normal([45, 71], dtype, 2)),
    softmax: () => ct.softmax(normal([33, 17], dtype), { axis: 1 }),
    logsumexp: () => ct.logsumexp(normal([33, 17], dtype), { axis: 0 }),
    variance: () => ct.variance(normal([33, 17], dtype), { axis: 1 }),
    norm: () => ct.norm(wide(dtype)),
    cumsum: () => ct.cumsum(normal([3, 301], dtype), { axis: 1 }),
    einsum: () => ct.einsum('ij,jk,kl->il', ...([0, 1, 2].map((k) => normal([9, 9], dtype, k)) as [T, T, T])),
    lu: () => linalg.lu(matrices()[0]),
    qr: () => linalg.qr(matrices()[0]),
    cholesky: () => linalg.cholesky(matrices()[1]),
    ldlt: () => linalg.ldlt(spd(23, dtype)).solve(matrices()[2]),
    eigh: () => linalg.eigh(matrices()[1]),
    'eigh by rotations': () => linalg.eigh(matrices()[1], { method: 'jacobi' }),
    svd: () => linalg.svd(matrices()[0]),
    'svd by rotations': () => linalg.svdvals(matrices()[0], { method: 'jacobi' }),
    lstsq: () => linalg.lstsq(normal([40, 7], dtype), normal([40], dtype, 2)),
    pinv: () => linalg.pinv(normal([17, 7], dtype)),
    inv: () => linalg.inv(matrices()[0]),
    expm: () => linalg.expm(ct.mul(matrices()[0], 3)),
    slogdet: () => linalg.slogdet(matrices()[0]),
    cond: () => linalg.cond(matrices()[0]),
    'gradient of slogdet': () => ct.grad((a: T) => linalg.slogdet(a).logabsdet)(matrices()[0]),
    'gradient of eigvalsh': () => ct.grad((a: T) => sum(ct.square(linalg.eigvalsh(a))))(matrices()[1]),
    solveTridiagonal: () => {
      const [l, d, u] = [30, 31, 30].map((n, k) => normal([n], dtype, k));
      return linalg.solveTridiagonal(l, ct.add(d, 5), u, normal([31], dtype, 4));
    },
    cg: () => linalg.cg(matrices()[1], normal([23], dtype), { throws: false }),
    'cg from afar': () =>
      linalg.cg(matrices()[1], normal([23], dtype), {
        x0: ct.mul(normal([23], dtype, 9), 50),
        throws: false,
      }),
    minres: () => linalg.minres(ct.add(matrices()[0], ct.transpose(matrices()[0])), normal([23], dtype), few),
    gmres: () => linalg.gmres(matrices()[0], normal([23], dtype), few),
    lsmr: () => linalg.lsmr(normal([40, 7], dtype), normal([40], dtype, 2), few),
    'lsmr, damped': () =>
      linalg.lsmr(normal([40, 7], dtype), normal([40], dtype, 2), { ...few, damping: 0.3 }),
    applyGivens: () => linalg.applyGivens(normal([9, 5], dtype), rotations(dtype)),
    'gradient of applyGivens': () =>
      ct.grad((angles: T) =>
        sum(ct.square(linalg.applyGivens(ones5(dtype), { ...rotations(dtype), angles }))),
      )(rotations(dtype).angles),
    'Hessian of applyGivens': () =>
      ct.hessian((angles: T) =>
        sum(
          ct.mul(linalg.applyGivens(ones5(dtype), { ...rotations(dtype), angles }), normal([9, 5], dtype, 4)),
        ),
      )(rotations(dtype).angles),
    ...Object.fromEntries(
      Object.entries(METHODS).map(([name, method]) => [
        `minimize by ${name}`,
        () => ct.optim.minimize(rosenbrock, start(dtype), method(), few),
      ]),
    ),
    lbfgsb: () => optim.minimize(rosenbrock, start(dtype), optim.lbfgsb({ lower: -1, upper: 0.8 }), few),
    leastSquares: () =>
      optim.leastSquares(
        (x) => sub(ct.exp(x), tensor([1, 2, 3, 4, 5], { dtype })),
        start(dtype),
        undefined,
        few,
      ),
    fixedPoint: () => optim.fixedPoint((x: T) => ct.cos(x), start(dtype), optim.anderson(), few),
    rootFind: () => optim.rootFind((x: T) => sub(ct.tanh(x), 0.3), start(dtype), optim.newtonRoot(), few),
    broyden: () => optim.rootFind((x: T) => sub(ct.tanh(x), 0.3), start(dtype), optim.broyden(), few),
    proximalGradient: () =>
      optim.proximalGradient((x: T) => sum(ct.square(sub(x, 1))), optim.penalty.l1(0.1), start(dtype), few),
    ...Object.fromEntries(
      (['sgd', 'adam', 'adamw', 'rmsprop', 'adagrad'] as const).map((name) => [
        name,
        () => trained(name, dtype),
      ]),
    ),
    network: () => {
      const model = nn.sequential([
        nn.conv(3, [3, 3]),
        nn.batchNorm(),
        nn.activation('gelu'),
        nn.flatten(),
        nn.dense(4),
      ]);
      const params = model.init(random(5), [2, 6, 6], { dtype });
      const x = normal([7, 2, 6, 6], dtype, 8);
      const labels = random(2).integers([7], 0, 4);
      return ct.valueAndGrad((p: typeof params) =>
        nn.crossEntropy(model.apply(p, x, { training: true }), labels),
      )(params);
    },
    proxprop: () => {
      const model = nn.sequential([nn.dense(6), nn.activation('tanh'), nn.dense(3)]);
      using rule = nn.proxprop(model, { mode: 'exact' });
      const params = model.init(random(5), [4], { dtype });
      return rule.direction(params, normal([7, 4], dtype, 8), random(2).integers([7], 0, 3));
    },
  };
  return Object.entries(subjects).map(([name, make]) => [`${name} ${dtype}`, make]);
}

const ones5 = (dtype: Float) => normal([9, 5], dtype, 21);
const rotations = (dtype: Float) => ({
  i: Int32Array.from({ length: 20 }, (_, k) => k % 8),
  j: Int32Array.from({ length: 20 }, (_, k) => (k % 8) + 1),
  angles: ct.mul(normal([20], dtype, 6), 40),
});

/** Ten steps on a tree of parameters, with a schedule whose powers are not whole. */
function trained(name: 'sgd' | 'adam' | 'adamw' | 'rmsprop' | 'adagrad', dtype: Float): unknown {
  const learningRate = optim.schedules.exponential({ initial: 0.1, rate: 0.7, every: 3 });
  const optimizer = optim[name]({ learningRate }) as ct.optim.Optimizer<ct.optim.OptimizerState>;
  let params = { w: normal([7], dtype) };
  let state = optimizer.init(params);
  for (let k = 0; k < 10; k++) {
    const grads = ct.grad((p: typeof params) => sum(ct.square(ct.tanh(p.w))))(params);
    ({ params, state } = optimizer.update(params, grads, state));
  }
  return params;
}

const steps = Array.from({ length: 40 }, (_, k) => k);
const programs: Subject[] = [
  ...(['exponential', 'step', 'linear', 'cosine', 'cosineRestarts', 'warmup'] as const).map(
    (name): Subject => {
      const options = {
        exponential: { initial: 0.3, rate: 0.83, every: 7 },
        step: { initial: 0.3, every: 4, factor: 0.37 },
        linear: { initial: 0.3, final: 0.01, steps: 30 },
        cosine: { initial: 0.3, final: 0.01, steps: 30 },
        cosineRestarts: { initial: 0.3, period: 5, multiply: 1.5 },
        warmup: { steps: 9, next: 0.3 },
      }[name];
      return [
        `schedules.${name} over 40 steps`,
        () => steps.map((optim.schedules[name] as (o: unknown) => (k: number) => number)(options)),
      ];
    },
  ),
  ['integers', () => random(3).integers([999], -7, 1e9)],
  ['permutation', () => random(3).permutation(501)],
  ['bernoulli', () => nn.bernoulli(tensor([3, 4], { dtype: 'i32' }), 0.3, [301])],
  ['randomBits', () => nn.randomBits(nn.foldIn(tensor([3, 4], { dtype: 'i32' }), 9), [301])],
  ['linspace', () => ct.linspace(-0.1, 1e300, 77)],
  ['arange', () => ct.arange(0.1, 7, 0.013)],
  ['initialisers', () => nn.dense(31).init(random(9), [17], { dtype: 'f32' })],
  ['syntheticImages', () => nn.syntheticImages(random(4), { count: 6, shape: [3, 8, 8], classes: 3 })],
  [
    'quadraticProgram',
    () => {
      const n = 9;
      const problem = {
        P: spd(n, 'f64'),
        q: normal([n], 'f64', 5),
        G: ct.concat([ct.eye(n), ct.neg(ct.eye(n))], 0),
        h: ct.full([2 * n], 0.4),
        A: ct.ones([1, n]),
        b: ct.ones([1]),
      };
      return optim.quadraticProgram(problem, { throws: false });
    },
  ],
  [
    'infeasible program',
    () => {
      const problem = {
        c: ct.ones([2]),
        G: tensor([
          [1, 1],
          [-1, -1],
        ]),
        h: tensor([-1, -1]),
      };
      return optim.linearProgram(problem, { throws: false });
    },
  ],
  [
    'minimizeEquality',
    () => optim.minimizeEquality(rosenbrock, start('f64'), { A: ct.ones([1, 5]), b: ct.ones([1]) }, few),
  ],
  [
    'minimizeBarrier',
    () =>
      optim.minimizeBarrier(rosenbrock, ct.zeros([5]), { inequalities: (x: T) => sub(ct.square(x), 4) }, few),
  ],
  [
    'admm',
    () =>
      optim.admm(
        { f: { P: spd(5, 'f64'), q: normal([5], 'f64') }, g: optim.penalty.l1(0.3) },
        ct.zeros([5]),
        few,
      ),
  ],
];

/** All of them; names are distinct. */
export const subjects: readonly Subject[] = [
  ...called,
  ...inDtype('f64'),
  ...inDtype('f32'),
  ...givensSubjects,
  ...dynamicsSubjects,
  ...fftSubjects,
  ...programs.map(([name, make]): Subject => [`${name}, larger`, make]),
];
