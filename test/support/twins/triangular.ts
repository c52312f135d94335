// Twins of levels 2 and 3 on symmetric and triangular matrices. Of a symmetric matrix the lower triangle is read and written.
import type { LapackExports } from '#src/generated/lapack.js';
import { type Cells, type Family, putRows, type Rows, range, rowsAt, total } from './cells.js';

/** The entries that a triangle has: T[i][j] for j <= i (or j >= i), ones on the diagonal for `unit`, zeros elsewhere. */
export function triangleOf(a: Rows, lower: boolean, unit: boolean): Rows {
  return a.map((row, i) => row.map((v, j) => (i === j && unit ? 1 : (lower ? j <= i : j >= i) ? v : 0)));
}

export const product = (a: Rows, b: Rows): Rows =>
  a.map((row) => range(b[0]?.length ?? 0).map((j) => total(row.length, (p) => row[p] * b[p][j])));

export const transpose = (a: Rows): Rows => range(a[0]?.length ?? 0).map((j) => a.map((row) => row[j]));

/** T⁻¹ B by substitution. */
export function solveTriangle(t: Rows, b: Rows, lower: boolean): Rows {
  const x = b.map((row) => [...row]);
  for (const s of range(t.length)) {
    const i = lower ? s : t.length - 1 - s;
    const known = lower ? range(i) : range(t.length).slice(i + 1);
    x[i] = x[i].map((v, j) => known.reduce((rest, p) => rest - t[i][p] * x[p][j], v) / t[i][i]);
  }
  return x;
}

const symmetric = (a: Rows): Rows => a.map((row, i) => row.map((_, j) => (j <= i ? a[i][j] : a[j][i])));

export const triangular = (x: Cells) => {
  /** C := alpha P + beta C on the lower triangle. */
  const updateLower = (p: Rows, beta: number, c: number, rsc: number, csc: number) =>
    p.forEach((row, i) => {
      for (const j of range(i + 1)) {
        const at = i * rsc + j * csc;
        x.put(c, at, beta === 0 ? row[j] : row[j] + beta * x.at(c, at));
      }
    });
  const columnAt = (n: number, v: number, inc: number) => rowsAt(x, n, 1, v, inc, 1);
  const scaled = (alpha: number, p: Rows) => p.map((row) => row.map((v) => alpha * v));
  const twins = {
    /** X := T⁻¹ B */
    trsm(lower, unit, m, n, t, rst, cst, b, rsb, csb, _work) {
      const T = triangleOf(rowsAt(x, m, m, t, rst, cst), lower !== 0, unit !== 0);
      putRows(x, solveTriangle(T, rowsAt(x, m, n, b, rsb, csb), lower !== 0), b, rsb, csb);
    },
    /** B := T B */
    trmm(lower, unit, m, n, t, rst, cst, b, rsb, csb, _work) {
      const T = triangleOf(rowsAt(x, m, m, t, rst, cst), lower !== 0, unit !== 0);
      putRows(x, product(T, rowsAt(x, m, n, b, rsb, csb)), b, rsb, csb);
    },
    trsv: (lower, unit, n, t, rst, cst, v, incx) => twins.trsm(lower, unit, n, 1, t, rst, cst, v, incx, 1, 0),
    trmv: (lower, unit, n, t, rst, cst, v, incx) => twins.trmm(lower, unit, n, 1, t, rst, cst, v, incx, 1, 0),
    /** C := alpha A Aᵀ + beta C, A n x k */
    syrk(n, k, alpha, a, rsa, csa, beta, c, rsc, csc, _work) {
      const A = rowsAt(x, n, k, a, rsa, csa);
      const square = range(n).map((i) => range(n).map((j) => total(k, (p) => A[i][p] * A[j][p])));
      updateLower(scaled(alpha, square), beta, c, rsc, csc);
    },
    /** C := alpha A B + beta C, A n x n symmetric, B n x m */
    symm(n, m, alpha, a, rsa, csa, b, rsb, csb, beta, c, rsc, csc, _work) {
      const p = product(symmetric(rowsAt(x, n, n, a, rsa, csa)), rowsAt(x, n, m, b, rsb, csb));
      const old = rowsAt(x, n, m, c, rsc, csc);
      putRows(
        x,
        p.map((row, i) => row.map((v, j) => alpha * v + (beta === 0 ? 0 : beta * old[i][j]))),
        c,
        rsc,
        csc,
      );
    },
    symv: (n, alpha, a, rsa, csa, v, incx, beta, y, incy) =>
      twins.symm(n, 1, alpha, a, rsa, csa, v, incx, 1, beta, y, incy, 1, 0),
    /** A := alpha x xᵀ + A */
    syr: (n, alpha, v, incx, a, rsa, csa) => {
      const column = columnAt(n, v, incx);
      updateLower(scaled(alpha, product(column, transpose(column))), 1, a, rsa, csa);
    },
    /** A := alpha (x yᵀ + y xᵀ) + A */
    syr2: (n, alpha, v, incx, w, incy, a, rsa, csa) => {
      const [X, Y] = [columnAt(n, v, incx), columnAt(n, w, incy)];
      const p = X.map(([xi], i) => Y.map(([yj], j) => alpha * (xi * yj + Y[i][0] * X[j][0])));
      updateLower(p, 1, a, rsa, csa);
    },
  } satisfies Partial<Family<LapackExports, 'f64'>>;
  return twins;
};
