// All public functions with valid arguments, where their options stand, and who answers for them in messages.
import * as ct from '#src/index.js';

const { eye, nn, ones, optim, random, scope, sum, square, tensor, zeros } = ct;
type T = ct.Tensor;

/** How a function is called. */
export interface Case {
  /** The public path: 'linalg.svd'; of a method of what it gives: 'nn.dense().apply'. */
  path: string;
  /** How messages begin; default the last part of the path. */
  says?: string | RegExp;
  // biome-ignore lint/suspicious/noExplicitAny: all kinds of functions
  call: (...args: any[]) => unknown;
  /** Valid arguments, made anew for every call. */
  args: () => unknown[];
  /** The position of the options among the arguments. */
  options?: number;
}

const x = () => tensor([0.3, 0.6]);
const a = () =>
  tensor([
    [4, 1],
    [1, 3],
  ]);
const i32 = (list: number[]) => tensor(list, { dtype: 'i32' });
const key = () => i32([1, 2]);
const cost = (v: T) => sum(square(v));
const cases: Case[] = [];
/** Functions under one namespace that take the same arguments. */
function add(
  prefix: string,
  names: string,
  args: () => unknown[],
  options?: number,
  more: Partial<Case> = {},
): void {
  for (const name of names.split(' ')) {
    const path = `${prefix}${name}`;
    // biome-ignore lint/suspicious/noExplicitAny: looked up by name
    const f = path.split('.').reduce((at: any, part) => at[part], ct);
    cases.push({
      path,
      call: (...given) => f(...given),
      args,
      ...(options !== undefined && { options }),
      ...more,
    });
  }
}

// Elementwise, and reductions.
add(
  '',
  'abs acos asin atan cos cosh elu erf exp expm1 gelu isNaN log log1p neg relu rsqrt sigmoid sign silu sin sinh softplus sqrt square tan tanh stopGradient',
  () => [x()],
);
add(
  '',
  'add atan2 div equal greater greaterEqual less lessEqual maximum minimum mul notEqual pow sub',
  () => [x(), 2],
);
add('', 'where', () => [i32([0, 1]), x(), 1]);
add('', 'clip', () => [x(), 0, 1]);
add(
  '',
  'sum mean prod max min argmax argmin logsumexp norm softmax logSoftmax cumsum variance',
  () => [a(), { axis: 0 }],
  1,
);
// Layout.
add('', 'reshape', () => [a(), [4]]);
add('', 'transpose', () => [a(), [1, 0]]);
add('', 'expandDims squeeze', () => [ones([1, 2]), 0]);
add('', 'broadcastTo', () => [x(), [3, 2]]);
add('', 'concat stack', () => [[x(), x()], 0]);
add('', 'split', () => [x(), 2, 0]);
add('', 'slice', () => [a(), [0, 0], [1, 2], [1, 1]]);
add('', 'take', () => [a(), i32([1]), 0]);
add('', 'pad', () => [x(), [[1, 1]], { mode: 'constant' }], 2);
add('', 'flip', () => [a(), 0]);
add('', 'roll', () => [a(), 1, 0]);
add('', 'tril triu diagonal', () => [a(), 0]);
add('', 'matmul', () => [a(), a(), { transposeA: true }], 2);
add('', 'dot outer', () => [x(), x()]);
add('', 'einsum', () => ['ij,jk->ik', a(), a()]);
add('', 'astype', () => [x(), 'f32']);
// Making tensors, and files of them.
add('', 'tensor', () => [[1, 2], { shape: [2] }], 1);
add('', 'zeros ones', () => [[2], { dtype: 'f32' }], 1);
add('', 'full', () => [[2], 3, { dtype: 'f32' }], 2);
add('', 'eye', () => [2, 2, { dtype: 'f32' }], 2);
add('', 'arange', () => [0, 4, 1, { dtype: 'f32' }], 3);
add('', 'linspace', () => [0, 1, 3, { dtype: 'f32' }], 3);
add('', 'diag', () => [x()]);
add('', 'random', () => [1]);
add('', 'toJson saveNpy', () => [x()]);
add('', 'fromJson', () => [ct.toJson(x())]);
add('', 'loadNpy', () => [scope(() => ct.saveNpy(x()))]);
add('', 'scope', () => [() => x()]);
add('', 'constant', () => [x()]);
add(
  '',
  'scan',
  () => [(s: T) => ({ carry: ct.mul(s, 2) }), x(), undefined, { length: 2, checkpoint: 'sqrt' }],
  3,
  {
    says: /^(scan|mul): /,
  },
);
add('', 'memory configuration', () => []);
add('', 'init', () => [{}], 0);
add('', 'parallelMatmul', () => [a(), a(), { device: 'cpu' }], 2);
add('', 'deviceOf', () => [x()]);
for (const [name, args, options] of [
  ['uniform', () => [[2], { low: 0 }], 1],
  ['normal', () => [[2], { std: 1 }], 1],
  ['integers', () => [[2], 0, 3], undefined],
  ['permutation', () => [3], undefined],
  ['split', () => [], undefined],
] as const)
  cases.push({
    path: `random().${name}`,
    call: (...given) => (random(1)[name] as (...args: unknown[]) => unknown)(...given),
    args: args as () => unknown[],
    ...(options !== undefined && { options }),
  });

