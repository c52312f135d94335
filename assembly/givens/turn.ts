// Two rows or columns under a plane rotation: (x, y) := (c x - s y, s x + c y), what G(i, j, α)ᵀ does to rows i and j for
// c = cos α and s = sin α, and G(i, j, α) from the right to columns i and j.
import { madd } from '../simd/lanes';

/** Rows of `length` doubles, an even number. */
export function turnRows(length: i32, x: usize, y: usize, c: f64, s: f64): void {
  const cs = f64x2.splat(c), plus = f64x2.splat(s), minus = f64x2.neg(plus);
  for (const end = x + (<usize>length << 3); x < end; x += 16, y += 16) {
    const a = v128.load(x), b = v128.load(y);
    v128.store(x, madd<f64>(minus, b, f64x2.mul(cs, a)));
    v128.store(y, madd<f64>(plus, a, f64x2.mul(cs, b)));
  }
}

/** Columns of `length` doubles, `step` bytes apart. */
export function turnColumns(length: i32, x: usize, y: usize, step: usize, c: f64, s: f64): void {
  for (let k = 0; k < length; k++) {
    const a = load<f64>(x), b = load<f64>(y);
    store<f64>(x, c * a - s * b);
    store<f64>(y, s * a + c * b);
    x += step;
    y += step;
  }
}
