// Transforms of real numbers. An even number n of them is a transform of h = n/2 complex ones, z_j = x_2j + i x_(2j+1): with E and O those of the even and of
// the odd numbers, Z = E + i O and X_k = E_k + exp(-2πi k/n) O_k. An odd number is one of n complex ones, of which half is needed.
// Results other than the first and, for even n, the last stand for two each, and are multiplied by `inner`: 1 in a transform, 2 in its transpose.
import { roundToLine } from '../simd/lanes';
import { Plan } from './plan';
import { tileBytes, transform, transformBytes } from './transform';

/** Bytes of workspace: tiles in and out, and that of a transform. */
export function realBytes<T>(plan: Plan, columns: i32): usize {
  return 2 * tileBytes<T>(plan.n + 1, columns) + transformBytes<T>(plan, columns);
}

/** Numbers with an even and an odd place into tiles of their own, `h` rows of `columns`; the rows of x are `pitch` elements apart. */
function splitRows<T>(h: i32, columns: i32, x: usize, pitch: i32, re: usize, im: usize): void {
  const size = <usize>sizeof<T>();
  if (columns == 1 && pitch == 1) {
    let j = 0;
    for (; j + 16 / <i32>size <= h; j += 16 / <i32>size) {
      const from = x + <usize>(2 * j) * size, a = v128.load(from), b = v128.load(from, 16), at = <usize>j * size;
      if (sizeof<T>() == 8) {
        v128.store(re + at, i64x2.shuffle(a, b, 0, 2));
        v128.store(im + at, i64x2.shuffle(a, b, 1, 3));
      } else {
        v128.store(re + at, i32x4.shuffle(a, b, 0, 2, 4, 6));
        v128.store(im + at, i32x4.shuffle(a, b, 1, 3, 5, 7));
      }
    }
    for (; j < h; j++) {
      store<T>(re + <usize>j * size, load<T>(x + <usize>(2 * j) * size));
      store<T>(im + <usize>j * size, load<T>(x + <usize>(2 * j + 1) * size));
    }
    return;
  }
  const line = <usize>columns * size, step = <usize>pitch * size;
  for (let j = 0; j < h; j++, x += 2 * step, re += line, im += line) {
    memory.copy(re, x, line);
    memory.copy(im, x + step, line);
  }
}

/** The reverse of `splitRows`. */
function joinRows<T>(h: i32, columns: i32, re: usize, im: usize, y: usize, pitch: i32): void {
  const size = <usize>sizeof<T>();
  if (columns == 1 && pitch == 1) {
    let j = 0;
    for (; j + 16 / <i32>size <= h; j += 16 / <i32>size) {
      const to = y + <usize>(2 * j) * size, at = <usize>j * size, a = v128.load(re + at), b = v128.load(im + at);
      if (sizeof<T>() == 8) {
        v128.store(to, i64x2.shuffle(a, b, 0, 2));
        v128.store(to, i64x2.shuffle(a, b, 1, 3), 16);
      } else {
        v128.store(to, i32x4.shuffle(a, b, 0, 4, 1, 5));
        v128.store(to, i32x4.shuffle(a, b, 2, 6, 3, 7), 16);
      }
    }
    for (; j < h; j++) {
      store<T>(y + <usize>(2 * j) * size, load<T>(re + <usize>j * size));
      store<T>(y + <usize>(2 * j + 1) * size, load<T>(im + <usize>j * size));
    }
    return;
  }
  const line = <usize>columns * size, step = <usize>pitch * size;
  for (let j = 0; j < h; j++, y += 2 * step, re += line, im += line) {
    memory.copy(y, re, line);
    memory.copy(y + step, im, line);
  }
}

// @ts-ignore: decorator
@inline
function reversed<T>(x: v128): v128 {
  return sizeof<T>() == 8 ? i64x2.shuffle(x, x, 1, 0) : i32x4.shuffle(x, x, 3, 2, 1, 0);
}

// Four numbers at a time, in vectors or in all lanes of one: (a + i b) is Z_k, (c + i d) Z_(h-k), w the root. Results at X_k and X_(h-k).
// @ts-ignore: decorator
@inline
function untangle<T>(a: v128, b: v128, c: v128, d: v128, wr: v128, wi: v128, factor: v128, part: i32): v128 {
  // 2 E = Z_k + conj Z_(h-k), 2 O = -i (Z_k - conj Z_(h-k)); `factor` holds the half.
  const er = v128.add<T>(a, c), ei = v128.sub<T>(b, d), or = v128.add<T>(b, d), oi = v128.sub<T>(c, a);
  const tr = v128.sub<T>(v128.mul<T>(or, wr), v128.mul<T>(oi, wi)), ti = v128.add<T>(v128.mul<T>(or, wi), v128.mul<T>(oi, wr));
  if (part == 0) return v128.mul<T>(factor, v128.add<T>(er, tr));
  if (part == 1) return v128.mul<T>(factor, v128.add<T>(ei, ti));
  if (part == 2) return v128.mul<T>(factor, v128.sub<T>(er, tr));
  return v128.mul<T>(factor, v128.sub<T>(ti, ei));
}

