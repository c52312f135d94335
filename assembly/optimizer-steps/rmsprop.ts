// d := g + decay p; s := keep s + gain d²; p := p - rate d / (√s + ε); centred: √(s - a²), a the mean of d; with momentum:
// b := push b + d / (√s + ε), p := p - rate b. With keep = gain = 1 this is Adagrad.
// Where s is too large, or too small, for the type, its root takes its place: moment.ts.
// Source: Hinton, Neural Networks for Machine Learning, lecture 6; Graves (2013) for the centred form; Duchi et al. (2011).
import { lanes, madd } from '../simd/lanes';
import { anyMarked, beyond, grown, isBeyond, isSmall, rootOf, storedAs } from './moment';
import { PIECE, part } from './pieces';

/** d / (√s + ε) of one element, after s and a are brought up to date. */
// @ts-ignore: decorator
@inline
function quotient<T>(centred: bool, d: T, s: usize, a: usize, keep: T, gain: T, epsilon: T): T {
  const s0 = load<T>(s), square = <T>(keep * s0 + gain * d * d);
  if (isBeyond<T>(s0, square, epsilon)) return rooted<T>(centred, d, s, a, keep, gain, epsilon);
  store<T>(s, square);
  let variance = square;
  if (centred) {
    const mean = <T>(gain * (d - load<T>(a)) + load<T>(a));
    store<T>(a, mean);
    variance = max<T>(square - mean * mean, 0);
  }
  return <T>(d / (sqrt<T>(variance) + epsilon));
}

/** The same by roots, in f64. */
function rooted<T>(centred: bool, d: T, s: usize, a: usize, keep: T, gain: T, epsilon: T): T {
  let root = grown(rootOf<T>(load<T>(s)), <f64>d, <f64>keep, <f64>gain);
  store<T>(s, storedAs<T>(root));
  if (centred) {
    const a0 = <f64>load<T>(a);
    const mean = <f64>gain * (<f64>d - a0) + a0, size = Math.abs(mean);
    store<T>(a, <T>mean);
    root = Math.sqrt(max<f64>(root - size, 0)) * Math.sqrt(root + size);
  }
  return <T>(<f64>d / (root + <f64>epsilon));
}

/** n elements, one after the other. */
function single<T>(
  centred: bool, pushed: bool, n: i32, p: usize, g: usize, s: usize, a: usize, b: usize,
  rate: T, decay: T, keep: T, gain: T, epsilon: T, push: T,
): void {
  for (let i = 0; i < n; i++) {
    const x = load<T>(p);
    const d = <T>(decay * x + load<T>(g));
    let by = quotient<T>(centred, d, s, a, keep, gain, epsilon);
    if (pushed) {
      by = <T>(push * load<T>(b) + by);
      store<T>(b, by);
      b += sizeof<T>();
    }
    store<T>(p, <T>(x - rate * by));
    p += sizeof<T>();
    g += sizeof<T>();
    s += sizeof<T>();
    if (centred) a += sizeof<T>();
  }
}

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
  // With a tiny epsilon, squares that underflow matter.
  const vectors = isSmall<T>(epsilon) ? -1 : n - w;
  for (; i <= vectors; i += w) {
    const x = v128.load(p);
    const d = madd<T>(l, x, v128.load(g));
    const before = v128.load(s), square = madd<T>(k, before, v128.mul<T>(v128.mul<T>(h, d), d));
    if (anyMarked<T>(beyond<T>(before, square))) {
      single<T>(centred, pushed, w, p, g, s, a, b, rate, decay, keep, gain, epsilon, push);
      p += 16;
      g += 16;
      s += 16;
      if (centred) a += 16;
      if (pushed) b += 16;
      continue;
    }
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
  if (i < n) single<T>(centred, pushed, n - i, p, g, s, a, b, rate, decay, keep, gain, epsilon, push);
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
