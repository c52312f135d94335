// C := alpha A B + beta C on one register tile of 4 rows by 2 vectors (f64 4x4, f32 4x8).
// The three forms differ in where A and B lie. Each is a function of its own, so that the engine's top tier compiles it.
import { lanes, madd } from '../simd/lanes';

/** Writes one row of two accumulators: c := alpha acc + beta c; c is not read when beta is zero. */
// @ts-ignore: decorator
@inline
function storeRow<T>(c: usize, x: v128, y: v128, alpha: v128, beta: v128, betaIsZero: bool): void {
  x = v128.mul<T>(alpha, x);
  y = v128.mul<T>(alpha, y);
  if (!betaIsZero) {
    x = v128.add<T>(x, v128.mul<T>(beta, v128.load(c)));
    y = v128.add<T>(y, v128.mul<T>(beta, v128.load(c, 16)));
  }
  v128.store(c, x);
  v128.store(c, y, 16);
}

/**
 * Packed: A as k groups of 4, B as k groups of 2 vectors; `rsc` in bytes; k >= 1.
 * The loop is unrolled by four with exits between the steps: plain unrolling makes V8 spill.
 */
export function tilePacked<T>(k: i32, a: usize, b: usize, alpha: T, beta: T, c: usize, rsc: usize): void {
  let c00 = v128.splat<T>(0), c01 = c00, c10 = c00, c11 = c00;
  let c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  let b0: v128, b1: v128, s: v128;
  const end = a + <usize>k * 4 * sizeof<T>();
  while (true) {
    b0 = v128.load(b);
    b1 = v128.load(b, 16);
    s = v128.load_splat<T>(a);
    c00 = madd<T>(s, b0, c00);
    c01 = madd<T>(s, b1, c01);
    s = v128.load_splat<T>(a, 1 * sizeof<T>());
    c10 = madd<T>(s, b0, c10);
    c11 = madd<T>(s, b1, c11);
    s = v128.load_splat<T>(a, 2 * sizeof<T>());
    c20 = madd<T>(s, b0, c20);
    c21 = madd<T>(s, b1, c21);
    s = v128.load_splat<T>(a, 3 * sizeof<T>());
    c30 = madd<T>(s, b0, c30);
    c31 = madd<T>(s, b1, c31);
    a += 4 * sizeof<T>();
    b += 32;
    if (a >= end) break;

    b0 = v128.load(b);
    b1 = v128.load(b, 16);
    s = v128.load_splat<T>(a);
    c00 = madd<T>(s, b0, c00);
    c01 = madd<T>(s, b1, c01);
    s = v128.load_splat<T>(a, 1 * sizeof<T>());
    c10 = madd<T>(s, b0, c10);
    c11 = madd<T>(s, b1, c11);
    s = v128.load_splat<T>(a, 2 * sizeof<T>());
    c20 = madd<T>(s, b0, c20);
    c21 = madd<T>(s, b1, c21);
    s = v128.load_splat<T>(a, 3 * sizeof<T>());
    c30 = madd<T>(s, b0, c30);
    c31 = madd<T>(s, b1, c31);
    a += 4 * sizeof<T>();
    b += 32;
    if (a >= end) break;

    b0 = v128.load(b);
    b1 = v128.load(b, 16);
    s = v128.load_splat<T>(a);
    c00 = madd<T>(s, b0, c00);
    c01 = madd<T>(s, b1, c01);
    s = v128.load_splat<T>(a, 1 * sizeof<T>());
    c10 = madd<T>(s, b0, c10);
    c11 = madd<T>(s, b1, c11);
    s = v128.load_splat<T>(a, 2 * sizeof<T>());
    c20 = madd<T>(s, b0, c20);
    c21 = madd<T>(s, b1, c21);
    s = v128.load_splat<T>(a, 3 * sizeof<T>());
    c30 = madd<T>(s, b0, c30);
    c31 = madd<T>(s, b1, c31);
    a += 4 * sizeof<T>();
    b += 32;
    if (a >= end) break;

    b0 = v128.load(b);
    b1 = v128.load(b, 16);
    s = v128.load_splat<T>(a);
    c00 = madd<T>(s, b0, c00);
    c01 = madd<T>(s, b1, c01);
    s = v128.load_splat<T>(a, 1 * sizeof<T>());
    c10 = madd<T>(s, b0, c10);
    c11 = madd<T>(s, b1, c11);
    s = v128.load_splat<T>(a, 2 * sizeof<T>());
    c20 = madd<T>(s, b0, c20);
    c21 = madd<T>(s, b1, c21);
    s = v128.load_splat<T>(a, 3 * sizeof<T>());
    c30 = madd<T>(s, b0, c30);
    c31 = madd<T>(s, b1, c31);
    a += 4 * sizeof<T>();
    b += 32;
    if (a >= end) break;
  }
  const va = v128.splat<T>(alpha), vb = v128.splat<T>(beta), zero = beta == <T>0;
  storeRow<T>(c, c00, c01, va, vb, zero);
  storeRow<T>(c + rsc, c10, c11, va, vb, zero);
  storeRow<T>(c + 2 * rsc, c20, c21, va, vb, zero);
  storeRow<T>(c + 3 * rsc, c30, c31, va, vb, zero);
}

