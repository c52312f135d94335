// What the backward pass of all eigenvectors consists of besides plain products: half the work of those of which the
// result is symmetric.
import { bytesPerElement } from '../../core/dtype.js';
import type { Tensor } from '../../core/tensor.js';
import { blas } from '../../generated/blas.js';
import { eigen } from '../../generated/eigen.js';
import { asRow, identity, symmetrized, transposed } from '../../linalg/rules/matrix.js';
import { inverseGaps } from '../../linalg/rules/reciprocal.js';
import type { Float } from '../../linalg/stack.js';
import { mul, plus, sub } from '../../ops/arithmetic.js';
import { diagonal } from '../../ops/diagonal.js';
import { matmul } from '../../ops/matmul.js';
import { apply, type Derivative, type Op } from '../../ops/op.js';

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
    const mirror = eigen.exports[`mirror_${dtype}`];
    const work = space.scratch(blas.exports[`gemm_${dtype}_work`](ROWS, n, n));
    const width = bytesPerElement(dtype);
    return () => {
      for (let matrix = 0; matrix < count; matrix++) {
        const [from, by, to] = [a, b, out].map((x) => x.address + matrix * n * n * width);
        for (let i = 0; i < n; i += ROWS) {
          const [rows, at] = [Math.min(ROWS, n - i), i * n * width];
          gemm(rows, i + rows, n, 1, from + at, n, 1, by, 1, n, 0, to + at, n, 1, work);
        }
        mirror(n, to);
      }
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
 * Row of the table: for values λ [count, n], T, X and B [count, n, n], and c [count, n] if it is there, the symmetric
 * matrix with (T_ij - T_ji) / (2 (λ_j - λ_i)) beside the diagonal, 0 where the values are equal, and c on it, plus X. Its
 * first part is the K with K B - B K = (T - Tᵀ)/2 between the spaces (see blocks.ts): it depends on the values through B.
 */
export const turnsOp: Op = {
  name: 'turns',
  shape: ([, t]) => t,
  prepare([out], [values, t, x, , c]) {
    const [count, n] = values.shape;
    const dtype = values.dtype as Float;
    const eps = Math.max(10, n) * (dtype === 'f64' ? 2 ** -52 : 2 ** -23);
    const run = eigen.exports[`eigen_turns_${dtype}`];
    const width = bytesPerElement(dtype);
    return () => {
      const w = values.data();
      for (let i = 0; i < count; i++) {
        // The values ascend.
        const level = eps * Math.max(Math.abs(w[i * n]), Math.abs(w[i * n + n - 1]));
        const [vector, matrix] = [i * n * width, i * n * n * width];
        const diagonals = c ? c.address + vector : 0;
        const [from, plus, to] = [t, x, out].map(({ address }) => address + matrix);
        run(n, level, values.address + vector, from, diagonals, plus, to);
      }
    };
  },
  jvp([, tt, tx, tb, tc], { inputs: [values, , x], outputs: [y] }) {
    let moved: Derivative = tt && mul(sub(tt, transposed(tt)), 0.5);
    if (tb) {
      const k = sub(y, x);
      moved = plus(moved, sub(matmul(tb, k), matmul(k, tb)));
    }
    moved = moved && mul(inverseGaps(values), moved);
    if (tc) moved = plus(moved, mul(asRow(tc), identity(values.shape[1], tc.dtype)));
    return plus(moved, tx);
  },
  vjp([ct], { inputs: [values, , x, , c], outputs: [y], wanted }) {
    const part = mul(inverseGaps(values), symmetrized(ct as Tensor));
    const k = sub(y, x);
    const db = wanted[3] ? sub(matmul(part, k), matmul(k, part)) : undefined;
    return [undefined, part, ct, db, ...(c ? [diagonal(ct as Tensor)] : [])];
  },
};

/** The row for T, X, B and c. */
export function turns(values: Tensor, t: Tensor, x: Tensor, blocks: Tensor, c: Derivative): Tensor {
  return apply(turnsOp, c ? [values, t, x, blocks, c] : [values, t, x, blocks], undefined);
}
