// Derivatives of A = U diag(s) Vᵀ (Townsend, Differentiating the singular value decomposition, 2016).
import type { Tensor } from '../../core/tensor.js';
import { add, mul, neg, plus, sub } from '../../ops/arithmetic.js';
import { matmul } from '../../ops/matmul.js';
import type { Derivative } from '../../ops/op.js';
import { sum } from '../../ops/sum.js';
import { asRow, transposed } from './matrix.js';
import { inverseGaps, inverseSums, reciprocal } from './reciprocal.js';
import { submatrix } from './submatrix.js';
import { nullColumns, tiesBackward } from './ties-backward.js';
import { tiesForward } from './ties-forward.js';

interface Factors<T> {
  u: T;
  s: T;
  vt: T;
}

const left = { transposeA: true };
const right = { transposeB: true };

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
 * Tangents: with P = Uᵀ dA V, its even part E and odd part O (E + O = P, E = Eᵀ), ds = diag(P), and the vectors turn by
 * e_ij / (s_j - s_i) ± o_ij / (s_j + s_i), + for U: dU = U Ω + (I - U Uᵀ) dA V S⁻¹, and dV likewise.
 */
export function svdTangents(t: Tensor, { u, s, vt }: Factors<Tensor>): Tensor[] {
  const k = s.shape[s.ndim - 1];
  const [us, vs] = [parts(u, k), parts(transposed(vt), k)];
  const [tv, tu] = [matmul(t, vs.own), matmul(t, us.own, left)];
  const p = matmul(us.own, tv, left);
  const square = u.shape[u.ndim - 2] === vt.shape[vt.ndim - 1];
  const { turns, changes } = tiesForward(s, p, true, square);
  const half = mul(p, 0.5);
  const flipped = transposed(half);
  const together = add(mul(add(half, flipped), inverseGaps(s)), turns);
  const apart = mul(sub(half, flipped), inverseSums(s));
  const du = moved(us, tv, p, add(together, apart), s);
  const dv = moved(vs, tu, transposed(p), sub(together, apart), s);
  return [du, add(sum(mul(us.own, tv), { axis: -2 }), changes), transposed(dv)];
}

/** The tangent of the values alone. */
export function svdvalsTangent(t: Tensor, { u, s, vt }: Factors<Tensor>): Tensor {
  const tv = matmul(t, vt, right);
  const square = t.shape[t.ndim - 2] === t.shape[t.ndim - 1];
  const { changes } = tiesForward(s, matmul(u, tv, left), true, square);
  return add(sum(mul(u, tv), { axis: -2 }), changes);
}

/** The cotangent for values alone. */
export function svdvalsCotangent(ct: Tensor, { u, s, vt }: Factors<Tensor>): Tensor {
  // As if it depended on the values of this decomposition: what values and vectors must know together is unknown then.
  const weights = add(ct, mul(s, 0));
  return matmul(mul(u, asRow(add(weights, tiesBackward(s, weights, [], true)))), vt);
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
  const leaving = sub(t, matmul(own, p));
  const tangent = add(inside, add(mul(leaving, inverse), nullColumns(s, leaving, t)));
  if (rest === undefined) return tangent;
  const across = mul(matmul(rest, t, left), inverse);
  return beside(tangent, neg(matmul(own, across, right)));
}

/**
 * The cotangent, the transpose of the above. With Y = Uᵀ Ū - Ūᵀ U and Z = Vᵀ V̄ - V̄ᵀ V it is U X Vᵀ, 2 x_ij = (y + z)_ij /
 * (s_j - s_i) + (y - z)_ij / (s_j + s_i), of which the second part is finite where values are equal and not 0.
 */
export function svdCotangent(cotangents: Factors<Derivative>, { u, s, vt }: Factors<Tensor>): Derivative {
  const k = s.shape[s.ndim - 1];
  const v = transposed(vt);
  const [us, vs] = [parts(u, k), parts(v, k)];
  const { u: cu, s: cs } = cotangents;
  const cv = cotangents.vt && transposed(cotangents.vt);
  const [cus, cvs] = [cu && parts(cu, k), cv && parts(cv, k)];
  const yu = cus && matmul(us.own, cus.own, left);
  const yv = cvs && matmul(vs.own, cvs.own, left);
  const sides = [
    cus && yu ? { inner: yu, whole: cus.own } : undefined,
    cvs && yv ? { inner: yv, whole: cvs.own } : undefined,
  ];
  const square = u.shape[u.ndim - 2] === vt.shape[vt.ndim - 1];
  const ties = tiesBackward(s, cs, sides, true, square);
  if (!yu && !yv) return matmul(mul(us.own, asRow(add(cs as Tensor, ties))), vs.own, right);
  const odd = (y: Tensor) => mul(sub(y, transposed(y)), 0.5);
  const [y, z] = [yu && odd(yu), yv && odd(yv)];
  const together = mul(plus(y, z) as Tensor, inverseGaps(s));
  const difference = y && z ? sub(y, z) : (y ?? neg(z as Tensor));
  const core = add(add(together, mul(difference, inverseSums(s))), ties);
  // U X Vᵀ, and the parts outside the ranges.
  let leftFactor: Derivative = matmul(us.own, core);
  if (cs) leftFactor = plus(leftFactor, mul(us.own, asRow(cs)));
  if (cus) leftFactor = plus(leftFactor, outside(us, cus, s));
  const total = leftFactor && matmul(leftFactor, vs.own, right);
  const other = cvs && outside(vs, cvs, s);
  return plus(total, other && matmul(us.own, other, right));
}

/** (I - U Uᵀ) Ū S⁻¹ (0 / 0 = 0), and for vectors U' that complete U: -U' Ū'ᵀ U S⁻¹; undefined where U is square. */
function outside(
  { own, rest }: { own: Tensor; rest?: Tensor },
  c: { own: Tensor; rest?: Tensor },
  s: Tensor,
): Derivative {
  const [m, k] = own.shape.slice(-2);
  if (m === k) return undefined;
  let part = sub(c.own, matmul(own, matmul(own, c.own, left)));
  if (rest && c.rest) part = sub(part, matmul(rest, matmul(c.rest, own, left)));
  return add(mul(part, asRow(reciprocal(s, s))), nullColumns(s, part, c.own));
}