// Derivatives and graphs.
const called =
  (make: (...args: never[]) => unknown, given: number) =>
  (...args: unknown[]) =>
    (make(...(args.slice(0, given) as never[])) as (...args: unknown[]) => unknown)(...args.slice(given));
add('', 'grad jacfwd jacrev jacobian hessian', () => [cost, 0, x()]);
for (const one of cases.slice(-5)) one.call = called(ct[one.path as 'grad'], 2);
cases.push({
  path: 'valueAndGrad',
  call: called(ct.valueAndGrad as never, 3),
  args: () => [cost, 0, { aux: false }, x()],
  options: 2,
});
add('', 'vjp linearize', () => [cost, x()]);
// What f is given is the user's own to check.
add('', 'trace', () => [cost, x()], undefined, { says: /^(trace|square): / });
add('', 'jvp', () => [cost, [x()], [x()]]);
add('', 'hvp', () => [cost, x(), x()]);
cases.push({
  path: 'vjp().pullback',
  says: 'vjp',
  call: (ct_: unknown) => scope(() => ct.vjp((v: T) => ct.mul(v, 2), x()).pullback(ct_)),
  args: () => [x()],
});
cases.push({
  path: 'linearize().apply',
  says: 'linearize',
  call: (t: unknown) =>
    scope(() => {
      using map = ct.linearize(cost, x());
      return map.apply(t);
    }),
  args: () => [x()],
});
cases.push({
  path: 'trace().run',
  says: 'run',
  call: (t: unknown) => scope(() => ct.trace(cost, x()).run(t)),
  args: () => [x()],
});
cases.push({
  path: 'compile',
  says: /^(compile|square|mul): /,
  call: (f: (v: unknown) => T, options: { device?: 'cpu' }, v: unknown) =>
    scope(() => {
      using plan = ct.compile(f, options);
      return ct.mul(plan(v), 1);
    }),
  args: () => [cost, { device: 'cpu', download: false }, x()],
  options: 1,
});
cases.push({
  path: 'checkpoint',
  says: /^(checkpoint|square): /,
  call: called(ct.checkpoint as never, 1),
  args: () => [cost, x()],
});
add('', 'checkpointSequence', () => [(s: T) => ct.mul(s, 2), x(), 3, { schedule: 'sqrt' }], 3, {
  says: /^(checkpointSequence|mul): /,
});
cases.push({
  path: 'customVjp',
  call: called(((f: never, b: never) => ct.grad(ct.customVjp(f, b))) as never, 2),
  says: /^(customVjp|grad): /,
  args: () => [(v: T) => ({ value: cost(v), residuals: v }), (v: T, dy: T) => [ct.mul(dy, v)], x()],
});
cases.push({
  path: 'customJvp',
  call: (f: never, rule: never, v: unknown) => scope(() => ct.jvp(ct.customJvp(f, rule), [v], [x()])),
  says: /^(customJvp|jvp): /,
  args: () => [cost, ([v]: T[], [t]: T[]) => ({ value: cost(v), tangent: sum(ct.mul(v, t)) }), x()],
});
cases.push({
  path: 'implicitRoot',
  says: /^(implicitRoot|sqrt): /,
  call: called(ct.implicitRoot as never, 3),
  args: () => [(t: T, v: T) => ct.sub(square(v), t), (t: T) => ct.sqrt(t), { tolerance: 1 }, x()],
  options: 2,
});
add('', 'checkGradients', () => [cost, [x()], { order: 1 }], 2);
add('', 'defineOp', () => [
  { name: 'same', shape: ([s]: unknown[]) => s, run: (y: T, [v]: T[]) => y.data().set(v.data()) },
]);

// Linear algebra.
add('linalg.', 'cholesky cond det eigvalsh expm inv ldlt lu rcond slogdet trace', () => [a()]);
add('linalg.', 'symmetricFunction', () => [a(), 'exp']);
add('linalg.', 'eigh', () => [a(), { method: 'jacobi' }], 1);
add('linalg.', 'svd', () => [a(), { full: true }], 1);
add('linalg.', 'svdvals', () => [a(), { method: 'jacobi' }], 1);
add('linalg.', 'pinv', () => [a(), { rcond: 1e-9 }], 1);
add('linalg.', 'matrixRank', () => [a(), { tolerance: 1e-9 }], 1);
add('linalg.', 'qr', () => [a(), { mode: 'reduced' }], 1);
add('linalg.', 'norm', () => [a(), 'fro']);
add('linalg.', 'solve', () => [a(), x(), { assume: 'general' }], 2);
add('linalg.', 'solveTriangular', () => [a(), x(), { lower: true }], 2);
add('linalg.', 'lstsq', () => [a(), x(), { rcond: 1e-9 }], 2);
add('linalg.', 'cg gmres minres lsmr', () => [a(), x(), { tolerance: 1e-9 }], 2);
add('linalg.', 'choleskyUpdate', () => [eye(2), x(), { downdate: false }], 2);
add('linalg.', 'factor', () => [a(), { kind: 'lu' }], 1);
add('linalg.', 'givens', () => [3, 4]);
add(
  'linalg.',
  'applyGivens',
  () => [a(), { i: i32([0]), j: i32([1]), angles: tensor([0.1]) }, { side: 'left' }],
  2,
);
add('linalg.', 'solveBanded', () => [ones([1, 2]), { lower: 0, upper: 0 }, x()], 1);
add('linalg.', 'solveBlockDiagonal', () => [ones([2, 1, 1]), x()]);
add('linalg.', 'solveDiagonal', () => [x(), x()]);
add('linalg.', 'solveTridiagonal', () => [tensor([0.1]), tensor([2, 2]), tensor([0.1]), x()]);

