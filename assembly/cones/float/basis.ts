// The basis B of rows, factored as P B = L U with partial pivoting: B x = r and c B = g.
import { axpyContiguous } from '../../level1/axpy';
import { dotContiguous } from '../../level1/dot';
import { at, exchanges, intAt, lu, put, putInt, x } from './state';

let size: i32 = 0;

/** Small vectors are not worth a call. */
const SMALL: i32 = 16;

// @ts-ignore: decorator
@inline
function axpy(n: i32, alpha: f64, x: usize, y: usize): void {
  if (n > SMALL) axpyContiguous<f64>(n, alpha, x, y);
  else for (let o: usize = 0; o < <usize>n << 3; o += 8) store<f64>(y + o, load<f64>(y + o) + alpha * load<f64>(x + o));
}

// @ts-ignore: decorator
@inline
function dot(n: i32, x: usize, y: usize): f64 {
  if (n > SMALL) return dotContiguous<f64>(n, x, y);
  let sum: f64 = 0;
  for (let o: usize = 0; o < <usize>n << 3; o += 8) sum += load<f64>(x + o) * load<f64>(y + o);
  return sum;
}

// @ts-ignore: decorator
@inline
function line(i: i32): usize {
  return lu + ((<usize>i * <usize>size) << 3);
}

/** Factors the matrix of `order` rows at `lu`. */
export function factorBasis(order: i32): void {
  size = order;
  for (let i = 0; i < size; i++) putInt(exchanges, i, i);
  for (let j = 0; j < size; j++) {
    let pivot = j;
    for (let i = j + 1; i < size; i++) if (abs(at(line(i), j)) > abs(at(line(pivot), j))) pivot = i;
    if (pivot != j) exchange(j, pivot);
    const top = line(j), head = at(top, j);
    for (let i = j + 1; i < size; i++) {
      const row = line(i), factor = at(row, j) / head;
      put(row, j, factor);
      if (factor == 0) continue;
      const from = <usize>(j + 1) << 3;
      axpy(size - j - 1, -factor, top + from, row + from);
    }
  }
}

function exchange(i: i32, j: i32): void {
  const p = line(i), q = line(j), row = intAt(exchanges, i);
  for (let l = 0; l < size; l++) {
    const value = at(p, l);
    put(p, l, at(q, l));
    put(q, l, value);
  }
  putInt(exchanges, i, intAt(exchanges, j));
  putInt(exchanges, j, row);
}

/** to := B⁻¹ r; both have `order` numbers, apart. */
export function solveBasis(order: i32, r: usize, to: usize): void {
  size = order;
  for (let i = 0; i < size; i++) {
    put(to, i, at(r, intAt(exchanges, i)) - dot(i, line(i), to));
  }
  for (let i = size - 1; i >= 0; i--) {
    const row = line(i), from = <usize>(i + 1) << 3;
    put(to, i, (at(to, i) - dot(size - i - 1, row + from, to + from)) / at(row, i));
  }
}

/** to := g B⁻¹; g and to have `order` numbers, apart. Uses x of the state. */
export function solveBasisRow(order: i32, g: usize, to: usize): void {
  size = order;
  memory.copy(x, g, <usize>size << 3);
  for (let i = 0; i < size; i++) {
    const row = line(i), value = at(x, i) / at(row, i);
    put(x, i, value);
    if (value == 0) continue;
    const from = <usize>(i + 1) << 3;
    axpy(size - i - 1, -value, row + from, x + from);
  }
  for (let i = size - 1; i >= 0; i--) {
    const value = at(x, i);
    put(to, intAt(exchanges, i), value);
    if (value != 0) axpy(i, -value, line(i), x);
  }
}
