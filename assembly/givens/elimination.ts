// Structured elimination: zeros below the diagonal, column by column from the left and in each from the bottom.
import { rowOf } from './layout';
import { turnRows } from './turn';

/** Entries of an orthogonal matrix up to here are roundings of 0: turned, they would mix rows by angles of chance. */
const ROUNDING: f64 = 8.881784197001252e-16;

/**
 * Turns rows r and c of W, d x d, so that w_rc becomes 0 and w_cc is not negative: (w_r, w_c) := (c w_r - s w_c, s w_r + c w_c). What lies left of
 * column c in these rows is 0 already. Writes c and s; an entry that is 0, but for rounding, becomes 0 with the angle 0.
 */
export function eliminate(d: i32, pitch: i32, W: usize, r: i32, c: i32, turn: usize): void {
  const x = rowOf(W, pitch, r) + (<usize>c << 3), y = rowOf(W, pitch, c) + (<usize>c << 3);
  const a = load<f64>(x), b = load<f64>(y);
  let cosine = 1.0, sine = 0.0;
  if (abs(a) > ROUNDING) {
    const length = Math.sqrt(a * a + b * b);
    cosine = b / length;
    sine = a / length;
    // The padding of a row makes an even number of what is left.
    turnRows((d - c + 1) & ~1, x, y, cosine, sine);
  }
  store<f64>(x, 0.0);
  store<f64>(turn, cosine);
  store<f64>(turn, sine, 8);
}