// Optimisation.
const few = { maxIterations: 3, throws: false };
add('optim.', 'minimize', () => [cost, x(), optim.lbfgs(), { ...few }], 3);
add('optim.', 'lineSearch', () => [cost, x(), ct.neg(x()), optim.strongWolfe(), { throws: false }], 4);
add('optim.', 'leastSquares', () => [square, x(), optim.levenbergMarquardt(), { ...few }], 3);
add('optim.', 'rootFind', () => [(v: T) => ct.sub(square(v), 1), x(), optim.newtonRoot(), { ...few }], 3);
add('optim.', 'fixedPoint', () => [(v: T) => ct.cos(v), x(), optim.anderson(), { ...few }], 3);
add('optim.', 'proximalGradient', () => [cost, optim.penalty.l1(0.1), x(), { ...few }], 3);
add('optim.', 'admm', () => [{ f: { P: a(), q: x() }, g: optim.penalty.l1(1) }, zeros([2]), { ...few }], 2);
add('optim.', 'minimizeEquality', () => [cost, x(), { A: ones([1, 2]), b: ones([1]) }, { ...few }], 3);
add(
  'optim.',
  'minimizeBarrier',
  () => [cost, x(), { inequalities: (v: T) => ct.sub(square(v), 1) }, { ...few }],
  3,
);
add('optim.', 'quadraticProgram', () => [{ P: a(), q: x() }, { throws: false }], 1);
add('optim.', 'linearProgram', () => [{ c: x(), G: ct.neg(eye(2)), h: zeros([2]) }, { throws: false }], 1);
add('optim.', 'kktResiduals', () => [{ P: a(), q: x() }, { x: x() }]);
for (const [names, option] of [
  ['lbfgs lbfgsb stochasticLbfgs anderson', { history: 3 }],
  [
    'gradientDescent newton newtonCg bfgs nonlinearConjugateGradient gaussNewton',
    { lineSearch: optim.backtracking() },
  ],
  ['coordinateDescent', {}],
  ['trustRegion', { radius: 1 }],
  ['levenbergMarquardt', { damping: 1 }],
  ['newtonRoot', { damping: 'none' }],
  ['picard', { mixing: 0.5 }],
  ['strongWolfe backtracking', { c1: 1e-4 }],
  ['interiorPoint', { stepFraction: 0.9 }],
  ['operatorSplitting', { rho: 1 }],
  ['sgd adam adamw rmsprop adagrad', { learningRate: 0.1 }],
  ['averaging', { decay: 0.9 }],
  ['reduceOnPlateau', { factor: 0.5 }],
  ['schedules.exponential', { initial: 1, rate: 0.5 }],
  ['schedules.step', { initial: 1, every: 2 }],
  ['schedules.linear', { initial: 1, final: 0, steps: 2 }],
  ['schedules.cosine', { initial: 1, steps: 2 }],
  ['schedules.cosineRestarts', { initial: 1, period: 2 }],
  ['schedules.warmup', { steps: 2, next: 1 }],
  ['schedules.piecewise', { boundaries: [1], values: [1, 2] }],
] as const)
  add('optim.', names, () => [{ ...option }], 0);
add('optim.', 'broyden exact', () => []);
add('optim.', 'schedules.constant', () => [1]);
add('optim.', 'addWeightDecay clipByGlobalNorm clipByValue', () => [0.1]);
add('optim.', 'transformation', () => [{ name: 'none', apply: () => {} }]);
add('optim.', 'chain', () => [optim.clipByValue(1), optim.sgd()]);
add('optim.prox.', 'l1 l2 squaredL2 linf', () => [x(), 0.5]);
add('optim.prox.', 'elasticNet', () => [x(), 0.5, 0.5]);
add('optim.prox.', 'nuclear', () => [a(), 0.5]);
add('optim.prox.', 'conjugate', () => [(v: T) => ct.mul(v, 0.5), x(), 1]);
add('optim.project.', 'l1Ball l2Ball linfBall simplex', () => [x(), 1]);
add('optim.project.', 'box', () => [x(), 0, 1]);
add('optim.project.', 'halfSpace hyperplane', () => [x(), ones([2]), 1]);
add('optim.project.', 'positiveSemidefinite', () => [a()]);
add('optim.project.', 'secondOrderCone', () => [x()]);
add('optim.penalty.', 'l1 l2 squaredL2 linf nuclear', () => [0.1]);
add('optim.penalty.', 'elasticNet', () => [0.1, 0.5]);
add('optim.penalty.', 'indicator', () => [(v: T) => ct.mul(v, 1)]);
for (const make of ['sgd', 'adam', 'adamw', 'rmsprop', 'adagrad'] as const) {
  const optimizer = optim[make]();
  cases.push({
    path: `optim.${make}().init`,
    says: make,
    call: (p: unknown) => optimizer.init(p),
    args: () => [x()],
  });
  for (const how of ['update', 'step'] as const)
    cases.push({
      path: `optim.${make}().${how}`,
      says: make,
      call: (...given) => (optimizer[how] as (...args: unknown[]) => unknown)(...given),
      args: () => [x(), x(), optimizer.init(scope(() => x()))],
    });
}

