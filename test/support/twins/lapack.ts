// Twins of the module `lapack`: factorizations without blocks, and what follows from them, by the definitions.
import type { LapackExports } from '#src/generated/lapack.js';
import {
  type Cells,
  cells,
  type Family,
  type Memory,
  named,
  putRows,
  type Rows,
  range,
  rowsAt,
} from './cells.js';
import {
  applyQ,
  cholesky,
  copyOf,
  determinant,
  identity,
  lu,
  reflect,
  reflector,
  swap,
} from './factorizations.js';
import { product, solveTriangle, transpose, triangleOf, triangular } from './triangular.js';

const factors = (words: Cells, x: Cells) => {
  const listAt = (of: Cells, n: number, address: number) => range(n).map((i) => of.at(address, i));
  const putList = (of: Cells, list: readonly number[], address: number) =>
    list.forEach((v, i) => {
      of.put(address, i, v);
    });
  /** `batch` calls with the addresses moved on by so many elements each. */
  const each = (batch: number, body: (i: number) => void) => range(batch).forEach(body);
  const denseAt = (i: number, n: number, a: number) => rowsAt(x, n, n, a + i * n * n * x.size, n, 1);
  const putDense = (i: number, n: number, rows: Rows, out: number) =>
    putRows(x, rows, out + i * n * n * x.size, n, 1);

  // X from what a factorization left: Cholesky's, LU's, QR's.
  const potrsOf = (l: Rows, b: Rows) => {
    const L = triangleOf(l, true, false);
    return solveTriangle(transpose(L), solveTriangle(L, b, true), false);
  };
  const exchanged = (b: Rows, pivots: readonly number[], backward = false) => {
    const out = copyOf(b);
    const order = range(pivots.length);
    for (const i of backward ? order.reverse() : order) swap(out, i, pivots[i]);
    return out;
  };
  const getrsOf = (a: Rows, pivots: readonly number[], b: Rows, transposed: boolean) => {
    const [L, U] = [triangleOf(a, true, true), triangleOf(a, false, false)];
    if (!transposed) return solveTriangle(U, solveTriangle(L, exchanged(b, pivots), true), false);
    const y = solveTriangle(transpose(L), solveTriangle(transpose(U), b, true), false);
    return exchanged(y, pivots, true);
  };
  const geqrsOf = (a: Rows, taus: readonly number[], b: Rows, transposed: boolean) => {
    const R = triangleOf(a, false, false);
    if (!transposed) return solveTriangle(R, applyQ(a, taus, b, true), false);
    return applyQ(a, taus, solveTriangle(transpose(R), b, true), false);
  };
  const diagonalOf = (a: Rows) => a.map((row, i) => row[i]);

  return {
    potrf(batch, n, a, lda, stride, infos, _work) {
      each(batch, (i) => {
        const at = a + i * stride * x.size;
        const A = rowsAt(x, n, n, at, lda, 1);
        words.put(infos, i, cholesky(A));
        putRows(x, A, at, lda, 1);
      });
    },
    getrf(batch, m, n, a, lda, stride, pivots, infos, _work) {
      each(batch, (i) => {
        const at = a + i * stride * x.size;
        const A = rowsAt(x, m, n, at, lda, 1);
        const result = lu(A, n);
        words.put(infos, i, result.info);
        putList(words, result.pivots, pivots + i * 4 * Math.min(m, n));
        putRows(x, A, at, lda, 1);
      });
    },
    geqrf(batch, m, n, a, lda, stride, taus, _work) {
      each(batch, (i) => {
        const at = a + i * stride * x.size;
        const A = rowsAt(x, m, n, at, lda, 1);
        for (const k of range(Math.min(m, n))) {
          const tau = reflector(A, k);
          reflect(A, k, tau, A, k + 1);
          x.put(taus, i * Math.min(m, n) + k, tau);
        }
        putRows(x, A, at, lda, 1);
      });
    },
    /** The largest remaining column first. */
    geqp3(batch, m, n, a, lda, stride, orders, taus, _work) {
      each(batch, (i) => {
        const at = a + i * stride * x.size;
        const A = rowsAt(x, m, n, at, lda, 1);
        const order = range(n);
        for (const k of range(Math.min(m, n))) {
          const sizes = range(n).map((j) => A.slice(k).reduce((sum, row) => sum + row[j] ** 2, 0));
          const best = sizes.indexOf(Math.max(...sizes.slice(k)), k);
          swap(order, k, best);
          for (const row of A) swap(row, k, best);
          const tau = reflector(A, k);
          reflect(A, k, tau, A, k + 1);
          x.put(taus, i * Math.min(m, n) + k, tau);
        }
        putList(words, order, orders + i * 4 * n);
        putRows(x, A, at, lda, 1);
      });
    },
    orgqr(batch, m, columns, k, a, lda, stride, taus, q, ldq, strideq, _work) {
      each(batch, (i) => {
        const A = rowsAt(x, m, k, a + i * stride * x.size, lda, 1);
        const Q = applyQ(A, listAt(x, k, taus + i * k * x.size), identity(m), false);
        putRows(
          x,
          Q.map((row) => row.slice(0, columns)),
          q + i * strideq * x.size,
          ldq,
          1,
        );
      });
    },
    ormqr(transposed, m, n, k, a, lda, tau, c, rsc, csc, _work) {
      const A = rowsAt(x, m, k, a, lda, 1);
      const C = rowsAt(x, m, n, c, rsc, csc);
      putRows(x, applyQ(A, listAt(x, k, tau), C, transposed !== 0), c, rsc, csc);
    },
    /** Q S and S R with S = diag(±1) such that the diagonal of S R is not negative. */
    positive_diagonal(batch, m, n, k, q, r, _work) {
      each(batch, (i) => {
        const [pq, pr] = [q + i * m * k * x.size, r + i * k * n * x.size];
        const [Q, R] = [rowsAt(x, m, k, pq, k, 1), rowsAt(x, k, n, pr, n, 1)];
        const signs = R.map((row, j) => (row[j] < 0 ? -1 : 1));
        putRows(
          x,
          Q.map((row) => row.map((v, j) => v * signs[j])),
          pq,
          k,
          1,
        );
        putRows(
          x,
          R.map((row, j) => row.map((v, l) => (l < j ? v : v * signs[j]))),
          pr,
          n,
          1,
        );
      });
    },
    potrs(batch, n, nrhs, l, lda, stridea, b, rsb, csb, strideb, _work) {
      each(batch, (i) => {
        const pb = b + i * strideb * x.size;
        const L = rowsAt(x, n, n, l + i * stridea * x.size, lda, 1);
        putRows(x, potrsOf(L, rowsAt(x, n, nrhs, pb, rsb, csb)), pb, rsb, csb);
      });
    },
    getrs(batch, transposed, n, nrhs, a, lda, stridea, pivots, stridep, b, rsb, csb, strideb, _work) {
      each(batch, (i) => {
        const pb = b + i * strideb * x.size;
        const A = rowsAt(x, n, n, a + i * stridea * x.size, lda, 1);
        const P = listAt(words, n, pivots + i * stridep * 4);
        putRows(x, getrsOf(A, P, rowsAt(x, n, nrhs, pb, rsb, csb), transposed !== 0), pb, rsb, csb);
      });
    },
    geqrs(batch, transposed, n, nrhs, a, lda, stridea, taus, stridet, b, rsb, csb, strideb, _work) {
      each(batch, (i) => {
        const pb = b + i * strideb * x.size;
        const A = rowsAt(x, n, n, a + i * stridea * x.size, lda, 1);
        const T = listAt(x, n, taus + i * stridet * x.size);
        putRows(x, geqrsOf(A, T, rowsAt(x, n, nrhs, pb, rsb, csb), transposed !== 0), pb, rsb, csb);
      });
    },
    trtrs(batch, lower, unit, n, nrhs, a, rsa, csa, stridea, b, rsb, csb, strideb, work) {
      each(batch, (i) => {
        const [pa, pb] = [a + i * stridea * x.size, b + i * strideb * x.size];
        triangular(x).trsm(lower, unit, n, nrhs, pa, rsa, csa, pb, rsb, csb, work);
      });
    },
    triangle(batch, lower, unit, m, n, a, lda, stridea, out, ldo, strideo) {
      each(batch, (i) => {
        const A = rowsAt(x, m, n, a + i * stridea * x.size, lda, 1);
        putRows(x, triangleOf(A, lower !== 0, unit !== 0), out + i * strideo * x.size, ldo, 1);
      });
    },
    /** L' L'ᵀ = L Lᵀ ± x xᵀ, factored anew; x is spoilt. */
    cholupdate(downdate, n, l, lda, v, incx) {
      const L = rowsAt(x, n, n, l, lda, 1);
      const T = triangleOf(L, true, false);
      const V = range(n).map((i) => x.at(v, i * incx));
      const A = product(T, transpose(T)).map((row, i) =>
        row.map((value, j) => value + (downdate ? -1 : 1) * V[i] * V[j]),
      );
      const info = cholesky(A);
      putRows(
        x,
        A.map((row, i) => row.map((value, j) => (j <= i ? value : L[i][j]))),
        l,
        lda,
        1,
      );
      return info;
    },
    /** The number from 1 of the first zero on each diagonal, or 0. */
    zero_pivots(batch, n, a, infos) {
      each(batch, (i) => words.put(infos, i, diagonalOf(denseAt(i, n, a)).indexOf(0) + 1));
    },
    /** max_j Σ_i |a_ij| */
    norm1(batch, n, a, symmetric, out, _work) {
      each(batch, (i) => {
        const A = denseAt(i, n, a);
        const sums = range(n).map((j) =>
          A.reduce((sum, row, r) => sum + Math.abs(symmetric && j > r ? A[j][r] : row[j]), 0),
        );
        x.put(out, i, Math.max(0, ...sums));
      });
    },
    potrf_det(batch, n, l, form, out) {
      each(batch, (i) => {
        const diagonal = diagonalOf(denseAt(i, n, l));
        x.put(out, i, determinant([...diagonal, ...diagonal], 1, form));
      });
    },
    getrf_det(batch, n, a, pivots, form, out) {
      each(batch, (i) => {
        const moved = listAt(words, n, pivots + i * n * 4).filter((p, k) => p !== k).length;
        x.put(out, i, determinant(diagonalOf(denseAt(i, n, a)), (-1) ** moved, form));
      });
    },
    geqrf_det(batch, n, a, taus, form, out) {
      each(batch, (i) => {
        const reflections = listAt(x, n, taus + i * n * x.size).filter((t) => t !== 0).length;
        x.put(out, i, determinant(diagonalOf(denseAt(i, n, a)), (-1) ** reflections, form));
      });
    },
    potrf_inverse(batch, n, l, out, _work) {
      each(batch, (i) => putDense(i, n, potrsOf(denseAt(i, n, l), identity(n)), out));
    },
    getrf_inverse(batch, n, a, pivots, out, _work) {
      each(batch, (i) => {
        const P = listAt(words, n, pivots + i * n * 4);
        putDense(i, n, getrsOf(denseAt(i, n, a), P, identity(n), false), out);
      });
    },
    geqrf_inverse(batch, n, a, taus, out, _work) {
      each(batch, (i) => {
        const T = listAt(x, n, taus + i * n * x.size);
        putDense(i, n, geqrsOf(denseAt(i, n, a), T, identity(n), false), out);
      });
    },
    potrf_reconstruct(batch, n, l, out, _work) {
      each(batch, (i) => {
        const L = triangleOf(denseAt(i, n, l), true, false);
        putDense(i, n, product(L, transpose(L)), out);
      });
    },
    getrf_reconstruct(batch, n, a, pivots, out, _work) {
      each(batch, (i) => {
        const A = denseAt(i, n, a);
        const whole = product(triangleOf(A, true, true), triangleOf(A, false, false));
        putDense(i, n, exchanged(whole, listAt(words, n, pivots + i * n * 4), true), out);
      });
    },
    geqrf_reconstruct(batch, n, a, taus, out, _work) {
      each(batch, (i) => {
        const A = denseAt(i, n, a);
        putDense(
          i,
          n,
          applyQ(A, listAt(x, n, taus + i * n * x.size), triangleOf(A, false, false), false),
          out,
        );
      });
    },
  } satisfies Partial<Family<LapackExports, 'f64'>>;
};

export function lapack(memory: Memory) {
  const [f64, f32, i32] = [cells(memory, 'f64'), cells(memory, 'f32'), cells(memory, 'i32')];
  return {
    ...named('f64', { ...triangular(f64), ...factors(i32, f64) }),
    ...named('f32', { ...triangular(f32), ...factors(i32, f32) }),
    /** The order of m rows that each list of k exchanges makes. */
    row_orders(batch, m, k, pivots, orders) {
      for (const b of range(batch)) {
        const order = range(m);
        for (const i of range(k)) swap(order, i, i32.at(pivots, b * k + i));
        order.forEach((row, i) => {
          i32.put(orders, b * m + i, row);
        });
      }
    },
  } satisfies Partial<LapackExports>;
}
