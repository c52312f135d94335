// Derivatives of a local minimum by the implicit function theorem: (u, λ, ν) is the root of
// F = (∇f + Gᵀ D λ + Aᵀ ν, D g + (1 - D) λ, h), where D marks the active inequalities.
// Source: the lecture notes, Theorems 3.1 and 3.2, and (106) for singular Hessians.
import { grad } from '../../autodiff/grad.js';
import { tensor } from '../../core/create.js';
import { SingularMatrixError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { add, div, mul } from '../../ops/arithmetic.js';
import { reshape } from '../../ops/layout.js';
import type { OwnSolve, Residual } from '../../solve/linear-system.js';
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

/** Solves K z = r for all problems with the inverses at the solution; the matrices are symmetric. */
export function systemSolver(
  { inverses }: Stationary,
  { batch, count, n, p, q }: Extents,
  failed: readonly (number | undefined)[],
): OwnSolve {
  const text = { shape: batch, count };
  const sizes = [n, p, q].filter((size, i) => i === 0 || size * count > 0);
  return (right) => {
    const b = right.map((part) => Float64Array.from(part.data()));
    const z = b.map((part) => part.slice());
    inverses.forEach(({ order, K, Z, isUnique }, k) => {
      const instead = failed[k];
      if (instead !== undefined) {
        z.forEach((part, i) => {
          part.fill(instead, k * sizes[i], (k + 1) * sizes[i]);
        });
        return;
      }
      if (!isUnique)
        throw new SingularMatrixError(
          `argmin: the solution is not unique${problemText(text, k)}, so that it has no derivative (add a small multiple of the ` +
            'squared unknowns to the objective, or constraints)',
          0,
        );
      const at = order.map((i): [number, number] => {
        if (i < n) return [0, k * n + i];
        return i < n + p ? [1, k * p + i - n] : [sizes.length - 1, k * q + i - n - p];
      });
      const side = Float64Array.from(at, ([part, i]) => b[part][i]);
      const first = product(Z, side);
      const image = product(K, first);
      const more = product(
        Z,
        side.map((value, i) => value - image[i]),
      );
      at.forEach(([part, i], j) => {
        z[part][i] = first[j] + more[j];
      });
    });
    return z.map((values, i) => tensor(values, { shape: [...right[i].shape], dtype: right[i].dtype }));
  };
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
