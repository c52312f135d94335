// Derivatives of a local minimum by the implicit function theorem: (u, λ, ν) is the root of
// F = (∇f + Gᵀ D λ + Aᵀ ν, D g + (1 - D) λ, h), where D marks the active inequalities.
// Source: the lecture notes, Theorems 3.1 and 3.2, and (106) for singular Hessians.
import { grad } from '../../autodiff/grad.js';
import { tensor } from '../../core/create.js';
import type { TypedArray } from '../../core/dtype.js';
import { SingularMatrixError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { add, div, mul } from '../../ops/arithmetic.js';
import { reshape } from '../../ops/layout.js';
import { apply, type Op } from '../../ops/op.js';
import { leavesOf, type OwnSolve, type Residual, vectorOf } from '../../solve/linear-system.js';
import { problemText } from '../problems/batch.js';
import type { Evaluate, Extents } from './functions.js';
import { lagrangian } from './point.js';
import type { Stationary } from './polish.js';

/** u, λ and ν as tensors: without the parts that have no entries. */
export function unknownsOf(u: Tensor, lambda: Tensor, nu: Tensor): Tensor[] {
  return [u, lambda, nu].filter((part, i) => i === 0 || part.size > 0);
}

/** F; with κ > 0 its second part is g + κ / λ. */
export function residualOf(
  evaluate: Evaluate,
  { count, p, q }: Extents,
  active: Uint8Array,
  kappa: number,
): Residual {
  return (theta, [u, ...multipliers]) => {
    const { dtype } = u;
    const none = (extent: number) => tensor(new Float64Array(0), { shape: [count, extent], dtype });
    const lambda = p * count > 0 ? reshape(multipliers[0], [count, p]) : none(p);
    const nu = q * count > 0 ? reshape(multipliers[multipliers.length - 1], [count, q]) : none(q);
    const marked = (value: number) =>
      tensor(
        Float64Array.from(active, (on) => Number(on === value)),
        { shape: [count, p], dtype },
      );
    const [D, rest] = [marked(1), marked(0)];
    const force = grad((w: Tensor) => lagrangian(evaluate, theta, w, mul(D, lambda), nu))(u) as Tensor;
    const [, g, h] = evaluate(theta, u);
    const second = kappa > 0 ? add(g, div(kappa, lambda)) : add(mul(D, g), mul(rest, lambda));
    return unknownsOf(force, second, h);
  };
}

/** The linear systems of all problems at their solutions. */
interface Systems {
  inverses: Stationary['inverses'];
  /** What stands instead of the solution of a problem that failed. */
  failed: readonly (number | undefined)[];
  /** Numbers of unknowns of a problem in each part. */
  sizes: readonly number[];
  n: number;
  p: number;
}

/** Row of the table: K⁻¹ b for vectors b, part after part of all problems; the matrices are symmetric. */
const systemOp: Op<Systems> = {
  name: 'argmin',
  shape: ([b]) => b,
  prepare:
    ([out], [b], systems) =>
    () =>
      solveAll(systems, b.data(), out.data()),
  jvp: ([t], { params }) => t && apply(systemOp, [t], params),
  vjp: ([ct], { params }) => [apply(systemOp, [ct as Tensor], params)],
};

/** Solves K z = r for all problems with the inverses at the solution. */
export function systemSolver(
  { inverses }: Stationary,
  { batch, count, n, p, q }: Extents,
  failed: readonly (number | undefined)[],
): OwnSolve {
  const sizes = [n, p, q].filter((size, i) => i === 0 || size * count > 0);
  const ambiguous = inverses.findIndex(({ isUnique }, k) => !isUnique && failed[k] === undefined);
  return (right) => {
    if (ambiguous >= 0)
      throw new SingularMatrixError(
        `argmin: the solution is not unique${problemText({ shape: batch, count }, ambiguous)}, so that it has no derivative (add a ` +
          'small multiple of the squared unknowns to the objective, or constraints)',
        0,
      );
    return leavesOf(apply(systemOp, [vectorOf(right)], { inverses, failed, sizes, n, p }), right);
  };
}

function solveAll({ inverses, failed, sizes, n, p }: Systems, b: TypedArray, z: TypedArray): void {
  const count = inverses.length;
  const starts = sizes.map((_, i) => count * sizes.slice(0, i).reduce((sum, size) => sum + size, 0));
  // Multipliers of inactive rows stand alone: 1 λ = r.
  if (z !== b) z.set(b);
  inverses.forEach(({ order, K, Z }, k) => {
    const instead = failed[k];
    if (instead !== undefined) {
      sizes.forEach((size, i) => void z.fill(instead, starts[i] + k * size, starts[i] + (k + 1) * size));
      return;
    }
    const entry = (part: number, i: number) => starts[part] + k * sizes[part] + i;
    const at = order.map((i) => {
      if (i < n) return entry(0, i);
      return i < n + p ? entry(1, i - n) : entry(sizes.length - 1, i - n - p);
    });
    const side = Float64Array.from(at, (from) => b[from]);
    const first = product(Z, side);
    const image = product(K, first);
    const more = product(
      Z,
      side.map((value, i) => value - image[i]),
    );
    at.forEach((to, j) => {
      z[to] = first[j] + more[j];
    });
  });
}

function product(M: Float64Array, x: Float64Array): Float64Array {
  const N = x.length;
  const y = new Float64Array(N);
  for (let i = 0; i < N; i++) {
    let sum = 0;
    for (let j = 0; j < N; j++) sum += M[i * N + j] * x[j];
    y[i] = sum;
  }
  return y;
}
