// What the backward pass of all eigenvectors consists of besides plain products: half the work of those of which the
// result is symmetric.
import { bytesPerElement } from '../../core/dtype.js';
import type { Tensor } from '../../core/tensor.js';
import { blas } from '../../generated/blas.js';
import { asColumn, asRow, identity, symmetrized } from '../../linalg/rules/matrix.js';
import { inverseGaps } from '../../linalg/rules/reciprocal.js';
import type { Float } from '../../linalg/stack.js';
import { mul, neg, plus, sub } from '../../ops/arithmetic.js';
import { diagonal } from '../../ops/diagonal.js';
import { matmul } from '../../ops/matmul.js';
import { apply, type Derivative, type Op } from '../../ops/op.js';
import { sum } from '../../ops/sum.js';

/** Rows of the result that are computed at a time, up to the diagonal. */
const ROWS = 16;

/** From this extent on several threads are worth more than half the work. */
const LARGE = 512;

/** Row of the table: the symmetric part of A Bᵀ for A and B [count, n, n] of which that product is symmetric. */
export const symmetricProductOp: Op = {
  name: 'symmetricProduct',
  shape: ([a]) => a,
  prepare([out], [a, b], _, space) {
    const dtype = a.dtype as Float;
    const [count, n] = a.shape;
    const gemm = blas.exports[`gemm_${dtype}`];
    const work = space.scratch(blas.exports[`gemm_${dtype}_work`](ROWS, n, n));
    const width = bytesPerElement(dtype);
    return () => {
      for (let matrix = 0; matrix < count; matrix++) {
        const [from, by, to] = [a, b, out].map((x) => x.address + matrix * n * n * width);
        for (let i = 0; i < n; i += ROWS) {
          const [rows, at] = [Math.min(ROWS, n - i), i * n * width];
          gemm(rows, i + rows, n, 1, from + at, n, 1, by, 1, n, 0, to + at, n, 1, work);
        }
      }
      const data = out.data();
      for (let start = 0; start < data.length; start += n * n)
        for (let i = 0; i < n; i++)
          for (let j = 0; j < i; j++) data[start + j * n + i] = data[start + i * n + j];
    };
  },
  jvp([ta, tb], { inputs: [a, b] }) {
    const moved = ta && matmul(ta, b, { transposeB: true });
    return symmetrized(plus(moved, tb && matmul(a, tb, { transposeB: true })) as Tensor);
  },
  vjp([ct], { inputs: [a, b], wanted }) {
    const part = symmetrized(ct as Tensor);
    return [wanted[0] ? matmul(part, b) : undefined, wanted[1] ? matmul(part, a) : undefined];
  },
};

/** A Bᵀ, which is known to be symmetric. */
export function symmetricProduct(a: Tensor, b: Tensor): Tensor {
  if (a.shape[1] < LARGE) return apply(symmetricProductOp, [a, b], undefined);
  return symmetrized(matmul(a, b, { transposeB: true }));
}

/**
 * Row of the table: for values λ [count, n], T [count, n, n] and c [count, n] if it is there, the symmetric matrix with
 * (T_ij - T_ji) / (2 (λ_j - λ_i)) beside the diagonal, 0 where the values are equal, and c on it.
 */
export const turnsOp: Op = {
  name: 'turns',
  shape: ([, t]) => t,
  prepare([out], [values, t, c]) {
    const [count, n] = values.shape;
    const eps = Math.max(10, n) * (values.dtype === 'f64' ? 2 ** -52 : 2 ** -23);
    return () => {
      const [to, from, w, diagonals] = [out.data(), t.data(), values.data(), c?.data()];
      for (let matrix = 0; matrix < count; matrix++) {
        const [at, start] = [matrix * n, matrix * n * n];
        // The values ascend.
        const level = eps * Math.max(Math.abs(w[at]), Math.abs(w[at + n - 1]));
        for (let i = 0; i < n; i++) {
          const row = start + i * n;
          for (let j = 0, mirrored = start + i; j < i; j++, mirrored += n) {
            const gap = w[at + j] - w[at + i];
            const turn = Math.abs(gap) <= level ? 0 : (0.5 * (from[row + j] - from[mirrored])) / gap;
            to[row + j] = turn;
            to[mirrored] = turn;
          }
          to[row + i] = diagonals ? diagonals[at + i] : 0;
        }
      }
    };
  },
  jvp([tw, tt, tc], { inputs: [values], outputs: [y] }) {
    const gaps = inverseGaps(values);
    let moved: Derivative = tt && symmetrized(mul(gaps, tt));
    if (tc) moved = plus(moved, mul(asRow(tc), identity(values.shape[1], tc.dtype)));
    if (!tw) return moved;
    return plus(moved, neg(mul(mul(y, gaps), sub(asRow(tw), asColumn(tw)))));
  },
  vjp([ct], { inputs: [values, , c], outputs: [y], wanted }) {
    const gaps = inverseGaps(values);
    const part = mul(gaps, symmetrized(ct as Tensor));
    const dw = wanted[0] ? mul(sum(mul(part, y), { axis: -2 }), -2) : undefined;
    return [dw, part, ...(c ? [diagonal(ct as Tensor)] : [])];
  },
};

/** The row for T and c. */
export function turns(values: Tensor, t: Tensor, c: Derivative): Tensor {
  return apply(turnsOp, c ? [values, t, c] : [values, t], undefined);
}
