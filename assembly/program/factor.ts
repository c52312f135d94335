// P = L Lᵀ and J = L⁻ᵀ.
import { axpyContiguous } from '../level1/axpy';
import { dotContiguous } from '../level1/dot';
import { at, J, line, n, P, put, R } from './workspace';

/** The symmetric part of P, from the caller's matrix. */
export function symmetrise(from: usize): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const mean = 0.5 * at(line(from, i), j) + 0.5 * at(line(from, j), i);
      put(line(P, i), j, mean);
      put(line(P, j), i, mean);
    }
  }
}

/** Whether P is positive definite to rounding; L is in the lower triangle of R, row by row. */
export function cholesky(): bool {
  for (let i = 0; i < n; i++) {
    const row = line(R, i);
    for (let j = 0; j < i; j++) {
      const other = line(R, j);
      put(row, j, (at(line(P, i), j) - dotContiguous<f64>(j, row, other)) / at(other, j));
    }
    const diagonal = at(line(P, i), i);
    const pivot = diagonal - dotContiguous<f64>(i, row, row);
    // Not so for NaN.
    if (!(pivot > 1e-13 * diagonal)) return false;
    put(row, i, sqrt(pivot));
  }
  return true;
}

/** J := L⁻ᵀ: column i is row i of L⁻¹. */
export function invert(): void {
  memory.fill(J, 0, 8 * <usize>n * <usize>n);
  for (let i = 0; i < n; i++) {
    const row = line(J, i), factors = line(R, i);
    for (let k = 0; k < i; k++) axpyContiguous<f64>(k + 1, -at(factors, k), line(J, k), row);
    put(row, i, 1);
    const scale = 1 / at(factors, i);
    for (let k = 0; k <= i; k++) put(row, k, at(row, k) * scale);
  }
}
