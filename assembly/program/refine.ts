// One step of iterative refinement at a solution, and its multipliers.
import { axpyContiguous } from '../level1/axpy';
import { dotContiguous } from '../level1/dot';
import { isNearest, size } from './solve';
import { solveR, solveRt } from './working-set';
import { A, at, b, c, change, d, G, h, J, line, n, normal, P, put, q, R, set, signs, u, x, z } from './workspace';

/** +1 or -1 times a row of A, or -1 times a row of G: the normal of constraint k of the working set. */
function normalOf(k: i32): usize {
  const constraint = load<i32>(set + 4 * <usize>k);
  return constraint < q ? line(A, constraint) : line(G, constraint - q);
}

function signOf(k: i32): f64 {
  return load<i32>(set + 4 * <usize>k) < q ? <f64>load<i32>(signs + 4 * <usize>k) : -1;
}

/** P dx - N du = N u - P x - c and Nᵀdx = the sides of the working set - Nᵀx; with dx = J y, JᵀPJ = I. */
export function refine(): void {
  // normal: the force that is left; change: what is left of the constraints.
  for (let i = 0; i < n; i++) put(normal, i, -at(c, i) - (isNearest ? at(x, i) : dotContiguous<f64>(n, line(P, i), x)));
  for (let k = 0; k < size; k++) {
    const sign = signOf(k), row = normalOf(k), constraint = load<i32>(set + 4 * <usize>k);
    axpyContiguous<f64>(n, sign * at(u, k), row, normal);
    const side = constraint < q ? at(b, constraint) : at(h, constraint - q);
    put(change, k, sign * (side - dotContiguous<f64>(n, row, x)));
  }
  for (let j = 0; j < n; j++) put(d, j, dotContiguous<f64>(n, line(J, j), normal));
  solveRt(size, change);
  memory.fill(z, 0, 8 * <usize>n);
  for (let j = 0; j < n; j++) axpyContiguous<f64>(n, j < size ? at(change, j) : at(d, j), line(J, j), z);
  for (let i = 0; i < n; i++) put(x, i, at(x, i) + at(z, i));
  for (let j = 0; j < size; j++) put(change, j, at(change, j) - at(d, j));
  solveR(size, change);
  for (let j = 0; j < size; j++) put(u, j, at(u, j) + at(change, j));
}

/** λ, ν and the active inequalities (i32) from the working set; those with a multiplier of 0 do not count. */
export function multipliers(p: i32, lambda: usize, nu: usize, active: usize): void {
  memory.fill(lambda, 0, 8 * <usize>p);
  memory.fill(active, 0, 4 * <usize>p);
  for (let k = 0; k < size; k++) {
    const constraint = load<i32>(set + 4 * <usize>k), value = at(u, k);
    if (constraint < q) put(nu, constraint, -signOf(k) * value);
    else if (value > 0) {
      put(lambda, constraint - q, value);
      store<i32>(active + 4 * <usize>(constraint - q), 1);
    }
  }
}

/**
 * Z := the inverse of the KKT matrix [P Gᵀ Aᵀ; G 0 0; A 0 0] without the inequalities that are not in the working set, whose
 * rows and columns are 0; N x N. With V = R⁻¹ and S the signs: J₂J₂ᵀ, J₁Vᵀ S and -S V Vᵀ S.
 */
export function inverse(N: i32, Z: usize, V: usize, T: usize): void {
  const p = N - n - q;
  memory.fill(Z, 0, 8 * <usize>N * <usize>N);
  for (let j = size; j < n; j++) {
    const column = line(J, j);
    for (let i = 0; i < n; i++) axpyContiguous<f64>(i + 1, at(column, i), column, Z + 8 * <usize>i * <usize>N);
  }
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++)
      store<f64>(Z + 8 * (<usize>j * <usize>N + <usize>i), load<f64>(Z + 8 * (<usize>i * <usize>N + <usize>j)));
  // Row k of V holds row k of R⁻¹, from column k on; row k of T is column k of J₁Vᵀ.
  memory.fill(V, 0, 8 * <usize>n * <usize>n);
  for (let j = 0; j < size; j++) {
    put(line(V, j), j, 1);
    const column = V + 8 * <usize>j;
    for (let k = j; k >= 0; k--) {
      let sum = k == j ? 1.0 : 0.0;
      for (let m = k + 1; m <= j; m++) sum -= at(line(R, m), k) * load<f64>(column + 8 * <usize>m * <usize>n);
      store<f64>(column + 8 * <usize>k * <usize>n, sum / at(line(R, k), k));
    }
  }
  for (let k = 0; k < size; k++) {
    const row = line(T, k);
    memory.fill(row, 0, 8 * <usize>n);
    for (let j = k; j < size; j++) axpyContiguous<f64>(n, at(line(V, k), j), line(J, j), row);
    const at0 = placeOf(k, p), sign = signOf(k);
    for (let i = 0; i < n; i++) {
      const value = sign * at(row, i);
      store<f64>(Z + 8 * (<usize>i * <usize>N + <usize>at0), value);
      store<f64>(Z + 8 * (<usize>at0 * <usize>N + <usize>i), value);
    }
    for (let m = 0; m <= k; m++) {
      const other = placeOf(m, p);
      const value = -sign * signOf(m) * dotContiguous<f64>(size - k, line(V, k) + 8 * <usize>k, line(V, m) + 8 * <usize>k);
      store<f64>(Z + 8 * (<usize>at0 * <usize>N + <usize>other), value);
      store<f64>(Z + 8 * (<usize>other * <usize>N + <usize>at0), value);
    }
  }
}

/** Where constraint k of the working set stands among unknowns, inequalities and equalities. */
function placeOf(k: i32, p: i32): i32 {
  const constraint = load<i32>(set + 4 * <usize>k);
  return constraint < q ? n + p + constraint : n + constraint - q;
}
