// y := alpha x + y and then zᵀ y in one passage; z := x - y and z := x + alpha y: what the loops of descent methods are made of.
// Also out := alpha x + beta y with zᵀ out, and the differences of two points and of their gradients with products of these.
import { lanes, madd, sumLanes } from '../simd/lanes';

/** Four times the block of a plain dot product: what a call costs is felt at a thousand elements. */
const BLOCK: i32 = 1024;

/** At most BLOCK elements, all contiguous. */
function block<T>(n: i32, alpha: T, x: usize, y: usize, z: usize): T {
  const a = v128.splat<T>(alpha);
  let s0 = v128.splat<T>(0), s1 = s0, s2 = s0, s3 = s0;
  const w = lanes<T>();
  let i = 0;
  for (; i + 4 * w <= n; i += 4 * w) {
    const y0 = madd<T>(a, v128.load(x), v128.load(y));
    v128.store(y, y0);
    s0 = madd<T>(v128.load(z), y0, s0);
    const y1 = madd<T>(a, v128.load(x, 16), v128.load(y, 16));
    v128.store(y, y1, 16);
    s1 = madd<T>(v128.load(z, 16), y1, s1);
    const y2 = madd<T>(a, v128.load(x, 32), v128.load(y, 32));
    v128.store(y, y2, 32);
    s2 = madd<T>(v128.load(z, 32), y2, s2);
    const y3 = madd<T>(a, v128.load(x, 48), v128.load(y, 48));
    v128.store(y, y3, 48);
    s3 = madd<T>(v128.load(z, 48), y3, s3);
    x += 64;
    y += 64;
    z += 64;
  }
  let sum = sumLanes<T>(v128.add<T>(v128.add<T>(s0, s1), v128.add<T>(s2, s3)));
  for (; i < n; i++) {
    const value = alpha * load<T>(x) + load<T>(y);
    store<T>(y, value);
    sum += load<T>(z) * value;
    x += sizeof<T>();
    y += sizeof<T>();
    z += sizeof<T>();
  }
  return sum;
}

/** y := alpha x + y; the result is zᵀ y, summed pairwise. z may be x or another vector, and y itself. */
export function axpyDot<T>(n: i32, alpha: T, x: usize, y: usize, z: usize): T {
  if (n <= BLOCK) return block<T>(n, alpha, x, y, z);
  const half = ((n + 1) / 2 + BLOCK - 1) & ~(BLOCK - 1);
  const offset = <usize>half * sizeof<T>();
  // The first half first: a sum of two calls does not say which is evaluated first to a reader.
  const head = axpyDot<T>(half, alpha, x, y, z);
  return head + axpyDot<T>(n - half, alpha, x + offset, y + offset, z + offset);
}

/** A block of `axpbyDot`. */
function axpbyBlock<T>(n: i32, alpha: T, x: usize, beta: T, y: usize, out: usize, z: usize): T {
  const a = v128.splat<T>(alpha), b = v128.splat<T>(beta);
  let s0 = v128.splat<T>(0), s1 = s0, s2 = s0, s3 = s0;
  const w = lanes<T>();
  let i = 0;
  for (; i + 4 * w <= n; i += 4 * w) {
    const y0 = madd<T>(a, v128.load(x), v128.mul<T>(b, v128.load(y)));
    v128.store(out, y0);
    s0 = madd<T>(v128.load(z), y0, s0);
    const y1 = madd<T>(a, v128.load(x, 16), v128.mul<T>(b, v128.load(y, 16)));
    v128.store(out, y1, 16);
    s1 = madd<T>(v128.load(z, 16), y1, s1);
    const y2 = madd<T>(a, v128.load(x, 32), v128.mul<T>(b, v128.load(y, 32)));
    v128.store(out, y2, 32);
    s2 = madd<T>(v128.load(z, 32), y2, s2);
    const y3 = madd<T>(a, v128.load(x, 48), v128.mul<T>(b, v128.load(y, 48)));
    v128.store(out, y3, 48);
    s3 = madd<T>(v128.load(z, 48), y3, s3);
    x += 64;
    y += 64;
    z += 64;
    out += 64;
  }
  let sum = sumLanes<T>(v128.add<T>(v128.add<T>(s0, s1), v128.add<T>(s2, s3)));
  for (; i < n; i++) {
    const value = alpha * load<T>(x) + beta * load<T>(y);
    store<T>(out, value);
    sum += load<T>(z) * value;
    x += sizeof<T>();
    y += sizeof<T>();
    z += sizeof<T>();
    out += sizeof<T>();
  }
  return sum;
}

/** out := alpha x + beta y; the result is zᵀ out, summed pairwise. out may be x or y, and z any of them. */
export function axpbyDot<T>(n: i32, alpha: T, x: usize, beta: T, y: usize, out: usize, z: usize): T {
  if (n <= BLOCK) return axpbyBlock<T>(n, alpha, x, beta, y, out, z);
  const half = ((n + 1) / 2 + BLOCK - 1) & ~(BLOCK - 1);
  const offset = <usize>half * sizeof<T>();
  const head = axpbyDot<T>(half, alpha, x, beta, y, out, z);
  return head + axpbyDot<T>(n - half, alpha, x + offset, beta, y + offset, out + offset, z + offset);
}

