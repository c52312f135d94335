// The cofactors ∂ det A / ∂ a_ij and their derivative, from A = U diag(s) Vᵀ: products of singular values, for any
// rank.
import type { Tensor } from '../../core/tensor.js';
import { add, mul, mulOp, neg, plus, sub } from '../../ops/arithmetic.js';
import { matmul, matmulOp } from '../../ops/matmul.js';
import { apply, type Derivative, type Op } from '../../ops/op.js';
import type { Workspace } from '../../ops/workspace.js';
import { inverseFor } from '../dense/inverse.js';
import { slogdetOp } from '../dense/slogdet.js';
import { svdOp } from '../dense/svd.js';
import { RowSequence, reshaped, scratchTensor } from '../scratch.js';
import { squareOf } from '../stack.js';
import { asMatrix, inner, transposed } from './matrix.js';

const left = { transposeA: true };

/** The product of s[start … start + n) without those at i and j, in an order that overflows only if it must. */
function productBut(s: ArrayLike<number>, start: number, n: number, i: number, j: number): number {
  let product = 1;
  let [large, small] = [0, n - 1];
  while (large <= small) {
    const at = Math.abs(product) > 1 ? small-- : large++;
    if (at !== i && at !== j) product *= s[start + at];
  }
  return product;
}

/** Prepares the decomposition of a, and the sign of det(U) det(V) as a matrix. */
function decomposed(a: Tensor, rows: RowSequence): { u: Tensor; s: Tensor; vt: Tensor; sign: Tensor } {
  const [u, s, vt] = rows.apply(svdOp, [a], { full: false, method: 'divideAndConquer', user: 'det' });
  const [product] = rows.apply(matmulOp, [u, vt], {});
  const [sign] = rows.apply(slogdetOp, [product], undefined);
  return { u, s, vt, sign: reshaped(sign, [...sign.shape, 1, 1]) };
}

/** The matrices, zeros in place of those with NaN or Infinity, and what fills their results with NaN: the SVD refuses them. */
function finiteOf(a: Tensor, rows: RowSequence, space: Workspace) {
  const { rows: n } = squareOf('det', 'a', a);
  const matrices = scratchTensor(a, space);
  let bad: number[] = [];
  rows.step(() => {
    const [from, to] = [a.data(), matrices.data()];
    bad = [];
    to.set(from);
    for (let t = from.findIndex((x) => !Number.isFinite(x)); t >= 0 && t < from.length; t++) {
      if (Number.isFinite(from[t]) || bad[bad.length - 1] === Math.floor(t / (n * n))) continue;
      bad.push(Math.floor(t / (n * n)));
    }
    for (const i of bad) to.fill(0, i * n * n, (i + 1) * n * n);
  });
  const poison = (out: Tensor) => {
    for (const i of bad) out.data().fill(Number.NaN, i * n * n, (i + 1) * n * n);
  };
  return { matrices, poison };
}

/** Row of the table: C = ± U diag(Π_{j ≠ i} s_j) Vᵀ. */
export const cofactorOp: Op = {
  name: 'det',
  shape: ([a]) => a,
  prepare([out], [a], _, space) {
    const { batch, rows: n, dtype } = squareOf('det', 'a', a);
    const rows = new RowSequence(space);
    const { matrices, poison } = finiteOf(a, rows, space);
    const { u, s, vt, sign } = decomposed(matrices, rows);
    const weights = scratchTensor({ shape: [...batch, 1, n], dtype }, space);
    rows.step(() => {
      const [values, products, signs] = [s.data(), weights.data(), sign.data()];
      for (let at = 0; at < products.length; at++)
        products[at] = signs[Math.floor(at / n)] * productBut(values, at - (at % n), n, at % n, -1);
    });
    const [scaled] = rows.apply(mulOp, [u, weights], undefined);
    rows.into(matmulOp, [out], [scaled, vt], {});
    rows.step(() => poison(out));
    return rows.run;
  },
  jvp: ([t], { inputs: [a] }) => t && slope(a, t),
  vjp: ([ct], { inputs: [a] }) => [slope(a, ct as Tensor)],
};

/**
 * Row of the table: the derivative of C along T, which is its own transpose. With M = Uᵀ T V and P_ij the product of
 * all singular values except those at i and j, it is ± U (diag(P diag(M)) - P ∘ Mᵀ) Vᵀ. Its own derivative is that of
 * <W, T> C - W Tᵀ C, W = A⁻ᵀ, which is equal for a regular A.
 */
export const cofactorSlopeOp: Op = {
  name: 'det',
  shape: ([a]) => a,
  prepare([out], [a, t], _, space) {
    const { count, rows: n } = squareOf('det', 'a', a);
    const rows = new RowSequence(space);
    const { matrices, poison } = finiteOf(a, rows, space);
    const { u, s, vt, sign } = decomposed(matrices, rows);
    const [turned] = rows.apply(matmulOp, [t, vt], { transposeB: true });
    const [m] = rows.apply(matmulOp, [u, turned], left);
    const middle = scratchTensor(a, space);
    rows.step(() => {
      const [values, entries, signs, to] = [s.data(), m.data(), sign.data(), middle.data().fill(0)];
      for (let matrix = 0; matrix < count; matrix++) {
        const start = matrix * n * n;
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            if (i === j) continue;
            const product = signs[matrix] * productBut(values, matrix * n, n, i, j);
            to[start + i * (n + 1)] += product * entries[start + j * (n + 1)];
            to[start + i * n + j] = -product * entries[start + j * n + i];
          }
        }
      }
    });
    // Their memory can be reused now.
    rows.into(matmulOp, [turned], [u, middle], {});
    rows.into(matmulOp, [out], [turned, vt], {});
    rows.step(() => poison(out));
    return rows.run;
  },
  jvp([ta, tt], { inputs: [a, t] }) {
    const along = tt && slope(a, tt);
    if (ta === undefined) return along;
    const [w, c] = [transposed(inverseFor('det', a)), cofactors(a)];
    const [dw, dc] = [neg(matmul(w, matmul(ta, w, left))), slope(a, ta)];
    const terms = (x: Tensor, y: Tensor) => sub(mul(asMatrix(inner(x, t)), y), matmul(x, matmul(t, y, left)));
    return plus(along, add(terms(dw, c), terms(w, dc)));
  },
  vjp([ct], { inputs: [a, t], wanted }) {
    const k = ct as Tensor;
    let da: Derivative;
    if (wanted[0]) {
      const [w, c] = [transposed(inverseFor('det', a)), cofactors(a)];
      const cw = sub(mul(asMatrix(inner(k, c)), t), matmul(k, matmul(c, t, left)));
      const cc = sub(mul(asMatrix(inner(w, t)), k), matmul(t, matmul(w, k, left)));
      da = sub(slope(a, cc), matmul(w, matmul(cw, w, left)));
    }
    return [da, wanted[1] ? slope(a, k) : undefined];
  },
};

/** The cofactor matrix of a. */
export function cofactors(a: Tensor): Tensor {
  return apply(cofactorOp, [a], undefined);
}

/** The derivative of the cofactors of a along t. */
function slope(a: Tensor, t: Tensor): Tensor {
  return apply(cofactorSlopeOp, [a, t], undefined);
}
