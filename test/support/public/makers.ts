// What arguments of public functions are made of.
import * as cotangent from '#src/index.js';
import {
  add,
  exp,
  matmul,
  mul,
  nn,
  optim,
  random,
  square,
  sub,
  sum,
  Tensor,
  tensor,
  transpose,
} from '#src/index.js';
import { numbers } from '../check.js';
import type { Any, PublicFunction } from '../public-functions.js';
import { disposeAll } from '../results.js';

export const vector = (from = 1) =>
  tensor([0.31, 0.62, 0.47].map((v, i) => v + 0.07 * from * (i % 2) + 0.01 * from));
export const matrix = (rows: number, columns: number, from = 1) =>
  tensor(numbers(rows * columns, from), { shape: [rows, columns] });
export const square3 = (from = 4) => scoped(() => add(matrix(3, 3, from), mul(cotangent.eye(3), 3)));
export const definite = () =>
  scoped(() => {
    const a = matrix(3, 3, 9);
    return add(matmul(a, transpose(a)), cotangent.eye(3));
  });
export const integers = (...values: number[]) => tensor(Int32Array.from(values));
export const scoped = (f: () => Tensor): Tensor => cotangent.scope(f);
export const symmetric = (a: Tensor) => scoped(() => mul(0.5, add(a, transpose(a))));
/** Uses what was made on the way, and frees it. */
export function through<M, R>(made: M, use: (made: M) => R): R {
  try {
    return use(made);
  } finally {
    disposeAll(made);
  }
}

export const unary = (from = 1): PublicFunction => ({ args: () => [vector(from)] });
export const binary: PublicFunction = { args: () => [vector(1), vector(3)] };
export const reduction: PublicFunction = { args: () => [matrix(2, 3), { axis: 1 }] };
export const noTensors = (...args: unknown[]): PublicFunction => ({
  args: () => args,
  constant: 'takes no tensors',
});
export const SETTINGS = 'makes a method or a schedule of options';
export const settings = (...args: unknown[]): PublicFunction => ({
  args: () => args,
  constant: SETTINGS,
});
/** Of a function of functions: called with f, and then with x. */
export const ofFunction = (call: PublicFunction['call'], args = () => [vector()]): PublicFunction => ({
  args,
  call,
});

export const f = (x: Tensor) => sum(mul(exp(x), x));
export const each = (x: Tensor) => mul(exp(x), x);
/** Smooth, with one minimum. */
export const bowl = (x: Tensor) => add(sum(exp(x)), sum(square(sub(x, 1))));
export const x0 = () => tensor([0.2, -0.1, 0.3]);
export const exact = { gradientTolerance: 1e-12 };

export const layers = () => nn.sequential([nn.dense(3), nn.activation('tanh'), nn.dense(2)]);
export const parameters = (model: Any = layers(), shape = [3]) =>
  model.init(random(1), shape, { dtype: 'f64' });
export const images = () => tensor(numbers(32, 2), { shape: [1, 2, 4, 4] });
export const loss = (y: Tensor, labels: Tensor) => nn.crossEntropy(y, labels);
/** A layer: made, and applied to parameters and x. */
export const layer = (
  make: (f: Any) => Any,
  x: () => Tensor,
  shape: number[],
  options?: object,
): PublicFunction => ({
  args: () => [make(undefined).init(random(1), shape, { dtype: 'f64' }), x()],
  call: (_, params, at) => make(undefined).apply(params, at, options),
});
/** An optimizer: params, gradients and the state's tensors. */
export const optimizer = (make: () => Any): PublicFunction => ({
  refuses: 'all',
  args: () => [{ w: vector() }, { w: vector(2) }, make().init({ w: vector() })],
  call: (_, params, grads, state) => make().update(params, grads, state),
});
export const transformation = (make: () => Any): PublicFunction => ({
  refuses: 'all',
  args: () => [{ w: vector() }, { w: vector(2) }],
  call: (_, grads, params) => make().transform(grads, make().init({ w: vector() }), params).grads,
});
export const penaltyOf = (make: () => Any, x = () => matrix(2, 3)): PublicFunction => ({
  args: () => [x()],
  call: (_, at) => make().prox(at, 0.4),
});
/** Its solution does not depend on where it starts, but for the last digits. */
export const minimiser = (make: () => Any): PublicFunction => ({
  starts: 'all',
  tolerance: 1e-5,
  args: () => [x0()],
  call: (_, at) => optim.minimize(bowl, at, make()).x,
});
export const search = (make: () => Any): PublicFunction => ({
  refuses: 'all',
  args: () => [x0(), scoped(() => mul(cotangent.grad(bowl)(x0()), -0.3))],
  call: (_, at, direction) => optim.lineSearch(bowl, at, direction, make()),
});

export const SPEAKS = 'its result is bytes or text: reading values is what it is for, as of data()';
export const DEVICE = 'needs a GPU; its tests are in test/gpu';

export const tensorsOf = (solution: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(solution).filter(([, value]) => value instanceof Tensor));
export const autoencoder = (make: Any) =>
  make({ encoder: nn.dense(2), decoder: nn.dense(3), latent: 1, likelihood: 'gaussian' });
export const variables = () => nn.penaltyVariables(layers(), parameters(), matrix(2, 3, 7));