// Networks.
const layer = () => nn.sequential([nn.dense(3), nn.activation('tanh'), nn.dense(2)]);
const params = () => layer().init(random(1), [2], { dtype: 'f64' });
const labels = () => i32([0, 1]);
add('nn.', 'dense', () => [3, { bias: true }], 1);
add('nn.', 'conv', () => [1, [3], { stride: 1 }], 2);
add('nn.', 'batchNorm', () => [{ momentum: 0.1 }], 0);
add('nn.', 'maxPool', () => [2, { stride: 2 }], 1);
add('nn.', 'upsample', () => [2, { kind: 'nearest' }], 1);
add('nn.', 'activation', () => ['relu', { slope: 0.1 }], 1);
add('nn.', 'dropout', () => [0.5]);
add('nn.', 'flatten', () => []);
add('nn.', 'sequential', () => [[nn.dense(2)]]);
add('nn.', 'coneConstraint', () => [[[1, -1]], { box: 1, boxAfterEpoch: 2, maxRays: 10, init: 'he' }], 1);
add(
  'nn.',
  'polyhedronConstraint',
  () => [[[1], [-1]], [1, 1], { equalities: { A: [[1]], b: [0] }, exact: 'verified', biasInit: 'zeros' }],
  2,
);
add(
  'nn.',
  'rayConstraint',
  () => [[[1], [-1]], [1, 1], { equalities: { A: [[0]], b: [0] }, interior: [0], init: 'he' }],
  2,
);
add('nn.models.', 'mlp', () => [[2, 3], { activation: 'relu' }], 1);
add('nn.models.', 'proxpropConvNet', () => [{ bias: true }], 0);
add('nn.models.', 'vae', () => [{ encoder: nn.dense(2), decoder: nn.dense(2), latent: 1 }], 0);
for (const [name, make, shape, says] of [
  ['dense', () => nn.dense(3), [2]],
  ['conv', () => nn.conv(1, [2]), [1, 4]],
  ['batchNorm', () => nn.batchNorm(), [2]],
  ['maxPool', () => nn.maxPool(2), [1, 4]],
  ['upsample', () => nn.upsample(2), [1, 4]],
  ['activation', () => nn.activation('relu'), [2]],
  ['dropout', () => nn.dropout(0.5), [2]],
  ['flatten', () => nn.flatten(), [2, 2]],
  ['sequential', layer, [2], /^(sequential|dense|activation): /],
  ['coneConstraint', () => nn.coneConstraint([[1, 1]]), [2], /^(coneConstraint|batchNorm): /],
  [
    'polyhedronConstraint',
    () => nn.polyhedronConstraint([[1], [-1]], [1, 1]),
    [2],
    /^(polyhedronConstraint|batchNorm): /,
  ],
  ['rayConstraint', () => nn.rayConstraint([[1], [-1]], [1, 1]), [2], /^(rayConstraint|batchNorm): /],
  [
    'models.vae',
    () => nn.models.vae({ encoder: nn.dense(2), decoder: nn.dense(2), latent: 1 }),
    [2],
    /^(vae|dense): /,
  ],
] as [string, () => ct.nn.Layer, number[], RegExp?][]) {
  const tell = says ?? name;
  const own = make();
  cases.push({
    path: `nn.${name}().init`,
    says: tell,
    call: (...given) => (own.init as (...args: unknown[]) => unknown)(...given),
    args: () => [random(1), shape, { dtype: 'f64' }],
    options: 2,
  });
  cases.push({
    path: `nn.${name}().apply`,
    says: tell,
    call: (...given) => (own.apply as (...args: unknown[]) => unknown)(...given),
    args: () => [
      own.init(random(1), shape, { dtype: 'f64' }),
      ones([2, ...shape]),
      { training: true, key: key() },
    ],
    options: 2,
  });
}
add('nn.', 'crossEntropy', () => [a(), labels(), {}], 2);
add('nn.', 'accuracy', () => [a(), labels()]);
add('nn.', 'binaryCrossEntropy gaussianKl mse', () => [a(), a()]);
add('nn.', 'kl', () => [a(), a(), { log: true }], 2);
add('nn.', 'parameterCount', () => [params()]);
add('nn.', 'bernoulli', () => [key(), 0.5, [2], { value: 2 }], 3);
add('nn.', 'foldIn', () => [key(), 1]);
add('nn.', 'randomBits', () => [key(), [2]]);
add('nn.', 'batches', () => [{ x: a() }, { size: 1 }], 1);
cases.push({
  path: 'nn.fit',
  says: /^(fit|adam): /,
  call: async (...given) => nn.fit(...(given as Parameters<typeof nn.fit>)),
  args: () => [layer(), params(), { x: a(), y: labels() }, { epochs: 1 }],
  options: 3,
});
add('nn.', 'evaluate', () => [layer(), params(), { x: a(), y: labels() }, { batchSize: 2 }], 3, {
  says: /^(evaluate|sequential): /,
});
add('nn.', 'proxprop', () => [layer(), { mode: 'exact' }], 1);
add('nn.', 'diagonalStep', () => [layer(), { tauTheta: 1 }], 1);
add(
  'nn.',
  'layerwise',
  () => [layer(), ({ gradient }: { gradient: unknown }) => gradient, { lastLayer: 'implicit' }],
  2,
);
for (const how of ['direction', 'directionOf'] as const)
  cases.push({
    path: `nn.proxprop().${how}`,
    says: /^(proxprop|sequential|dense): /,
    call: (...given) => {
      using rule = nn.proxprop(layer(), { mode: 'exact' });
      return (rule[how] as (...args: unknown[]) => unknown)(...given);
    },
    args: () => [params(), a(), labels(), nn.crossEntropy, {}],
    options: 4,
  });