/** Of X_k and X_(h-k), conj: Z_k and Z_(h-k), where w is conj exp(-2πi k/n). */
// @ts-ignore: decorator
@inline
function tangle<T>(a: v128, b: v128, c: v128, d: v128, wr: v128, wi: v128, factor: v128, part: i32): v128 {
  // 2 E = X_k + conj X_(h-k), 2 O = (X_k - conj X_(h-k)) w, Z_k = E + i O, Z_(h-k) = conj E + i conj O.
  const er = v128.add<T>(a, c), ei = v128.sub<T>(b, d), pr = v128.sub<T>(a, c), pi = v128.add<T>(b, d);
  const or = v128.sub<T>(v128.mul<T>(pr, wr), v128.mul<T>(pi, wi)), oi = v128.add<T>(v128.mul<T>(pr, wi), v128.mul<T>(pi, wr));
  if (part == 0) return v128.mul<T>(factor, v128.sub<T>(er, oi));
  if (part == 1) return v128.mul<T>(factor, v128.add<T>(ei, or));
  if (part == 2) return v128.mul<T>(factor, v128.add<T>(er, oi));
  return v128.mul<T>(factor, v128.sub<T>(or, ei));
}

/** The pairs k and h - k, 1 <= k <= h/2: rows of `columns` elements, from Z to X or, for `back`, from X to Z. roots: exp(-2πi k/n), re and im in T. */
function pairRows<T>(
  h: i32, columns: i32, back: bool, z: usize, zi: usize, pz: i32, y: usize, yi: usize, py: i32, roots: usize, factor: f64,
): void {
  const size = <usize>sizeof<T>(), lanes = 16 / <i32>size, scale = v128.splat<T>(<T>factor), sign: T = back ? <T>-1 : <T>1;
  let k = 1;
  if (columns == 1 && pz == 1 && py == 1) {
    // Side by side along k: of the partners the order is reversed.
    for (; k + lanes <= (h + 1) / 2; k += lanes) {
      const r = roots + <usize>(2 * k) * size, u = v128.load(r), v = v128.load(r, 16);
      const wr = sizeof<T>() == 8 ? i64x2.shuffle(u, v, 0, 2) : i32x4.shuffle(u, v, 0, 2, 4, 6);
      const odd = sizeof<T>() == 8 ? i64x2.shuffle(u, v, 1, 3) : i32x4.shuffle(u, v, 1, 3, 5, 7);
      const wi = v128.mul<T>(v128.splat<T>(sign), odd);
      const p = <usize>k * size, q = <usize>(h - k - lanes + 1) * size;
      const a = v128.load(z + p), b = v128.load(z + zi + p), c = reversed<T>(v128.load(z + q)), d = reversed<T>(v128.load(z + zi + q));
      if (back) {
        v128.store(y + p, tangle<T>(a, b, c, d, wr, wi, scale, 0));
        v128.store(y + yi + p, tangle<T>(a, b, c, d, wr, wi, scale, 1));
        v128.store(y + q, reversed<T>(tangle<T>(a, b, c, d, wr, wi, scale, 2)));
        v128.store(y + yi + q, reversed<T>(tangle<T>(a, b, c, d, wr, wi, scale, 3)));
      } else {
        v128.store(y + p, untangle<T>(a, b, c, d, wr, wi, scale, 0));
        v128.store(y + yi + p, untangle<T>(a, b, c, d, wr, wi, scale, 1));
        v128.store(y + q, reversed<T>(untangle<T>(a, b, c, d, wr, wi, scale, 2)));
        v128.store(y + yi + q, reversed<T>(untangle<T>(a, b, c, d, wr, wi, scale, 3)));
      }
    }
  }
  for (; 2 * k <= h; k++) {
    const wr = v128.load_splat<T>(roots + <usize>(2 * k) * size), wi = v128.splat<T>(sign * load<T>(roots + <usize>(2 * k + 1) * size));
    const p = z + <usize>k * <usize>pz * size, q = z + <usize>(h - k) * <usize>pz * size;
    const r = y + <usize>k * <usize>py * size, s = y + <usize>(h - k) * <usize>py * size;
    let j = 0;
    for (; j + lanes <= columns; j += lanes) {
      const at = <usize>j * size;
      const a = v128.load(p + at), b = v128.load(p + zi + at), c = v128.load(q + at), d = v128.load(q + zi + at);
      v128.store(r + at, back ? tangle<T>(a, b, c, d, wr, wi, scale, 0) : untangle<T>(a, b, c, d, wr, wi, scale, 0));
      v128.store(r + yi + at, back ? tangle<T>(a, b, c, d, wr, wi, scale, 1) : untangle<T>(a, b, c, d, wr, wi, scale, 1));
      v128.store(s + at, back ? tangle<T>(a, b, c, d, wr, wi, scale, 2) : untangle<T>(a, b, c, d, wr, wi, scale, 2));
      v128.store(s + yi + at, back ? tangle<T>(a, b, c, d, wr, wi, scale, 3) : untangle<T>(a, b, c, d, wr, wi, scale, 3));
    }
    for (; j < columns; j++) {
      const at = <usize>j * size;
      const a = v128.load_splat<T>(p + at), b = v128.load_splat<T>(p + zi + at), c = v128.load_splat<T>(q + at), d = v128.load_splat<T>(q + zi + at);
      for (let part = 0; part < 4; part++) {
        const value = back ? tangle<T>(a, b, c, d, wr, wi, scale, part) : untangle<T>(a, b, c, d, wr, wi, scale, part);
        store<T>((part < 2 ? r : s) + ((part & 1) == 0 ? 0 : yi) + at, v128.extract_lane<T>(value, 0));
      }
    }
  }
}

