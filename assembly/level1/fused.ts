// y := alpha x + y and then zᵀ y in one passage; z := x - y and z := x + alpha y: what the loops of descent methods are made of.
import { lanes, madd, sumLanes } from '../simd/lanes';

const BLOCK: i32 = 256;

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