add('nn.', 'penaltyVariables', () => [layer(), params(), a()], undefined, {
  says: /^(penaltyVariables|sequential|dense): /,
});
add(
  'nn.',
  'penaltyEnergy',
  () => [
    layer(),
    params(),
    scope(() => nn.penaltyVariables(layer(), params(), a())),
    a(),
    labels(),
    { gamma: 1, rho: 1 },
  ],
  5,
  { says: /^(penaltyEnergy|sequential|dense): / },
);
add('nn.', 'penaltySweep', () => [layer(), params(), a(), labels(), { tau: 0.1 }], 4, {
  says: /^(penaltySweep|sequential|dense): /,
});
add('nn.', 'saveSafetensors', () => [{ x: x() }, { metadata: {} }], 1);
add('nn.', 'loadSafetensors', () => [scope(() => nn.saveSafetensors({ x: x() })), { like: { x: x() } }], 1);
add('nn.', 'readCifar10', () => [new Uint8Array(3073), { dtype: 'f32' }], 1);
add('nn.', 'readIdx', () => [new Uint8Array([0, 0, 8, 1, 0, 0, 0, 1, 7])]);
add('nn.', 'syntheticImages', () => [random(1), { count: 2, shape: [1, 4, 4], classes: 2 }], 1);

// Nodes.
const corners = () => tensor([-1, -1, 1, -1, 1, 1, -1, 1], { shape: [4, 2] });
const space = () => ct.concat([ct.mul(corners(), 2), zeros([4, 1])], 1);
add('cones.', 'monotone', () => [3, { decreasing: true, nonnegative: true }], 1);
add('cones.', 'convex', () => [4]);
add('cones.', 'checkerboard', () => [4, 4, { tiles: [2, 2] }], 2);
add('cones.', 'signs', () => [[1, 0, -1]]);
add('cones.', 'doubleDescription', () => [a(), { exact: 'verified', order: 'fewest', maxRays: 10 }], 1);
add('cones.', 'vertexEnumeration', () => [a(), x(), { tolerance: 1e-8, order: 'maxcutoff' }], 2);
add('cones.', 'facetEnumeration', () => [{ vertices: a(), rays: a() }, { exact: true }], 1);
add('cones.', 'generators', () => [{ rays: a(), lineality: a() }]);
add(
  'cones.',
  'project distance contains',
  () => [a(), x(), { b: x(), equalities: { A: [[1, -1]], b: [0] }, tolerance: 1e-9 }],
  2,
);
add('cones.', 'readCdd', () => ['H-representation\nbegin\n 1 2 integer\n 1 -1\nend\n', { exact: true }], 1);
add('cones.', 'writeCdd', () => [{ representation: 'V', vertices: a(), rays: a() }, { exact: true }], 1);
const turn = () => ({
  i: i32([0]),
  j: i32([1]),
  angles: tensor([0.1]),
  permutation: i32([1, 0]),
  signs: [1, -1],
});
add(
  'givens.',
  'factorize',
  () => [eye(2), { method: 'jacobi', factors: 1, tolerance: 0.1, errorPeriod: 1, basis: eye(2) }],
  1,
);
add('givens.', 'factorize', () => [eye(2), { beam: 2, refine: 1, parallel: false, onProgress: () => {} }], 1);
add('givens.', 'apply', () => [turn(), x(), { transpose: true, side: 'left' }], 2);
add('givens.', 'toDense', () => [turn(), { d: 2 }], 1);
add('givens.', 'align symmetrizedError', () => [a(), a()]);
add('givens.', 'planted', () => [random(1), 3, 2]);
add('givens.', 'haar', () => [random(1), 3, { special: true }], 2);
const triangle = () => ({ n: 3, edges: i32pairs(), weights: ones([3]) });
const i32pairs = () => tensor([0, 1, 1, 2, 0, 2], { shape: [3, 2], dtype: 'i32' });
add('graph.', 'adjacency degrees', () => [triangle()]);
add('graph.', 'laplacian', () => [triangle(), { kind: 'normalized' }], 1);
add('graph.', 'fourierTransform', () => [triangle(), { kind: 'normalized', factors: 2 }], 1, {
  says: /^(fourierTransform|factorize): /,
});
add('graph.', 'path ring complete star', () => [4]);
add('graph.', 'grid2d', () => [2, 3]);
add('graph.', 'barabasiAlbert', () => [random(1), 8, 2]);
add('graph.', 'erdosRenyi randomGeometric', () => [random(1), 8, 0.5]);
add('graph.', 'wattsStrogatz', () => [random(1), 8, 2, 0.5]);
add(
  'graph.',
  'readEdgeList',
  () => ['1,2,0.5\n', { base: 1, n: 4, weighted: true, comments: ['#'], delimiter: ',' }],
  1,
);
add(
  'graph.',
  'readMatrixMarket',
  () => ['%%MatrixMarket matrix coordinate pattern symmetric\n2 2 1\n2 1\n', { weighted: true }],
  1,
);
const flow = () => ct.dynamics.lorenz96({ K: 4, interval: 0.02, innerSteps: 2 });
const four = () => tensor([1, 2, 3, 4]);
const same = (y: T) => y;
add('dynamics.', 'euler rk4', () => [{ dt: 0.1 }], 0);
add(
  'dynamics.',
  'dopri5',
  () => [{ rtol: 1e-3, atol: 1e-3, dt0: 0.1, minStep: 0, maxStep: 1, maxSteps: 9 }],
  0,
);
add(
  'dynamics.',
  'lorenz96',
  () => [{ K: 4, F: 8, interval: 0.1, innerSteps: 2, method: 'rk4', dtype: 'f64' }],
  0,
);
add(
  'dynamics.',
  'odeint',
  () => [same, x(), [0, 1], ct.dynamics.rk4({ dt: 0.5 }), { batchAxes: 0, checkpoint: 'sqrt', throws: true }],
  4,
);
add(
  'dynamics.',
  'system',
  () => [{ stateShape: [2], interval: 1, innerSteps: 1, dtype: 'f64', name: 's', advance: same }],
  0,
);
add(
  'dynamics.',
  'trajectory',
  () => [flow(), four(), { steps: 1, includeInitial: true, checkpoint: 'sqrt', throws: true }],
  2,
);
add(
  'dynamics.',
  'kolmogorovFlow',
  () => [
    {
      ...{ form: 'spectral', n: 4, viscosity: 0.1, wavenumber: 1, amplitude: 1, damping: 0.1 },
      ...{ innerSteps: 2, dt: 0.1, maxVelocity: 1, courant: 0.5, dtype: 'f64' },
    },
  ],
  0,
);
add(
  'dynamics.',
  'filteredVelocityField',
  () => [random(1), { n: 4, maxVelocity: 1, peakWavenumber: 1, batch: [1], dtype: 'f64' }],
  1,
);
add('dynamics.', 'spinUp', () => [flow(), four(), { steps: 1 }], 2);
add('dynamics.', 'sample', () => [flow(), random(1), { count: 1, steps: 1 }], 2);
add('dynamics.', 'lyapunovExponent', () => [flow(), four(), { steps: 1, spinUp: 0 }], 2);
const z = () => ({ re: a(), im: a() });
add('fft.', 'fft ifft', () => [z(), { n: 3, axis: 0, norm: 'ortho' }], 1);
add('fft.', 'rfft', () => [a(), { n: 3, axis: 0, norm: 'ortho' }], 1);
add('fft.', 'irfft', () => [z(), { n: 3, axis: 0, norm: 'ortho' }], 1);
add(
  'fft.',
  'fft2 ifft2 fftn ifftn irfft2 irfftn',
  () => [z(), { s: [3, 2], axes: [0, 1], norm: 'forward' }],
  1,
);
add('fft.', 'rfft2 rfftn', () => [a(), { s: [3, 2], axes: [0, 1], norm: 'forward' }], 1);
add('fft.', 'fftfreq rfftfreq', () => [4, { d: 0.5, dtype: 'f32' }], 1);
add('fft.', 'fftshift ifftshift', () => [z(), { axes: [0] }], 1);
add('fft.', 'interleave', () => [z()]);
add('fft.', 'deinterleave', () => [a()]);
const { assimilation } = ct;
/** A window of a model of two numbers. */
const windowed = () => ({
  system: ct.dynamics.system({ stateShape: [2], advance: (v) => ct.mul(v, 0.5) }),
  operator: assimilation.identity(),
  observations: a(),
});
const unit = () => assimilation.covariance.diagonal(1);
const fewSteps = { gradientTolerance: 0.1, maxIterations: 2, throws: false };
const followed = {
  ...{ ...fewSteps, trace: true, onIteration: () => {}, compile: false, precondition: unit() },
};
/** What a problem that is not right is called: by its function, or by what it is made of. */
const ofProblem =
  /^(objective|fourDVar|physicsProblem|hybrid|cycle|ensemble|observe|simulate|mul|matmul|add|sub|sum|reshape|stack|trajectory|spinUp|sample|system|minimize|incremental|the covariance): /;
