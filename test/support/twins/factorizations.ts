// Cholesky's, LU and QR factorizations of lists of rows, without blocks, and determinants: what the twins of `lapack` are made of.
import { type Rows, range } from './cells.js';

export const identity = (n: number): Rows => range(n).map((i) => range(n).map((j) => Number(i === j)));
export const copyOf = (a: Rows): Rows => a.map((row) => [...row]);
export const swap = <V>(list: V[], i: number, j: number) => {
  [list[i], list[j]] = [list[j], list[i]];
};

/** A = L Lᵀ over the lower triangle; the number from 1 of the first pivot that is not positive, or 0. */
export function cholesky(a: Rows): number {
  for (const i of range(a.length)) {
    for (const j of range(i)) a[i][j] = range(j).reduce((v, p) => v - a[i][p] * a[j][p], a[i][j]) / a[j][j];
    const pivot = range(i).reduce((v, p) => v - a[i][p] ** 2, a[i][i]);
    if (!(pivot > 0 && pivot < Infinity)) return i + 1;
    a[i][i] = Math.sqrt(pivot);
  }
  return 0;
}

/** P A = L U over A: row k was exchanged with row pivots[k]; the number from 1 of the first zero pivot, or 0. */
export function lu(a: Rows, n: number): { pivots: number[]; info: number } {
  const pivots: number[] = [];
  let info = 0;
  for (const k of range(Math.min(a.length, n))) {
    let best = k;
    for (let i = k; i < a.length; i++) if (Math.abs(a[i][k]) > Math.abs(a[best][k])) best = i;
    pivots.push(best);
    swap(a, k, best);
    if (a[k][k] === 0) {
      info ||= k + 1;
      continue;
    }
    for (let i = k + 1; i < a.length; i++) {
      a[i][k] /= a[k][k];
      for (let j = k + 1; j < n; j++) a[i][j] -= a[i][k] * a[k][j];
    }
  }
  return { pivots, info };
}

/** Column k of A from row k on becomes (beta, v_1, …); tau = 0 where there is nothing to reflect. */
export function reflector(a: Rows, k: number): number {
  const below = Math.sqrt(a.slice(k + 1).reduce((sum, row) => sum + row[k] ** 2, 0));
  if (below === 0) return 0;
  const alpha = a[k][k];
  const beta = (alpha < 0 ? 1 : -1) * Math.hypot(alpha, below);
  for (const row of a.slice(k + 1)) row[k] /= alpha - beta;
  a[k][k] = beta;
  return (beta - alpha) / beta;
}

/** C := (I - tau v vᵀ) C on columns `from` and beyond, v from column k of A below its diagonal. */
export function reflect(a: Rows, k: number, tau: number, c: Rows, from: number): void {
  const v = range(a.length).map((i) => (i < k ? 0 : i === k ? 1 : a[i][k]));
  for (let j = from; j < (c[0]?.length ?? 0); j++) {
    const share = tau * v.reduce((sum, vi, i) => (vi === 0 ? sum : sum + vi * c[i][j]), 0);
    for (const i of range(c.length)) if (v[i] !== 0) c[i][j] -= share * v[i];
  }
}

/** Q C, or Qᵀ C, from reflectors. */
export function applyQ(a: Rows, taus: readonly number[], c: Rows, transposed: boolean): Rows {
  const out = copyOf(c);
  const order = range(taus.length);
  for (const k of transposed ? order : order.reverse()) reflect(a, k, taus[k], out, 0);
  return out;
}

/** det = sign · Π d_i as its sign (form 0), ln of its size (1), or itself. */
export function determinant(diagonal: readonly number[], sign: number, form: number): number {
  const signs = diagonal.reduce((s, d) => s * Math.sign(d), sign);
  if (form === 0) return signs;
  if (form === 1) return diagonal.reduce((sum, d) => sum + Math.log(Math.abs(d)), 0);
  return diagonal.reduce((p, d) => p * d, sign);
}
