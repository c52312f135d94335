// Constraints enter the working set and leave it; J and R follow by plane rotations.
import { dotContiguous } from '../level1/dot';
import { madd } from '../simd/lanes';
import { at, d, J, line, n, put, R, set, signs, u } from './workspace';

/** x, y := c x + s y, c y - s x, of n numbers. */
function rotate(n: i32, x: usize, y: usize, c: f64, s: f64): void {
  const cc = f64x2.splat(c), ss = f64x2.splat(s), minus = f64x2.splat(-s);
  let i = 0;
  for (; i + 2 <= n; i += 2) {
    const a = v128.load(x), b = v128.load(y);
    v128.store(x, madd<f64>(ss, b, f64x2.mul(cc, a)));
    v128.store(y, madd<f64>(minus, a, f64x2.mul(cc, b)));
    x += 16;
    y += 16;
  }
  if (i < n) {
    const a = load<f64>(x), b = load<f64>(y);
    store<f64>(x, c * a + s * b);
    store<f64>(y, c * b - s * a);
  }
}

/** Adds a constraint, whose normal is J⁻ᵀ d, to the `size` that are there. */
export function enter(size: i32, constraint: i32, sign: i32, multiplier: f64): void {
  for (let j = n - 1; j > size; j--) {
    const a = at(d, j - 1), b = at(d, j);
    if (b == 0) continue;
    const length = sqrt(a * a + b * b);
    put(d, j - 1, length);
    rotate(n, line(J, j - 1), line(J, j), a / length, b / length);
  }
  memory.copy(line(R, size), d, 8 * <usize>(size + 1));
  store<i32>(set + 4 * <usize>size, constraint);
  store<i32>(signs + 4 * <usize>size, sign);
  put(u, size, multiplier);
}

/** Removes the constraint at a position of the `size` that are there. */
export function leave(size: i32, position: i32): void {
  for (let j = position + 1; j < size; j++) {
    memory.copy(line(R, j - 1), line(R, j), 8 * <usize>(j + 1));
    const to = <usize>(j - 1) * 4, from = <usize>j * 4;
    store<i32>(set + to, load<i32>(set + from));
    store<i32>(signs + to, load<i32>(signs + from));
    put(u, j - 1, at(u, j));
  }
  for (let j = position; j < size - 1; j++) {
    const a = at(line(R, j), j), b = at(line(R, j), j + 1);
    if (b == 0) continue;
    const length = sqrt(a * a + b * b), c = a / length, s = b / length;
    for (let k = j; k < size - 1; k++) {
      const first = at(line(R, k), j), second = at(line(R, k), j + 1);
      put(line(R, k), j, c * first + s * second);
      put(line(R, k), j + 1, c * second - s * first);
    }
    rotate(n, line(J, j), line(J, j + 1), c, s);
  }
}

/** y := R⁻¹ y for the first `size`. */
export function solveR(size: i32, y: usize): void {
  for (let j = size - 1; j >= 0; j--) {
    const column = line(R, j), value = at(y, j) / at(column, j);
    put(y, j, value);
    for (let i = 0; i < j; i++) put(y, i, at(y, i) - value * at(column, i));
  }
}

/** y := R⁻ᵀ y. */
export function solveRt(size: i32, y: usize): void {
  for (let j = 0; j < size; j++) {
    const column = line(R, j);
    put(y, j, (at(y, j) - dotContiguous<f64>(j, column, y)) / at(column, j));
  }
}
