// Angles chosen anew, one after the other: with all others fixed, trace(Uᵀ A G B) is c (x_ii + x_jj) + s (x_ij - x_ji) for X = Aᵀ U Bᵀ,
// and its maximum a length. From one factor to the next X takes a turn of rows, by the new angle, and one of columns, by the old.
import { rowOf } from './layout';
import { turnColumns, turnRows } from './turn';

/**
 * One sweep over `count` factors. X, d x d of this pitch, is U Pᵀ before, and (G_1 … G_N)ᵀ U Pᵀ for the new angles behind. pairs: (i, j) in i32;
 * turns: (cosine, sine), which are replaced. Returns by how much Σ trace grew.
 */
export function refineSweep(d: i32, pitch: i32, X: usize, count: i32, pairs: usize, turns: usize): f64 {
  const step = <usize>pitch << 3;
  let gain = 0.0;
  for (let t = count - 1; t >= 0; t--) {
    const pair = pairs + (<usize>t << 3), turn = turns + (<usize>t << 4);
    const i = X + (<usize>load<i32>(pair) << 3), j = X + (<usize>load<i32>(pair, 4) << 3);
    turnColumns(d, i, j, step, load<f64>(turn), -load<f64>(turn, 8));
  }
  for (let t = 0; t < count; t++) {
    const pair = pairs + (<usize>t << 3), turn = turns + (<usize>t << 4);
    const i = load<i32>(pair), j = load<i32>(pair, 4);
    const oldC = load<f64>(turn), oldS = load<f64>(turn, 8);
    turnColumns(d, X + (<usize>i << 3), X + (<usize>j << 3), step, oldC, oldS);
    const x = rowOf(X, pitch, i), y = rowOf(X, pitch, j);
    const xi = load<f64>(x + (<usize>i << 3)), xj = load<f64>(x + (<usize>j << 3));
    const yi = load<f64>(y + (<usize>i << 3)), yj = load<f64>(y + (<usize>j << 3));
    const a = xi + yj, b = xj - yi, length = Math.sqrt(a * a + b * b);
    let c = oldC, s = oldS;
    if (length > 0.0) {
      c = a / length;
      s = b / length;
      gain += length - (oldC * a + oldS * b);
    }
    store<f64>(turn, c);
    store<f64>(turn, s, 8);
    turnRows((d + 1) & ~1, x, y, c, s);
  }
  return gain;
}