/** Direct, 4 rows by 2 vectors: A anywhere (`rsa`, `csa`), rows of B contiguous (`rsb`); strides in bytes; k >= 1. */
export function tileDirect4x2<T>(
  k: i32, a: usize, rsa: usize, csa: usize, b: usize, rsb: usize, alpha: T, beta: T, c: usize, rsc: usize,
): void {
  let c00 = v128.splat<T>(0), c01 = c00, c10 = c00, c11 = c00;
  let c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  let a1 = a + rsa, a2 = a1 + rsa, a3 = a2 + rsa;
  let b0: v128, b1: v128, s: v128;
  for (let p = 0; p < k; p++) {
    b0 = v128.load(b);
    b1 = v128.load(b, 16);
    s = v128.load_splat<T>(a);
    c00 = madd<T>(s, b0, c00);
    c01 = madd<T>(s, b1, c01);
    s = v128.load_splat<T>(a1);
    c10 = madd<T>(s, b0, c10);
    c11 = madd<T>(s, b1, c11);
    s = v128.load_splat<T>(a2);
    c20 = madd<T>(s, b0, c20);
    c21 = madd<T>(s, b1, c21);
    s = v128.load_splat<T>(a3);
    c30 = madd<T>(s, b0, c30);
    c31 = madd<T>(s, b1, c31);
    a += csa;
    a1 += csa;
    a2 += csa;
    a3 += csa;
    b += rsb;
  }
  const va = v128.splat<T>(alpha), vb = v128.splat<T>(beta), zero = beta == <T>0;
  storeRow<T>(c, c00, c01, va, vb, zero);
  storeRow<T>(c + rsc, c10, c11, va, vb, zero);
  storeRow<T>(c + 2 * rsc, c20, c21, va, vb, zero);
  storeRow<T>(c + 3 * rsc, c30, c31, va, vb, zero);
}

/** Direct, one row by 2 vectors. */
export function tileDirect1x2<T>(
  k: i32, a: usize, csa: usize, b: usize, rsb: usize, alpha: T, beta: T, c: usize,
): void {
  let x = v128.splat<T>(0), y = x;
  for (let p = 0; p < k; p++) {
    const s = v128.load_splat<T>(a);
    x = madd<T>(s, v128.load(b), x);
    y = madd<T>(s, v128.load(b, 16), y);
    a += csa;
    b += rsb;
  }
  storeRow<T>(c, x, y, v128.splat<T>(alpha), v128.splat<T>(beta), beta == <T>0);
}

/** c := alpha acc + beta c for one vector. */
// @ts-ignore: decorator
@inline
function storeVector<T>(c: usize, x: v128, alpha: T, beta: T): void {
  x = v128.mul<T>(v128.splat<T>(alpha), x);
  if (beta != <T>0) x = v128.add<T>(x, v128.mul<T>(v128.splat<T>(beta), v128.load(c)));
  v128.store(c, x);
}

