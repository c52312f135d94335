// Derivatives of the minimum of f over A x = b with respect to A and b. With H = ∇²f(x) and D = diag(rows), where rows
// marks the independent rows: [H AᵀD; DA I-D] (dx, dν) = (-dAᵀν, D (db - dA x)).
// Source: Nocedal & Wright, Numerical Optimization, section 16.1; the implicit function theorem.
import { hessian } from '../../autodiff/jacobian.js';
import { ArgumentError } from '../../core/errors.js';
import { Tensor } from '../../core/tensor.js';
import { asColumn, asRow, symmetrized, transposed } from '../../linalg/rules/matrix.js';
import { mul, neg, plus, sub } from '../../ops/arithmetic.js';
import { astype } from '../../ops/cast.js';
import { equal } from '../../ops/compare.js';
import { concat } from '../../ops/concat.js';
import { diag } from '../../ops/diagonal.js';
import { matmul } from '../../ops/matmul.js';
import { apply, type Derivative } from '../../ops/op.js';
import { orZeros } from '../../ops/rules.js';
import { where } from '../../ops/select.js';
import { narrow } from '../../ops/slice.js';
import type { ObjectiveFunction } from '../../solve/objective.js';
import type { Parameters } from '../../solve/parameters.js';
import { kktSolveOp } from './kkt-solve.js';

/** A solution as the rules see it. */
export interface SolvedEquality {
  user: string;
  f: ObjectiveFunction;
  parameters: Parameters;
  A: Tensor;
  /** [n]. */
  x: Tensor;
  nu: Tensor;
  /** i32 [p]: 1 for the rows of A that do not depend on others. */
  rows: Tensor;
  /** i32 []: 1 for a solution; otherwise derivatives are NaN. */
  solved: Tensor;
}

/** ∇²f(x), [n, n], in operations. */
function hessianAt({ user, f, parameters, x }: SolvedEquality): Tensor {
  if (typeof f === 'function') return hessian((at: Tensor) => f(parameters.tree(at)))(x) as Tensor;
  const H = f.hessian?.(parameters.tree(x));
  if (H instanceof Tensor) return H;
  throw new ArgumentError(`${user}: the derivative needs f.hessian, got ${String(H)}`);
}

/** (dx, dν) for the right side, parts of which may be zero. */
function move(at: SolvedEquality, right: readonly Derivative[]) {
  const { user, A, x, nu, rows, solved } = at;
  const D = astype(rows, x.dtype);
  const DA = mul(asColumn(D), A);
  const K = concat(
    [concat([symmetrized(hessianAt(at)), transposed(DA)], 1), concat([DA, diag(sub(1, D))], 1)],
    0,
  );
  const r = concat([orZeros(right[0], x), orZeros(right[1], nu)], 0);
  const marked = mul(r, where(equal(solved, 1), astype(solved, x.dtype), Number.NaN));
  const z = apply(kktSolveOp, [K, marked], { user });
  return { dx: narrow(z, 0, 0, x.size), dnu: narrow(z, 0, x.size, nu.size), D };
}

/** Tangents of x and ν for those of A and b. */
export function tangentsOfEquality(at: SolvedEquality, [tA, tb]: readonly Derivative[]): Derivative[] {
  if (tA === undefined && tb === undefined) return [undefined, undefined];
  const force = tA && matmul(tA, at.nu, { transposeA: true });
  const shift = plus(tb, tA && neg(matmul(tA, at.x))) as Tensor;
  const { dx, dnu } = move(at, [force && neg(force), mul(astype(at.rows, at.x.dtype), shift)]);
  return [dx, dnu];
}

/** Cotangents of A and b. */
export function cotangentsOfEquality(
  at: SolvedEquality,
  cotangents: readonly Derivative[],
  [wantsA, wantsB]: readonly boolean[],
): Derivative[] {
  if (!wantsA && !wantsB) return [undefined, undefined];
  const { dx, dnu, D } = move(at, cotangents);
  const shift = mul(D, dnu);
  const outer = (u: Tensor, v: Tensor) => mul(asColumn(u), asRow(v));
  const turned = wantsA ? neg(plus(outer(at.nu, dx), outer(shift, at.x)) as Tensor) : undefined;
  return [turned, wantsB ? shift : undefined];
}
