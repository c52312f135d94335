// Derivatives of the solutions (x, λ, ν) of quadratic programs in P, q, G, h, A, b by the implicit function theorem on the
// KKT equations, in which the active inequalities are equalities.
// Source: the lecture notes, Theorem 3.2; Amos and Kolter, OptNet, ICML (2017).
import type { Tensor } from '../../core/tensor.js';
import { asColumn, symmetrized } from '../../linalg/rules/matrix.js';
import { div, mul, neg, plus } from '../../ops/arithmetic.js';
import { astype } from '../../ops/cast.js';
import { equal } from '../../ops/compare.js';
import type { Derivative, Linearization } from '../../ops/op.js';
import { square } from '../../ops/roots.js';
import { where } from '../../ops/select.js';
import { joined, type Kkt, kktInverse, kktSolve, partsOf, times, twoOuter } from '../kkt/solve.js';
import type { Batch } from '../problems/batch.js';
import { kept } from '../problems/node-row.js';

/** The solutions as the rules see them. */
interface Solutions {
  kkt: Kkt;
  x: Tensor;
  lambda: Tensor;
  nu: Tensor;
  /** 1 for active inequalities, in the dtype of x. */
  D: Tensor;
  /** 1, or what derivatives of a program without a solution become. */
  mark: Tensor;
}

function solutionsAt({ inputs, outputs }: Linearization<undefined>, kappa: number): Solutions {
  const [P, , G, , A] = inputs;
  const [x, lambda, nu, active, mark] = outputs;
  const D = astype(active, x.dtype);
  // s / λ with s λ = κ.
  const isActive = equal(active, 1);
  const S = kappa === 0 ? mul(D, 0) : where(isActive, div(kappa, square(where(isActive, lambda, 1))), 0);
  return { kkt: { H: symmetrized(P), G, A, active, S }, x, lambda, nu, D, mark };
}

/** K⁻¹ r, with the inverse that all pullbacks of a recording share. */
function moved(
  point: Linearization<undefined>,
  batch: Batch,
  { kkt, mark }: Solutions,
  parts: readonly Derivative[],
): [Tensor, Tensor, Tensor] {
  const [, , , , , Z0, known] = point.outputs;
  const [Z] = kept(point, () => [kktInverse(kkt, batch, { Z: Z0, known })]);
  const z = kktSolve(kkt, joined(parts, kkt), Z);
  return partsOf(mul(z, asColumn(mark)), kkt);
}

/** Tangents of x, λ and ν; at solutions with s λ = κ if that is above 0. */
export function programTangents(
  batch: Batch,
  [tP, tq, tG, th, tA, tb]: readonly Derivative[],
  point: Linearization<undefined>,
  kappa = 0,
): Derivative[] {
  const at = solutionsAt(point, kappa);
  const { x, lambda, nu, D } = at;
  let force = plus(tP && times(symmetrized(tP), x), tq);
  force = plus(force, tG && times(tG, lambda, true));
  force = plus(force, tA && times(tA, nu, true));
  const shift = plus(th, tG && neg(times(tG, x)));
  const side = plus(tb, tA && neg(times(tA, x)));
  return moved(point, batch, at, [force && neg(force), shift && mul(D, shift), side]);
}

/** Cotangents of P, q, G, h, A and b; the matrix is symmetric, so the same systems are solved. */
export function programCotangents(
  batch: Batch,
  cotangents: readonly Derivative[],
  point: Linearization<undefined>,
  kappa = 0,
): Derivative[] {
  const at = solutionsAt(point, kappa);
  const { x, lambda, nu, D } = at;
  const [dx, dlambda, dnu] = moved(point, batch, at, cotangents.slice(0, 3));
  const force = neg(dx);
  const shift = mul(D, dlambda);
  const rules = [
    () => {
      const half = mul(0.5, force);
      return twoOuter(half, x, x, half);
    },
    () => force,
    () => twoOuter(lambda, force, shift, neg(x)),
    () => shift,
    () => twoOuter(nu, force, dnu, neg(x)),
    () => dnu,
  ];
  return rules.map((rule, i) => (point.wanted[i] ? rule() : undefined));
}