const whole = () => ({ ...windowed(), xb: x(), B: unit(), R: unit(), mask: ones([2, 2]), observationSteps: [0, 1], reduction: 'mean', checkpoint: 'log' }); // biome-ignore format: short
cases.push({
  path: 'assimilation.objective',
  call: (problem, at) => scope(() => assimilation.objective(problem as never)(at as never)),
  ...{ args: () => [whole(), x()], options: 0 },
});
add('assimilation.', 'fourDVar', () => [windowed(), x(), optim.lbfgs(), { ...followed }], 3, {
  says: ofProblem,
});
add('assimilation.', 'incremental', () => [{ outer: 1, inner: 2, innerTolerance: 0.1 }], 0);
add('assimilation.', 'cycle', () => [{ ...windowed(), xb: x(), window: 1, shift: 1 }, { ...fewSteps, method: assimilation.incremental() }], 1, { says: ofProblem }); // biome-ignore format: short
const doubled = (v: T) => ct.mul(v, 2);
add('assimilation.', 'physicsProblem', () => [windowed(), doubled], undefined, { says: ofProblem });
add('assimilation.', 'hybrid', () => [windowed(), x(), { inverse: doubled, physicsIterations: 1, observationIterations: 1, method: optim.lbfgs(), throws: false }], 2, { says: ofProblem }); // biome-ignore format: short
add('assimilation.', 'ensemble', () => [windowed(), x(), { members: 2, generator: random(1), ...fewSteps, method: optim.lbfgs(), precondition: unit() }], 2, { says: ofProblem }); // biome-ignore format: short
add('assimilation.', 'simulate', () => [flow(), assimilation.identity(), random(1), { count: 1, states: 2, spinUp: 1, batchSize: 1 }], 3, { says: ofProblem }); // biome-ignore format: short
add('assimilation.', 'observe', () => [assimilation.identity(), a(), { stateAxes: 1, R: unit(), generator: random(1) }], 2, { says: ofProblem }); // biome-ignore format: short
add('assimilation.', 'linear', () => [a(), { stateAxes: 1 }], 1);
add('assimilation.', 'identity', () => []);
add('assimilation.', 'sampleCovariance', () => [a(), { ddof: 0 }], 1);
add('assimilation.', 'whitening', () => [a(), { floor: 0.1 }], 1);
add('assimilation.covariance.', 'diagonal', () => [x()], undefined, { says: /^covariance\.diagonal: / });
add('assimilation.covariance.', 'dense', () => [a()], undefined, { says: /^covariance\.dense: / });
add('assimilation.covariance.', 'lowRank', () => [a(), x()], undefined, { says: /^covariance\.lowRank: / });
add('assimilation.covariance.', 'operators', () => [{ solve: doubled, sqrt: doubled, sqrtTranspose: doubled, apply: doubled }], 0, { says: /^covariance\.operators: / }); // biome-ignore format: short
add('nodes.', 'rotationMatrix', () => [zeros([3])]);
add('nodes.', 'rotationVector', () => [eye(3)]);
add('nodes.', 'pnp', () => [corners(), space(), { weights: ones([4]) }], 2);
add('nodes.', 'blindPnp', () => [corners(), space(), ct.neg(eye(4)), { gamma: 60 }], 3);

