// m := m + (1 - β1) (g - m), v := β2 v + (1 - β2) g², p := keep p - step m / (√v + ε), the bias corrections in step and ε.
// Where v is too large, or too small, for the type, its root takes its place: moment.ts.
// Source: Kingma and Ba, Adam (2015), section 2; Loshchilov and Hutter (2019) for keep; Reddi, Kale and Kumar (2018) for AMSGrad.
import { lanes, madd } from '../simd/lanes';
import { anyMarked, beyond, farthest, grown, isBeyond, isSmall, rootOf, storedAs } from './moment';
import { PIECE, part } from './pieces';

/** β2 v + (1 - β2) d². */
// @ts-ignore: decorator
@inline
function moment<T>(d: v128, v: v128, keep: v128, second: v128): v128 {
  return madd<T>(keep, v, v128.mul<T>(v128.mul<T>(second, d), d));
}

/**
 * What divides the step in one vector, √v + ε, after v and what it has been at most (`top`, where `largest`) are stored. It is at
 * most `limit`, so that a NaN does not reach the vector that shares a division with this one.
 */
// @ts-ignore: decorator
@inline
function divisor<T>(largest: bool, v1: v128, v: usize, top: usize, epsilon: v128, limit: v128): v128 {
  v128.store(v, v1);
  if (largest) {
    v1 = v128.max<T>(v128.load(top), v1);
    v128.store(top, v1);
  }
  return v128.pmin<T>(limit, v128.add<T>(v128.sqrt<T>(v1), epsilon));
}

/** m := m + first (d - m). */
// @ts-ignore: decorator
@inline
function mean<T>(m: usize, d: v128, first: v128): v128 {
  const m0 = v128.load(m);
  const m1 = madd<T>(first, v128.sub<T>(d, m0), m0);
  v128.store(m, m1);
  return m1;
}

/** One element, with a division of its own. */
// @ts-ignore: decorator
@inline
function element<T>(
  largest: bool, coupled: bool, p: usize, g: usize, m: usize, v: usize, top: usize,
  first: T, keep: T, second: T, step: T, epsilon: T, decay: T,
): void {
  const x = load<T>(p), m0 = load<T>(m), v0 = load<T>(v);
  let d = load<T>(g);
  if (coupled) d = <T>(decay * x + d);
  let v1 = <T>(keep * v0 + second * d * d);
  if (isBeyond<T>(v0, v1, epsilon) || (largest && load<T>(top) < <T>0)) {
    rooted<T>(largest, p, m, v, top, d, coupled ? x : <T>(decay * x), first, keep, second, step, epsilon);
    return;
  }
  const m1 = <T>(first * (d - m0) + m0);
  store<T>(m, m1);
  store<T>(v, v1);
  if (largest) {
    v1 = max<T>(load<T>(top), v1);
    store<T>(top, v1);
  }
  store<T>(p, <T>((coupled ? x : decay * x) - (step * m1) / (sqrt<T>(v1) + epsilon)));
}

/** The same by roots, in f64; `x` is p before the step. */
function rooted<T>(
  largest: bool, p: usize, m: usize, v: usize, top: usize, d: T, x: T,
  first: T, keep: T, second: T, step: T, epsilon: T,
): void {
  const m0 = <f64>load<T>(m);
  const m1 = <T>(<f64>first * (<f64>d - m0) + m0);
  let root = grown(rootOf<T>(load<T>(v)), <f64>d, <f64>keep, <f64>second);
  store<T>(m, m1);
  store<T>(v, storedAs<T>(root));
  if (largest) {
    root = max(root, rootOf<T>(load<T>(top)));
    store<T>(top, storedAs<T>(root));
  }
  store<T>(p, <T>(<f64>x - <f64>step * (<f64>m1 / (root + <f64>epsilon))));
}

/** n elements, one after the other. */
function single<T>(
  largest: bool, coupled: bool, n: i32, p: usize, g: usize, m: usize, v: usize, top: usize,
  first: T, keep: T, second: T, step: T, epsilon: T, decay: T,
): void {
  for (let i = 0; i < n; i++) {
    element<T>(largest, coupled, p, g, m, v, top, first, keep, second, step, epsilon, decay);
    p += sizeof<T>();
    g += sizeof<T>();
    m += sizeof<T>();
    v += sizeof<T>();
    if (largest) top += sizeof<T>();
  }
}

