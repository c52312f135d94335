// d := g + decay p; s := keep s + gain d²; p := p - rate d / (√s + ε); centred: √(s - a²), a the mean of d; with momentum:
// b := push b + d / (√s + ε), p := p - rate b. With keep = gain = 1 this is Adagrad.
// Source: Hinton, Neural Networks for Machine Learning, lecture 6; Graves (2013) for the centred form; Duchi et al. (2011).
import { lanes, madd } from '../simd/lanes';
import { PIECE, part } from './pieces';

// @ts-ignore: decorator
@inline
function loop<T>(
  centred: bool, pushed: bool, n: i32, p: usize, g: usize, s: usize, a: usize, b: usize,
  rate: T, decay: T, keep: T, gain: T, epsilon: T, push: T,
): void {
  const w = lanes<T>();
  const r = v128.splat<T>(-rate), l = v128.splat<T>(decay), k = v128.splat<T>(keep), h = v128.splat<T>(gain);
  const e = v128.splat<T>(epsilon), q = v128.splat<T>(push);
  let i = 0;
  for (; i + w <= n; i += w) {
    const x = v128.load(p);
    const d = madd<T>(l, x, v128.load(g));
    const square = madd<T>(k, v128.load(s), v128.mul<T>(v128.mul<T>(h, d), d));
    v128.store(s, square);
    let variance = square;
    if (centred) {
      const mean = madd<T>(h, v128.sub<T>(d, v128.load(a)), v128.load(a));
      v128.store(a, mean);
      // Rounding may leave a variance of zero a little below it.
      variance = v128.pmax<T>(v128.sub<T>(square, v128.mul<T>(mean, mean)), v128.splat<T>(0));
    }
    let by = v128.div<T>(d, v128.add<T>(v128.sqrt<T>(variance), e));
    if (pushed) {
      by = madd<T>(q, v128.load(b), by);
      v128.store(b, by);
      b += 16;
    }
    v128.store(p, madd<T>(r, by, x));
    p += 16;
    g += 16;
    s += 16;
    if (centred) a += 16;
  }
  for (; i < n; i++) {
    const x = load<T>(p);
    const d = <T>(decay * x + load<T>(g));
    const square = <T>(keep * load<T>(s) + gain * d * d);
    store<T>(s, square);
    let variance = square;
    if (centred) {
      const mean = <T>(gain * (d - load<T>(a)) + load<T>(a));
      store<T>(a, mean);
      variance = max<T>(square - mean * mean, 0);
      a += sizeof<T>();
    }
    let by = <T>(d / (sqrt<T>(variance) + epsilon));
    if (pushed) {
      by = <T>(push * load<T>(b) + by);
      store<T>(b, by);
      b += sizeof<T>();
    }
    store<T>(p, <T>(x - rate * by));
    p += sizeof<T>();
    g += sizeof<T>();
    s += sizeof<T>();
  }
}

function plain<T>(n: i32, p: usize, g: usize, s: usize, rate: T, decay: T, keep: T, gain: T, epsilon: T): void {
  loop<T>(false, false, n, p, g, s, 0, 0, rate, decay, keep, gain, epsilon, 0);
}
function centred<T>(n: i32, p: usize, g: usize, s: usize, a: usize, rate: T, decay: T, keep: T, gain: T, epsilon: T): void {
  loop<T>(true, false, n, p, g, s, a, 0, rate, decay, keep, gain, epsilon, 0);
}
function pushed<T>(
  n: i32, p: usize, g: usize, s: usize, b: usize, rate: T, decay: T, keep: T, gain: T, epsilon: T, push: T,
): void {
  loop<T>(false, true, n, p, g, s, 0, b, rate, decay, keep, gain, epsilon, push);
}
function both<T>(
  n: i32, p: usize, g: usize, s: usize, a: usize, b: usize, rate: T, decay: T, keep: T, gain: T, epsilon: T, push: T,
): void {
  loop<T>(true, true, n, p, g, s, a, b, rate, decay, keep, gain, epsilon, push);
}

/** One step on n elements in place; a = 0: not centred; b = 0: no momentum. */
export function rmsprop<T>(
  n: i32, p: usize, g: usize, s: usize, a: usize, b: usize,
  rate: T, decay: T, keep: T, gain: T, epsilon: T, push: T,
): void {
  for (let i = 0; i < n; i += PIECE) {
    const piece = min(PIECE, n - i);
    const x = part<T>(p, i), d = part<T>(g, i), y = part<T>(s, i), mean = part<T>(a, i), v = part<T>(b, i);
    if (mean == 0) {
      if (v == 0) plain<T>(piece, x, d, y, rate, decay, keep, gain, epsilon);
      else pushed<T>(piece, x, d, y, v, rate, decay, keep, gain, epsilon, push);
    } else if (v == 0) centred<T>(piece, x, d, y, mean, rate, decay, keep, gain, epsilon);
    else both<T>(piece, x, d, y, mean, v, rate, decay, keep, gain, epsilon, push);
  }
}
