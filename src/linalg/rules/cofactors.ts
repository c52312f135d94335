// ∂ det A / ∂ a_ij, the cofactors, and their derivative, from A = U diag(s) Vᵀ: products of singular values, for matrices of any rank.
import { tensor } from '../../core/create.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { add, mul, neg, sub } from '../../ops/arithmetic.js';
import { matmul } from '../../ops/matmul.js';
import { apply, type Derivative, type Op } from '../../ops/op.js';
import { plus } from '../../ops/rules.js';
import { inverseFor } from '../dense/inverse.js';
import { decomposition, type SvdResult } from '../dense/svd.js';
import { factorLu } from '../factor/lu.js';
import { determinantWith, using } from '../factor/verbs.js';
import { squareOf } from '../stack.js';
import { assign } from '../vectors.js';
import { asMatrix, inner, transposed } from './matrix.js';

const left = { transposeA: true };

/** The product of s[start … start + n) but for those at i and j, in an order in which it overflows only if it must. */
function productBut(s: ArrayLike<number>, start: number, n: number, i: number, j: number): number {
  let product = 1;
  let [large, small] = [0, n - 1];
  while (large <= small) {
    const at = Math.abs(product) > 1 ? small-- : large++;
    if (at !== i && at !== j) product *= s[start + at];
  }
  return product;
}

/** The decomposition, with the sign of det(U) det(V) in U. */
function signed(a: Tensor): SvdResult {
  const { u, s, vt } = decomposition('det', a);
  const sign = using(factorLu('det', matmul(u, vt)), (f) => determinantWith('det', f, 'sign'));
  return { u: mul(u, asMatrix(sign)), s, vt };
}

/** Row of the table: C = ± U diag(Π_{j ≠ i} s_j) Vᵀ. */
const cofactorOp: Op = {
  name: 'det',
  shape: ([a]) => a,
  prepare([out], [a]) {
    const { batch, count, rows: n, dtype } = squareOf('det', 'a', a);
    return () =>
      scope(() => {
        const { u, s, vt } = signed(a);
        const values = s.data();
        const products = Float64Array.from({ length: count * n }, (_, at) =>
          productBut(values, at - (at % n), n, at % n, -1),
        );
        const weights = tensor(products, { shape: [...batch, 1, n], dtype });
        assign(matmul(mul(u, weights), vt), out);
      });
  },
  jvp: ([t], { inputs: [a] }) => t && slope(a, t),
  vjp: ([ct], { inputs: [a] }) => [slope(a, ct as Tensor)],
};

/**
 * Row of the table: the derivative of C along T, which is its own transpose: with M = Uᵀ T V and P_ij the product of all singular
 * values but those at i and j, it is ± U (diag(P diag(M)) - P ∘ Mᵀ) Vᵀ. Its own derivative is that of <W, T> C - W Tᵀ C,
 * W = A⁻ᵀ, which is the same where A is regular.
 */
const slopeOp: Op = {
  name: 'det',
  shape: ([a]) => a,
  prepare([out], [a, t]) {
    const { batch, count, rows: n, dtype } = squareOf('det', 'a', a);
    return () =>
      scope(() => {
        const { u, s, vt } = signed(a);
        const m = matmul(u, matmul(t, vt, { transposeB: true }), { transposeA: true });
        const [values, entries] = [s.data(), m.toTypedArray()];
        const middle = new Float64Array(count * n * n);
        for (let matrix = 0; matrix < count; matrix++) {
          const start = matrix * n * n;
          for (let i = 0; i < n; i++) {
            for (let j = 0; j < n; j++) {
              if (i === j) continue;
              const product = productBut(values, matrix * n, n, i, j);
              middle[start + i * (n + 1)] += product * entries[start + j * (n + 1)];
              middle[start + i * n + j] = -product * entries[start + j * n + i];
            }
          }
        }
        assign(matmul(matmul(u, tensor(middle, { shape: [...batch, n, n], dtype })), vt), out);
      });
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

/** The matrix of cofactors of a. */
export function cofactors(a: Tensor): Tensor {
  return apply(cofactorOp, [a], undefined);
}

/** The derivative of the cofactors of a along t. */
function slope(a: Tensor, t: Tensor): Tensor {
  return apply(slopeOp, [a, t], undefined);
}