/** y := scale F x for n real rows of `columns`: n/2 + 1 complex rows. `roots`: of even n, exp(-2πi k/n) for k <= n/4. */
export function realTransform<T>(
  n: i32, plan: Plan, roots: usize, columns: i32, x: usize, px: i32, y: usize, yi: usize, py: i32, scale: f64, inner: f64, work: usize,
): void {
  const size = <usize>sizeof<T>(), tile = plan.n, im = roundToLine(<usize>tile * <usize>columns * size), line = <usize>columns * size;
  const a = work, b = a + 2 * im, rest = b + 2 * im;
  if ((n & 1) == 0) {
    splitRows<T>(tile, columns, x, px, a, a + im);
    transform<T>(plan, columns, a, im, columns, b, im, columns, 1.0, rest);
    pairRows<T>(tile, columns, false, b, im, columns, y, yi, py, roots, 0.5 * scale * inner);
    const last = y + <usize>tile * <usize>py * size;
    for (let at: usize = 0; at < line; at += size) {
      const re = load<T>(b + at), own = load<T>(b + im + at);
      store<T>(y + at, <T>scale * (re + own));
      store<T>(y + yi + at, 0);
      store<T>(last + at, <T>scale * (re - own));
      store<T>(last + yi + at, 0);
    }
    return;
  }
  for (let j = 0; j < n; j++) memory.copy(a + <usize>j * line, x + <usize>j * <usize>px * size, line);
  memory.fill(a + im, 0, <usize>n * line);
  transform<T>(plan, columns, a, im, columns, b, im, columns, scale, rest);
  for (let k = 0; 2 * k < n; k++) {
    const factor: T = k == 0 ? <T>1 : <T>inner;
    for (let at: usize = 0; at < line; at += size) {
      const from = b + <usize>k * line + at, to = y + <usize>k * <usize>py * size + at;
      store<T>(to, factor * load<T>(from));
      store<T>(to + yi, k == 0 ? <T>0 : factor * load<T>(from + im));
    }
  }
}

/**
 * y := scale Re Σ_k f_k X_k exp(2πi jk/n), with f = 1 for the first row and, of even n, the last, and `inner` for the others: n real rows of n/2 + 1 complex ones. Of
 * the first and, of even n, the last, only real parts count.
 */
export function realInverse<T>(
  n: i32, plan: Plan, roots: usize, columns: i32, x: usize, xi: usize, px: i32, y: usize, py: i32, scale: f64, inner: f64, work: usize,
): void {
  const size = <usize>sizeof<T>(), tile = plan.n, im = roundToLine(<usize>tile * <usize>columns * size), line = <usize>columns * size;
  const a = work, b = a + 2 * im, rest = b + 2 * im;
  if ((n & 1) == 0) {
    const last = x + <usize>tile * <usize>px * size;
    pairRows<T>(tile, columns, true, x, xi, px, a, im, columns, roots, 0.5 * inner);
    for (let at: usize = 0; at < line; at += size) {
      const first = load<T>(x + at), end = load<T>(last + at);
      store<T>(a + at, first + end);
      store<T>(a + im + at, first - end);
    }
    // A backward transform, by parts in exchanged places.
    transform<T>(plan, columns, a + im, <usize>0 - im, columns, b + im, <usize>0 - im, columns, scale, rest);
    joinRows<T>(tile, columns, b, b + im, y, py);
    return;
  }
  for (let k = 0; 2 * k < n; k++) {
    const factor: T = k == 0 ? <T>1 : <T>0.5 * <T>inner;
    for (let at: usize = 0; at < line; at += size) {
      const from = x + <usize>k * <usize>px * size + at, to = a + <usize>k * line + at, back = a + <usize>(n - k) * line + at;
      const re = factor * load<T>(from), own = k == 0 ? <T>0 : factor * load<T>(from + xi);
      store<T>(to, re);
      store<T>(to + im, own);
      if (k > 0) {
        store<T>(back, re);
        store<T>(back + im, -own);
      }
    }
  }
  transform<T>(plan, columns, a + im, <usize>0 - im, columns, b + im, <usize>0 - im, columns, scale, rest);
  for (let j = 0; j < n; j++) memory.copy(y + <usize>j * <usize>py * size, b + <usize>j * line, line);
}
