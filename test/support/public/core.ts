// Public functions of the package itself, with arguments.
import * as cotangent from '#src/index.js';
import { add, exp, mul, sin, square, sub, type Tensor, tensor } from '#src/index.js';
import type { Any, PublicFunction } from '../public-functions.js';
import {
  binary,
  DEVICE,
  each,
  f,
  integers,
  matrix,
  noTensors,
  ofFunction,
  reduction,
  SPEAKS,
  through,
  unary,
  vector,
} from './makers.js';

export const coreFunctions: Record<string, PublicFunction> = {
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
  compile: ofFunction((g, x) => through(g(each), (plan: Any) => mul(plan(x), 1))),
  concat: { args: () => [[vector(), vector(2)]] },
  configuration: noTensors(),
  constant: { args: () => [vector()], constant: 'makes a constant: the derivative 0 is its meaning' },
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
    (g, x, t) => through(g(each, x), (map: Any) => map.apply(t)),
    () => [vector(), vector(2)],
  ),
  linspace: noTensors(0, 1, 3),
  loadNpy: { args: () => [through(vector(), cotangent.saveNpy)], constant: 'takes no tensors' },
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
  scan: {
    args: () => [vector(), matrix(4, 3)],
    call: (g, carry, xs) =>
      g((c: Tensor, x: Tensor) => ({ carry: sin(add(c, x)), y: mul(c, exp(x)) }), carry, xs),
  },
  slice: { args: () => [vector(), [1], [3]] },
  split: { args: () => [vector(), [1, 2]] },
  squeeze: { args: () => [matrix(1, 3)] },
  stack: { args: () => [[vector(), vector(2)]] },
  stopGradient: { args: () => [vector()], constant: 'makes a constant: the derivative 0 is its meaning' },
  take: { args: () => [vector(), integers(2, 0, 2)] },
  tensor: noTensors([1, 2]),
  toJson: { args: () => [vector()], constant: SPEAKS },
  trace: ofFunction((g, x) =>
    through([vector(2)], ([y]) => through(g(each, y), (graph: Any) => graph.run(x))),
  ),
  transpose: { args: () => [matrix(2, 3)] },
  tril: { args: () => [matrix(3, 3)] },
  triu: { args: () => [matrix(3, 3)] },
  valueAndGrad: ofFunction((g, x) => g(f)(x)),
  vjp: ofFunction(
    (g, x, ct) => through(g(each, x), (made: Any) => made.pullback(ct)),
    () => [vector(), vector(2)],
  ),
  where: { args: () => [vector(), vector(1), vector(3)] },
  zeros: noTensors([2]),

  ...Object.fromEntries(
    'applyGivens available calibrate calibration convolve destroy init lorenz96 map matmul memory reduce sinkhorn softmax sync upload zip'
      .split(' ')
      .map((name) => [`gpu.${name}`, { args: () => [], constant: DEVICE }]),
  ),
};