add(
  'nodes.',
  'leastSquares',
  () => [a(), x(), { weights: tensor([1, 2]), rcond: 1e-9, onSolve: () => {} }],
  2,
);
add('nodes.', 'ridge', () => [a(), x(), tensor(0.5), { onSolve: () => {} }], 3);
add('nodes.', 'eigh', () => [a(), { indices: [-1], onSolve: () => {} }], 1);
add('nodes.', 'totalVariation', () => [x(), { lambda: 0.1, backward: 'exact', onSolve: () => {} }], 1);
add('nodes.', 'projectSimplex projectL1Ball projectL2Ball projectLinfBall', () => [x(), { radius: 2 }], 1);
add('nodes.', 'projectSphere', () => [x(), { radius: 2, norm: 1 }], 1);
add('nodes.', 'robustPool', () => [x(), { penalty: 'welsch', alpha: 2, init: 0, onSolve: () => {} }], 1);
const definite = () => ct.mul(eye(2), 2);
const bounds = () => ({ G: eye(2), h: ones([2]) });
add('nodes.', 'projectPolyhedron', () => [x(), bounds(), { tolerance: 1e-8, onSolve: () => {} }], 2);
add(
  'nodes.',
  'quadraticProgram',
  () => [
    { P: definite(), q: x(), ...bounds() },
    { multipliers: false, failed: 'nan', relax: 0.1, onSolve: () => {} },
  ],
  1,
);
add('nodes.', 'optimalTransport', () => [a(), { gamma: 2, potentials: false, onSolve: () => {} }], 1);
add('nodes.', 'optimalTransportCost', () => [a(), { gamma: 2, onSolve: () => {} }], 1);
const objective = (z: T, u: T) => sum(square(ct.sub(u, z)));
cases.push({
  path: 'nodes.argmin',
  // Junk for x comes to the user's function.
  says: /^(argmin|sub): /,
  args: () => [{ objective, failed: 'nan', relax: 0.1, multipliers: false }, x(), zeros([2])],
  call: (problem, at, start) => ct.nodes.argmin<T>(problem)(at, start),
  options: 0,
});
const dynamics = (s: T, u: T) => ct.add(s, u);
const stageCost = (s: T, u: T) => sum(ct.concat([square(s), square(u)], -1), { axis: -1 });
cases.push({
  path: 'nodes.optimalControl',
  args: () => [{ horizon: 2, controlSize: 1, dynamics, cost: stageCost, throws: true }, x(), tensor([1])],
  call: (problem, theta, start) => ct.nodes.optimalControl(problem)(theta, start),
  options: 0,
});

