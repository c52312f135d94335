// y := y + weight (x - y), and x := min(limit, max(-limit, x)).
import { lanes, madd } from '../simd/lanes';
import { PIECE, part } from './pieces';

function approach<T>(n: i32, weight: T, x: usize, y: usize): void {
  const by = v128.splat<T>(weight), w = lanes<T>();
  let i = 0;
  for (; i + w <= n; i += w) {
    const old = v128.load(y);
    v128.store(y, madd<T>(by, v128.sub<T>(v128.load(x), old), old));
    x += 16;
    y += 16;
  }
  for (; i < n; i++) {
    const old = load<T>(y);
    store<T>(y, <T>(weight * (load<T>(x) - old) + old));
    x += sizeof<T>();
    y += sizeof<T>();
  }
}

/** y := y + weight (x - y). */
export function lerp<T>(n: i32, weight: T, x: usize, y: usize): void {
  for (let i = 0; i < n; i += PIECE) approach<T>(min(PIECE, n - i), weight, part<T>(x, i), part<T>(y, i));
}

function cut<T>(n: i32, limit: T, x: usize): void {
  const low = v128.splat<T>(-limit), high = v128.splat<T>(limit), w = lanes<T>();
  let i = 0;
  for (; i + w <= n; i += w) {
    // pmin and pmax keep a NaN of their first operand.
    v128.store(x, v128.pmax<T>(v128.pmin<T>(v128.load(x), high), low));
    x += 16;
  }
  for (; i < n; i++) {
    const value = load<T>(x);
    store<T>(x, value > limit ? limit : value < -limit ? -limit : value);
    x += sizeof<T>();
  }
}

/** x := min(limit, max(-limit, x)); NaN stays. */
export function clamp<T>(n: i32, limit: T, x: usize): void {
  for (let i = 0; i < n; i += PIECE) cut<T>(min(PIECE, n - i), limit, part<T>(x, i));
}