/** c := alpha acc + beta c for one element. */
// @ts-ignore: decorator
@inline
function storeElement<T>(c: usize, x: T, alpha: T, beta: T): void {
  x = alpha * x;
  if (beta != <T>0) x += beta * load<T>(c);
  store<T>(c, x);
}

/** Direct, `rows` rows by one vector of columns: four rows at a time, so that four sums are under way at once. */
export function tileDirectVector<T>(
  rows: i32, k: i32, a: usize, rsa: usize, csa: usize, b: usize, rsb: usize, alpha: T, beta: T, c: usize, rsc: usize,
): void {
  let i = 0;
  for (; i + 4 <= rows; i += 4) {
    let x0 = v128.splat<T>(0), x1 = x0, x2 = x0, x3 = x0;
    let p0 = a, p1 = p0 + rsa, p2 = p1 + rsa, p3 = p2 + rsa, pb = b;
    for (let p = 0; p < k; p++) {
      const v = v128.load(pb);
      x0 = madd<T>(v128.load_splat<T>(p0), v, x0);
      x1 = madd<T>(v128.load_splat<T>(p1), v, x1);
      x2 = madd<T>(v128.load_splat<T>(p2), v, x2);
      x3 = madd<T>(v128.load_splat<T>(p3), v, x3);
      p0 += csa;
      p1 += csa;
      p2 += csa;
      p3 += csa;
      pb += rsb;
    }
    storeVector<T>(c, x0, alpha, beta);
    storeVector<T>(c + rsc, x1, alpha, beta);
    storeVector<T>(c + 2 * rsc, x2, alpha, beta);
    storeVector<T>(c + 3 * rsc, x3, alpha, beta);
    a += 4 * rsa;
    c += 4 * rsc;
  }
  for (; i < rows; i++) {
    let x = v128.splat<T>(0);
    let pa = a, pb = b;
    for (let p = 0; p < k; p++) {
      x = madd<T>(v128.load_splat<T>(pa), v128.load(pb), x);
      pa += csa;
      pb += rsb;
    }
    storeVector<T>(c, x, alpha, beta);
    a += rsa;
    c += rsc;
  }
}

/** Direct, `rows` rows by one column: what is left at the right edge, four rows at a time. */
export function tileDirectColumn<T>(
  rows: i32, k: i32, a: usize, rsa: usize, csa: usize, b: usize, rsb: usize, alpha: T, beta: T, c: usize, rsc: usize,
): void {
  let i = 0;
  for (; i + 4 <= rows; i += 4) {
    let x0: T = 0, x1: T = 0, x2: T = 0, x3: T = 0;
    let p0 = a, p1 = p0 + rsa, p2 = p1 + rsa, p3 = p2 + rsa, pb = b;
    for (let p = 0; p < k; p++) {
      const v = load<T>(pb);
      x0 += load<T>(p0) * v;
      x1 += load<T>(p1) * v;
      x2 += load<T>(p2) * v;
      x3 += load<T>(p3) * v;
      p0 += csa;
      p1 += csa;
      p2 += csa;
      p3 += csa;
      pb += rsb;
    }
    storeElement<T>(c, x0, alpha, beta);
    storeElement<T>(c + rsc, x1, alpha, beta);
    storeElement<T>(c + 2 * rsc, x2, alpha, beta);
    storeElement<T>(c + 3 * rsc, x3, alpha, beta);
    a += 4 * rsa;
    c += 4 * rsc;
  }
  for (; i < rows; i++) {
    let x: T = 0;
    let pa = a, pb = b;
    for (let p = 0; p < k; p++) {
      x += load<T>(pa) * load<T>(pb);
      pa += csa;
      pb += rsb;
    }
    storeElement<T>(c, x, alpha, beta);
    a += rsa;
    c += rsc;
  }
}