/** A block of `copyDot`. */
function copyBlock<T>(n: i32, x: usize, y: usize, z: usize): T {
  let s0 = v128.splat<T>(0), s1 = s0, s2 = s0, s3 = s0;
  const w = lanes<T>();
  let i = 0;
  for (; i + 4 * w <= n; i += 4 * w) {
    const x0 = v128.load(x), x1 = v128.load(x, 16), x2 = v128.load(x, 32), x3 = v128.load(x, 48);
    v128.store(y, x0);
    v128.store(y, x1, 16);
    v128.store(y, x2, 32);
    v128.store(y, x3, 48);
    s0 = madd<T>(v128.load(z), x0, s0);
    s1 = madd<T>(v128.load(z, 16), x1, s1);
    s2 = madd<T>(v128.load(z, 32), x2, s2);
    s3 = madd<T>(v128.load(z, 48), x3, s3);
    x += 64;
    y += 64;
    z += 64;
  }
  let sum = sumLanes<T>(v128.add<T>(v128.add<T>(s0, s1), v128.add<T>(s2, s3)));
  for (; i < n; i++) {
    const value = load<T>(x);
    store<T>(y, value);
    sum += load<T>(z) * value;
    x += sizeof<T>();
    y += sizeof<T>();
    z += sizeof<T>();
  }
  return sum;
}

/** y := x; the result is zᵀ x, summed pairwise. */
export function copyDot<T>(n: i32, x: usize, y: usize, z: usize): T {
  if (n <= BLOCK) return copyBlock<T>(n, x, y, z);
  const half = ((n + 1) / 2 + BLOCK - 1) & ~(BLOCK - 1);
  const offset = <usize>half * sizeof<T>();
  const head = copyDot<T>(half, x, y, z);
  return head + copyDot<T>(n - half, x + offset, y + offset, z + offset);
}

/** z := x - y. */
export function minus<T>(n: i32, x: usize, y: usize, z: usize): void {
  const w = lanes<T>();
  let i = 0;
  for (; i + 2 * w <= n; i += 2 * w) {
    v128.store(z, v128.sub<T>(v128.load(x), v128.load(y)));
    v128.store(z, v128.sub<T>(v128.load(x, 16), v128.load(y, 16)), 16);
    x += 32;
    y += 32;
    z += 32;
  }
  for (; i < n; i++) {
    store<T>(z, load<T>(x) - load<T>(y));
    x += sizeof<T>();
    y += sizeof<T>();
    z += sizeof<T>();
  }
}

/** z := x + alpha y; z may be one of them. */
export function plusScaled<T>(n: i32, alpha: T, x: usize, y: usize, z: usize): void {
  const a = v128.splat<T>(alpha);
  const w = lanes<T>();
  let i = 0;
  for (; i + 2 * w <= n; i += 2 * w) {
    const z0 = madd<T>(a, v128.load(y), v128.load(x)), z1 = madd<T>(a, v128.load(y, 16), v128.load(x, 16));
    v128.store(z, z0);
    v128.store(z, z1, 16);
    x += 32;
    y += 32;
    z += 32;
  }
  for (; i < n; i++) {
    store<T>(z, alpha * load<T>(y) + load<T>(x));
    x += sizeof<T>();
    y += sizeof<T>();
    z += sizeof<T>();
  }
}

/** A block of `curvature`. */
function differences<T>(n: i32, x: usize, x0: usize, g: usize, g0: usize, s: usize, y: usize, out: usize): void {
  let s0 = v128.splat<T>(0), s1 = s0, t0 = s0, t1 = s0;
  const w = lanes<T>();
  let i = 0;
  for (; i + 2 * w <= n; i += 2 * w) {
    const d0 = v128.sub<T>(v128.load(x), v128.load(x0)), e0 = v128.sub<T>(v128.load(g), v128.load(g0));
    v128.store(s, d0);
    v128.store(y, e0);
    s0 = madd<T>(d0, e0, s0);
    t0 = madd<T>(e0, e0, t0);
    const d1 = v128.sub<T>(v128.load(x, 16), v128.load(x0, 16));
    const e1 = v128.sub<T>(v128.load(g, 16), v128.load(g0, 16));
    v128.store(s, d1, 16);
    v128.store(y, e1, 16);
    s1 = madd<T>(d1, e1, s1);
    t1 = madd<T>(e1, e1, t1);
    x += 32;
    x0 += 32;
    g += 32;
    g0 += 32;
    s += 32;
    y += 32;
  }
  let p = sumLanes<T>(v128.add<T>(s0, s1)), q = sumLanes<T>(v128.add<T>(t0, t1));
  for (; i < n; i++) {
    const d = load<T>(x) - load<T>(x0), e = load<T>(g) - load<T>(g0);
    store<T>(s, d);
    store<T>(y, e);
    p += d * e;
    q += e * e;
    x += sizeof<T>();
    x0 += sizeof<T>();
    g += sizeof<T>();
    g0 += sizeof<T>();
    s += sizeof<T>();
    y += sizeof<T>();
  }
  store<T>(out, p);
  store<T>(out, q, sizeof<T>());
}

/** s := x - x0, y := g - g0; sᵀy and yᵀy, summed pairwise, to `out`. */
export function curvature<T>(
  n: i32, x: usize, x0: usize, g: usize, g0: usize, s: usize, y: usize, out: usize,
): void {
  if (n <= BLOCK) return differences<T>(n, x, x0, g, g0, s, y, out);
  const half = ((n + 1) / 2 + BLOCK - 1) & ~(BLOCK - 1);
  const o = <usize>half * sizeof<T>();
  curvature<T>(half, x, x0, g, g0, s, y, out);
  const p = load<T>(out), q = load<T>(out, sizeof<T>());
  curvature<T>(n - half, x + o, x0 + o, g + o, g0 + o, s + o, y + o, out);
  store<T>(out, p + load<T>(out));
  store<T>(out, q + load<T>(out, sizeof<T>()), sizeof<T>());
}
