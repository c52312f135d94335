// Derivatives of A = U diag(s) Vᵀ (Townsend, Differentiating the singular value decomposition, 2016).
import type { Tensor } from '../../core/tensor.js';
import { add, mul, neg, plus, sub } from '../../ops/arithmetic.js';
import { matmul } from '../../ops/matmul.js';
import type { Derivative } from '../../ops/op.js';
import { sum } from '../../ops/sum.js';
import { asColumn, asRow, transposed } from './matrix.js';
import { inverseGaps, inverseSums, reciprocal } from './reciprocal.js';
import { submatrix } from './submatrix.js';

interface Factors<T> {
  u: T;
  s: T;
  vt: T;
}

const left = { transposeA: true };
const right = { transposeB: true };

/** 1 / (s_j² - s_i²), or 0 if both are equal. */
const inverseSquareGaps = (s: Tensor) => mul(inverseGaps(s), inverseSums(s));

/** Vectors in columns: the k with singular values, and those that complete the basis, if any. */
function parts(u: Tensor, k: number): { own: Tensor; rest?: Tensor } {
  const [m, columns] = u.shape.slice(-2);
  return columns === k ? { own: u } : { own: submatrix(u, m, k), rest: submatrix(u, m, columns - k, 0, k) };
}

/** Two blocks of columns side by side. */
function beside(x: Tensor, y: Tensor): Tensor {
  const [rows, n] = x.shape.slice(-2);
  const columns = n + y.shape[y.ndim - 1];
  return add(submatrix(x, rows, columns), submatrix(y, rows, columns, 0, -n));
}

/**
 * Tangents: with P = Uᵀ dA V and f_ij = 1 / (s_j² - s_i²), ds = diag(P), dU = U (F ∘ (P S + S Pᵀ)) + (I - U Uᵀ) dA V
 * S⁻¹, and dV likewise.
 */
export function svdTangents(t: Tensor, { u, s, vt }: Factors<Tensor>): Tensor[] {
  const k = s.shape[s.ndim - 1];
  const [us, vs] = [parts(u, k), parts(transposed(vt), k)];
  const f = inverseSquareGaps(s);
  const [tv, tu] = [matmul(t, vs.own), matmul(t, us.own, left)];
  const p = matmul(us.own, tv, left);
  const turn = (x: Tensor) => mul(f, add(x, transposed(x)));
  const [du, dv] = [
    moved(us, tv, p, turn(mul(p, asRow(s))), s),
    moved(vs, tu, transposed(p), turn(mul(p, asColumn(s))), s),
  ];
  return [du, sum(mul(us.own, tv), { axis: -2 }), transposed(dv)];
}

/** The tangent of vectors, from their rotation among themselves and T = dA V; they leave their range by T - U P. */
function moved(
  { own, rest }: { own: Tensor; rest?: Tensor },
  t: Tensor,
  p: Tensor,
  turn: Tensor,
  s: Tensor,
): Tensor {
  const inside = matmul(own, turn);
  const [m, k] = own.shape.slice(-2);
  if (m === k) return inside;
  const inverse = asRow(reciprocal(s, s));
  const tangent = add(inside, mul(sub(t, matmul(own, p)), inverse));
  if (rest === undefined) return tangent;
  const across = mul(matmul(rest, t, left), inverse);
  return beside(tangent, neg(matmul(own, across, right)));
}

/** The cotangent: the transpose of the above. */
export function svdCotangent(cotangents: Factors<Derivative>, { u, s, vt }: Factors<Tensor>): Derivative {
  const k = s.shape[s.ndim - 1];
  const v = transposed(vt);
  const [us, vs] = [parts(u, k), parts(v, k)];
  const { u: cu, s: cs } = cotangents;
  const cv = cotangents.vt && transposed(cotangents.vt);
  const [cus, cvs] = [cu && parts(cu, k), cv && parts(cv, k)];
  const turn = (x: Tensor, c: Tensor) => {
    const y = matmul(x, c, left);
    return mul(inverseSquareGaps(s), sub(y, transposed(y)));
  };
  let core: Derivative;
  if (cus) core = mul(turn(us.own, cus.own), asRow(s));
  if (cvs) core = plus(core, mul(turn(vs.own, cvs.own), asColumn(s)));
  // U core Vᵀ, and the parts outside the ranges.
  let leftFactor = core && matmul(us.own, core);
  if (cs) leftFactor = plus(leftFactor, mul(us.own, asRow(cs)));
  if (cus) leftFactor = plus(leftFactor, outside(us, cus, s));
  const total = leftFactor && matmul(leftFactor, vs.own, right);
  const other = cvs && outside(vs, cvs, s);
  return plus(total, other && matmul(us.own, other, right));
}

/** (I - U Uᵀ) Ū S⁻¹, and for vectors U' that complete U: -U' Ū'ᵀ U S⁻¹; undefined where U is square. */
function outside(
  { own, rest }: { own: Tensor; rest?: Tensor },
  c: { own: Tensor; rest?: Tensor },
  s: Tensor,
): Derivative {
  const [m, k] = own.shape.slice(-2);
  if (m === k) return undefined;
  let part = sub(c.own, matmul(own, matmul(own, c.own, left)));
  if (rest && c.rest) part = sub(part, matmul(rest, matmul(c.rest, own, left)));
  return mul(part, asRow(reciprocal(s, s)));
}
