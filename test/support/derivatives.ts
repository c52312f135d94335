// Derivatives for tests: both modes against central differences, in every mix to second order, against each other, without a leak.
import * as assert from 'uvu/assert';
import { runtime } from '#src/core/runtime.js';
import { flatten, unflatten } from '#src/core/tree.js';
import {
  add,
  checkGradients,
  grad,
  jvp,
  memory,
  mul,
  random,
  scope,
  type Tensor,
  tensor,
  transpose,
  vjp,
} from '#src/index.js';
import { near, seed } from './check.js';

export interface DerivativeOptions {
  /** 2 (default) checks the derivatives of the derivatives, too. */
  order?: 1 | 2;
  /** Against differences, relative to the largest entry; default 1e-6. */
  tolerance?: number;
  /**
   * Arguments that are symmetric matrices (positions, or true for all): f is differentiated along symmetric changes only, and the
   * gradients themselves must be symmetric.
   */
  symmetric?: boolean | readonly number[];
}

const swapped = (x: Tensor): Tensor =>
  transpose(
    x,
    [...x.shape.keys()].map((i) => (i < x.ndim - 2 ? i : 2 * x.ndim - 3 - i)),
  );
const symmetrized = (x: Tensor): Tensor => mul(0.5, add(x, swapped(x)));

const normal = (x: Tensor, from: number): Tensor => random(seed + from).normal(x.shape);

/** Σ a_i b_i over all leaves, and the sum of sizes that it is exact relative to. */
export function inner(a: readonly Tensor[], b: readonly Tensor[]): { value: number; size: number } {
  let [value, size] = [0, 0];
  a.forEach((x, i) => {
    const [p, q] = [x.data(), b[i].data()];
    for (let k = 0; k < p.length; k++) {
      value += p[k] * q[k];
      size += Math.abs(p[k] * q[k]);
    }
  });
  return { value, size };
}

/** What is alive: tensors, their bytes, and the bytes of the heap in use. */
function held(): number[] {
  const { tensors, bytes } = memory();
  return [tensors, bytes, runtime().heap.used];
}

/**
 * Checks f's derivatives at `args` (trees of f64 tensors): VJP and JVP against central differences, with order 2 also those of the
 * gradient and of the tangent (so every mix of the modes), <u, J v> = <Jᵀu, v> to 1e-12, and that nothing is left behind.
 * The seed of the directions is in the message; SEED=… repeats it.
 */
export function checkDerivatives(
  // biome-ignore lint/suspicious/noExplicitAny: the trees of the function
  f: (...args: any[]) => unknown,
  args: readonly unknown[],
  options: DerivativeOptions = {},
): void {
  const { order = 2, tolerance = 1e-6, symmetric = false } = options;
  const isSymmetric = (i: number) =>
    symmetric === true || (Array.isArray(symmetric) && symmetric.includes(i));
  // Through the symmetric part, f is defined for every change.
  const wrapped = (...xs: unknown[]) =>
    f(...xs.map((x, i) => (isSymmetric(i) ? symmetrized(x as Tensor) : x)));
  // What is made once is made.
  scope(() => {
    f(...args);
    mul(tensor([1, 2]), tensor([1, 2]));
  });
  const before = held();
  try {
    checkGradients(wrapped, args, { order, tolerance, seed });
    scope(() => checkTransposes(wrapped, args));
    if (symmetric !== false) scope(() => checkSymmetry(f, args, isSymmetric));
  } catch (error) {
    (error as Error).message += ` [SEED=${seed}]`;
    throw error;
  }
  assert.equal(held(), before, 'derivatives must leave no memory behind');
}

/** <u, J v> = <Jᵀu, v>, and the values of both modes are those of f. */
function checkTransposes(f: (...args: unknown[]) => unknown, args: readonly unknown[]): void {
  const { leaves, structure } = flatten(args);
  const at = leaves.flatMap((leaf, i) => (leaf.dtype === 'i32' ? [] : [i]));
  const flat = (...xs: Tensor[]) => {
    const all = [...leaves];
    at.forEach((position, i) => {
      all[position] = xs[i];
    });
    return flatten(f(...(unflatten(structure, all) as unknown[]))).leaves.filter((y) => y.dtype !== 'i32');
  };
  const primals = at.map((i) => leaves[i]);
  for (let round = 0; round < 2; round++) {
    const tangents = primals.map((x, i) => normal(x, 10 * round + i));
    const { value: forward, tangent } = jvp(flat, primals, tangents);
    const { value, pullback } = vjp(flat, ...primals);
    const cotangents = (value as Tensor[]).map((y, i) => normal(y, 100 + 10 * round + i));
    const [uJv, vJu] = [inner(cotangents, tangent), inner(pullback(cotangents), tangents)];
    const bound = 1e-12 * (uJv.size + vJu.size);
    if (!(Math.abs(uJv.value - vJu.value) <= bound))
      throw new Error(`<u, J v> = ${uJv.value}, but <Jᵀu, v> = ${vJu.value}`);
    const plain = flat(...primals);
    plain.forEach((y, i) => {
      assert.equal(value[i].toTypedArray(), y.toTypedArray(), 'vjp must give the value of f');
      assert.equal(forward[i].toTypedArray(), y.toTypedArray(), 'jvp must give the value of f');
    });
  }
}

/** The gradient of a symmetric argument is symmetric. */
function checkSymmetry(
  f: (...args: unknown[]) => unknown,
  args: readonly unknown[],
  isSymmetric: (i: number) => boolean,
): void {
  args.forEach((arg, i) => {
    if (!isSymmetric(i)) return;
    const flat = (x: Tensor) => flatten(f(...args.map((other, j) => (j === i ? x : other)))).leaves;
    const { value, pullback } = vjp(flat, arg);
    const real = (value as Tensor[]).map((y, k) => (y.dtype === 'i32' ? y : normal(y, 200 + k)));
    const gradient = pullback(real)[0] as Tensor;
    const [a, b] = [gradient.data(), swapped(gradient).data()];
    const size = Math.max(...a.map(Math.abs));
    a.forEach((v, k) => {
      if (!(Math.abs(v - b[k]) <= 1e-12 * size))
        throw new Error(`the gradient for symmetric argument ${i} is not symmetric: ${v} and ${b[k]}`);
    });
  });
}

/** The gradients of a scalar function in f32 are of f32, and those in f64 within `tolerance` of the largest entry (or of 1). */
export function checkSingle(
  f: (...xs: Tensor[]) => Tensor,
  args: readonly Tensor[],
  tolerance: number,
): void {
  const gradients = (dtype: 'f64' | 'f32') =>
    grad(
      f,
      args.map((_, i) => i),
    )(...args.map((x) => tensor(x.toTypedArray(), { shape: [...x.shape], dtype }))) as Tensor[];
  const [exact, single] = [gradients('f64'), gradients('f32')];
  exact.forEach((g, i) => {
    assert.is(single[i].dtype, 'f32');
    const size = Math.max(1, ...g.data().map(Math.abs));
    near(single[i].data(), g.data(), tolerance * size, `argument ${i}`);
  });
}