// Assimilation.
add('assimilation.', 'subsample', () => [2, { axes: [-2, -1], offset: 1 }], 1);
add('assimilation.', 'averageInitial', () => [ct.assimilation.subsample(2), tensor([1]), x()]);
add('assimilation.', 'cubicUpsample', () => [a(), 2, { axes: [0, 1], variant: 'halfPixel' }], 2);
add('assimilation.', 'errorScale', () => [a()]);
add('assimilation.', 'relativeError', () => [a(), a(), 2, { stateAxes: 1 }], 3);
const inverse = () => ct.assimilation.lorenz96Inverse({ channels: [2], factor: 2 });
add(
  'assimilation.',
  'lorenz96Inverse',
  () => [{ factor: 2, channels: [2, 2], kernel: 3, upsampling: 'aligned', statistics: 'sample' }],
  0,
);
add(
  'assimilation.',
  'kolmogorovInverse',
  () => [{ factor: 2, channels: 2, kernel: 3, upsampling: 'aligned', statistics: 'sample' }],
  0,
);
cases.push({
  path: 'assimilation.trainInverse',
  says: /^(trainInverse|adam): /,
  call: async (...given) =>
    ct.assimilation.trainInverse(...(given as Parameters<typeof ct.assimilation.trainInverse>)),
  args: () => {
    const model = inverse();
    return [
      model,
      model.init(random(1), [2, 3], { dtype: 'f64' }),
      { states: ones([2, 2, 6]), observations: ones([2, 2, 3]) },
      { epochs: 1 },
    ];
  },
  options: 3,
});
add('assimilation.', 'lorenz96Emulator', () => [{ channels: [2, 2], kernel: 3, mean: 2, std: 3 }], 0);
const emulator = () => ct.assimilation.lorenz96Emulator({ channels: [2], kernel: 3 });
cases.push({
  path: 'assimilation.trainEmulator',
  says: /^(trainEmulator|adam): /,
  call: async (...given) =>
    ct.assimilation.trainEmulator(...(given as Parameters<typeof ct.assimilation.trainEmulator>)),
  args: () => {
    const model = emulator();
    return [
      model,
      model.init(random(1), [4], { dtype: 'f64' }),
      { states: ones([2, 3, 4]) },
      { epochs: 1, rollout: 2, noise: 0.1 },
    ];
  },
  options: 3,
});
for (const [name, make, shape] of [
  ['lorenz96Emulator', emulator, [4]],
  ['lorenz96Inverse', inverse, [2, 3]],
  ['kolmogorovInverse', () => ct.assimilation.kolmogorovInverse({ channels: 2, factor: 2 }), [1, 2, 2, 2]],
] as const) {
  const own = make();
  const says = new RegExp(`^(${name}|conv|batchNorm|sequential): `);
  cases.push({
    path: `assimilation.${name}().init`,
    says,
    call: (...given) => (own.init as (...args: unknown[]) => unknown)(...given),
    args: () => [random(1), [...shape], { dtype: 'f64' }],
    options: 2,
  });
  cases.push({
    path: `assimilation.${name}().apply`,
    says,
    call: (...given) => (own.apply as (...args: unknown[]) => unknown)(...given),
    args: () => [own.init(random(1), [...shape], { dtype: 'f64' }), ones([2, ...shape]), { training: true }],
    options: 2,
  });
}
cases.push({
  path: 'assimilation.subsample().apply',
  says: 'subsample',
  call: (x) => ct.assimilation.subsample(2).apply(x),
  args: () => [a()],
});

// The GPU, which is not there in this test: what is checked before it is looked for.
add('gpu.', 'available', () => [{ backend: 'auto' }], 0);

/** All of them. */
export const CASES: readonly Case[] = cases;

/** Public functions that take nothing, need a GPU, or are classes; kernels are raw. */
export const EXCEPT: readonly string[] = [
  ...[
    'GpuTensor',
    'applyGivens',
    'calibrate',
    'calibration',
    'convolve',
    'destroy',
    'init',
    'lorenz96',
    'map',
    'matmul',
    'memory',
    'reduce',
  ].map((name) => `gpu.${name}`),
  ...['sinkhorn', 'softmax', 'sync', 'upload', 'zip'].map((name) => `gpu.${name}`),
];