/** Square roots and divisions are what takes the time: two vectors share a division, a / b and c / d from 1 / (b d). */
// @ts-ignore: decorator
@inline
function loop<T>(
  largest: bool, coupled: bool, n: i32, p: usize, g: usize, m: usize, v: usize, top: usize,
  first: T, keep: T, second: T, step: T, epsilon: T, decay: T,
): void {
  const w = lanes<T>();
  const f = v128.splat<T>(first), k = v128.splat<T>(keep), h = v128.splat<T>(second);
  const r = v128.splat<T>(step), e = v128.splat<T>(epsilon), l = v128.splat<T>(decay);
  const limit = v128.splat<T>(farthest<T>());
  let i = 0;
  // The product of two divisors must be a normal number: with a tiny epsilon it might not be.
  const pairs = isSmall<T>(epsilon) ? -1 : n - 2 * w;
  for (; i <= pairs; i += 2 * w) {
    const x0 = v128.load(p), x1 = v128.load(p, 16);
    const d0 = coupled ? madd<T>(l, x0, v128.load(g)) : v128.load(g);
    const d1 = coupled ? madd<T>(l, x1, v128.load(g, 16)) : v128.load(g, 16);
    const v0 = v128.load(v), v1 = v128.load(v, 16);
    const n0 = moment<T>(d0, v0, k, h), n1 = moment<T>(d1, v1, k, h);
    let far = v128.or(beyond<T>(v0, n0), beyond<T>(v1, n1));
    if (largest) far = v128.or(far, v128.or(v128.load(top), v128.load(top, 16)));
    if (anyMarked<T>(far)) {
      single<T>(largest, coupled, 2 * w, p, g, m, v, top, first, keep, second, step, epsilon, decay);
      p += 32;
      g += 32;
      m += 32;
      v += 32;
      if (largest) top += 32;
      continue;
    }
    const s0 = divisor<T>(largest, n0, v, top, e, limit);
    const s1 = divisor<T>(largest, n1, v + 16, top + 16, e, limit);
    const q = v128.div<T>(r, v128.mul<T>(s0, s1));
    const m0 = mean<T>(m, d0, f), m1 = mean<T>(m + 16, d1, f);
    v128.store(p, v128.sub<T>(coupled ? x0 : v128.mul<T>(l, x0), v128.mul<T>(m0, v128.mul<T>(s1, q))));
    v128.store(p, v128.sub<T>(coupled ? x1 : v128.mul<T>(l, x1), v128.mul<T>(m1, v128.mul<T>(s0, q))), 16);
    p += 32;
    g += 32;
    m += 32;
    v += 32;
    if (largest) top += 32;
  }
  if (i < n) single<T>(largest, coupled, n - i, p, g, m, v, top, first, keep, second, step, epsilon, decay);
}

function adamDecoupled<T>(
  n: i32, p: usize, g: usize, m: usize, v: usize, first: T, keep: T, second: T, step: T, epsilon: T, decay: T,
): void {
  loop<T>(false, false, n, p, g, m, v, 0, first, keep, second, step, epsilon, decay);
}
function adamCoupled<T>(
  n: i32, p: usize, g: usize, m: usize, v: usize, first: T, keep: T, second: T, step: T, epsilon: T, decay: T,
): void {
  loop<T>(false, true, n, p, g, m, v, 0, first, keep, second, step, epsilon, decay);
}
function amsgradDecoupled<T>(
  n: i32, p: usize, g: usize, m: usize, v: usize, top: usize, first: T, keep: T, second: T, step: T, epsilon: T, decay: T,
): void {
  loop<T>(true, false, n, p, g, m, v, top, first, keep, second, step, epsilon, decay);
}
function amsgradCoupled<T>(
  n: i32, p: usize, g: usize, m: usize, v: usize, top: usize, first: T, keep: T, second: T, step: T, epsilon: T, decay: T,
): void {
  loop<T>(true, true, n, p, g, m, v, top, first, keep, second, step, epsilon, decay);
}

/** One step on n elements in place; top = 0: no AMSGrad. coupled: g + decay p in the place of g, else decay p in that of p. */
export function adam<T>(
  n: i32, coupled: bool, p: usize, g: usize, m: usize, v: usize, top: usize,
  first: T, keep: T, second: T, step: T, epsilon: T, decay: T,
): void {
  for (let i = 0; i < n; i += PIECE) {
    const piece = min(PIECE, n - i), most = part<T>(top, i);
    const x = part<T>(p, i), d = part<T>(g, i), a = part<T>(m, i), b = part<T>(v, i);
    if (most == 0) {
      if (coupled) adamCoupled<T>(piece, x, d, a, b, first, keep, second, step, epsilon, decay);
      else adamDecoupled<T>(piece, x, d, a, b, first, keep, second, step, epsilon, decay);
    } else if (coupled) amsgradCoupled<T>(piece, x, d, a, b, most, first, keep, second, step, epsilon, decay);
    else amsgradDecoupled<T>(piece, x, d, a, b, most, first, keep, second, step, epsilon, decay);
  }
}
