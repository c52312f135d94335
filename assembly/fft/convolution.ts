// A transform of any length as a convolution with a chirp: X_k = b_k Σ_j (x_j b_j) conj(b_(k-j)) for b_j = exp(-πi j²/n), by transforms of a length without large
// primes. In f64 throughout, so that one of f32 loses nothing by the way.
// Source: Bluestein, A linear filtering approach to the computation of the discrete Fourier transform, IEEE Transactions on Audio and
// Electroacoustics 18 (1970).
import { roundToLine } from '../simd/lanes';
import { chirpOf, Plan } from './plan';
import { root, rootIm, rootRe } from './roots';
import { tileBytes, transform } from './transform';

/** Writes b_j, and the transform of its conjugate around 0, divided by the length. */
export function writeChirp(plan: Plan, work: usize): void {
  const n = plan.n, length = plan.first.n, table = plan.table;
  const half = roundToLine(<usize>length << 3);
  memory.fill(work, 0, 2 * half);
  for (let j = 0; j < n; j++) {
    root((<i64>j * <i64>j) % (2 * <i64>n), 2 * <i64>n);
    store<f64>(table + (<usize>j << 4), rootRe);
    store<f64>(table + (<usize>j << 4), rootIm, 8);
    for (let side = 0; side < 2; side++) {
      const at = side == 0 ? j : (length - j) % length;
      store<f64>(work + (<usize>at << 3), rootRe);
      store<f64>(work + half + (<usize>at << 3), -rootIm);
    }
  }
  const chirp = chirpOf(plan), im = <usize>length << 3;
  transform<f64>(plan.first, 1, work, half, 1, chirp, im, 1, 1.0 / <f64>length, work + 2 * half);
}

/** Bytes of workspace for `writeChirp`, beside those of a transform of one column. */
export function chirpBytes(plan: Plan): usize {
  return tileBytes<f64>(plan.first.n, 1);
}

/** y := scale F x for a tile. */
export function convolve<T>(
  plan: Plan, columns: i32, x: usize, xi: usize, px: i32, y: usize, yi: usize, py: i32, scale: f64, work: usize,
): void {
  const n = plan.n, length = plan.first.n, table = plan.table, chirp = chirpOf(plan), chirpIm = <usize>length << 3;
  const im = roundToLine((<usize>length * <usize>columns) << 3), a = work, b = a + 2 * im, rest = b + 2 * im;
  const line = <usize>columns << 3;
  for (let j = 0; j < n; j++) {
    const c = load<f64>(table + (<usize>j << 4)), s = load<f64>(table + (<usize>j << 4), 8);
    for (let q = 0; q < columns; q++) {
      const from = x + (<usize>j * <usize>px + <usize>q) * sizeof<T>(), to = a + <usize>j * line + (<usize>q << 3);
      const u = <f64>load<T>(from), v = <f64>load<T>(from + xi);
      store<f64>(to, u * c - v * s);
      store<f64>(to + im, u * s + v * c);
    }
  }
  const used = <usize>n * line, all = <usize>length * line;
  memory.fill(a + used, 0, all - used);
  memory.fill(a + im + used, 0, all - used);
  transform<f64>(plan.first, columns, a, im, columns, b, im, columns, 1.0, rest);
  for (let k = 0; k < length; k++) {
    const c = load<f64>(chirp + (<usize>k << 3)), s = load<f64>(chirp + chirpIm + (<usize>k << 3));
    for (let at = b + <usize>k * line, end = at + line; at < end; at += 8) {
      const u = load<f64>(at), v = load<f64>(at + im);
      store<f64>(at, u * c - v * s);
      store<f64>(at + im, u * s + v * c);
    }
  }
  // Backward, by the transform of numbers whose parts have changed places, which in turn gives them in exchanged places.
  transform<f64>(plan.first, columns, b + im, <usize>0 - im, columns, a + im, <usize>0 - im, columns, 1.0, rest);
  for (let k = 0; k < n; k++) {
    const c = scale * load<f64>(table + (<usize>k << 4)), s = scale * load<f64>(table + (<usize>k << 4), 8);
    for (let q = 0; q < columns; q++) {
      const from = a + <usize>k * line + (<usize>q << 3), to = y + (<usize>k * <usize>py + <usize>q) * sizeof<T>();
      const u = load<f64>(from), v = load<f64>(from + im);
      store<T>(to, <T>(u * c - v * s));
      store<T>(to + yi, <T>(u * s + v * c));
    }
  }
}
