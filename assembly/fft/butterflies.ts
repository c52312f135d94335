// Transforms of 2, 3, 4, 5 and 7 complex numbers, in vectors: b_k = Σ_j a_j exp(-2πi jk/r), times a factor, or all times one real number.
import { madd } from '../simd/lanes';
import { transpose2x2, transpose4x4 } from '../simd/transpose';
import { get, getFactor, put } from './lanes';

/** Whether the results are multiplied by twiddle factors, or, in the last stage, by a scale. */
export type Twiddled = u8;
export type Scaled = u16;

// Where a butterfly reads and writes, in bytes: xi and yi from real to imaginary parts, xk and yk from one input or output to the next, `step` from one
// lane's output to the next lane's; wk from one output's factors to the next's, wi from their real to their imaginary parts. As arguments, since
// what lies in memory would be read again after every store.

/** Stores output k, times its factor at w, or times `scale`. */
// @ts-ignore: decorator
@inline
function finish<T, M, F>(
  yi: usize, yk: usize, step: usize, wk: usize, wi: usize, y: usize, k: usize, w: usize, scale: v128, re: v128, im: v128,
): void {
  const at = y + k * yk;
  if (sizeof<F>() == sizeof<Scaled>()) {
    put<T, M>(at, step, v128.mul<T>(scale, re));
    put<T, M>(at + yi, step, v128.mul<T>(scale, im));
  } else if (k == 0) {
    put<T, M>(at, step, re);
    put<T, M>(at + yi, step, im);
  } else {
    const from = w + (k - 1) * wk;
    const c = getFactor<T, M>(from), s = getFactor<T, M>(from + wi);
    put<T, M>(at, step, v128.sub<T>(v128.mul<T>(re, c), v128.mul<T>(im, s)));
    put<T, M>(at + yi, step, madd<T>(re, s, v128.mul<T>(im, c)));
  }
}

// @ts-ignore: decorator
@inline
export function butterfly2<T, M, F>(
  xi: usize, xk: usize, yi: usize, yk: usize, step: usize, wk: usize, wi: usize, x: usize, y: usize, w: usize, scale: v128,
): void {
  const at = x + xk;
  const a0 = get<T, M>(x), b0 = get<T, M>(x + xi), a1 = get<T, M>(at), b1 = get<T, M>(at + xi);
  finish<T, M, F>(yi, yk, step, wk, wi, y, 0, w, scale, v128.add<T>(a0, a1), v128.add<T>(b0, b1));
  finish<T, M, F>(yi, yk, step, wk, wi, y, 1, w, scale, v128.sub<T>(a0, a1), v128.sub<T>(b0, b1));
}

// @ts-ignore: decorator
@inline
export function butterfly3<T, M, F>(
  xi: usize, xk: usize, yi: usize, yk: usize, step: usize, wk: usize, wi: usize, x: usize, y: usize, w: usize, scale: v128,
): void {
  const at1 = x + xk, at2 = at1 + xk;
  const half = v128.splat<T>(<T>-0.5), sine = v128.splat<T>(<T>0.8660254037844386);
  const a0 = get<T, M>(x), b0 = get<T, M>(x + xi);
  const a1 = get<T, M>(at1), b1 = get<T, M>(at1 + xi), a2 = get<T, M>(at2), b2 = get<T, M>(at2 + xi);
  const p = v128.add<T>(a1, a2), q = v128.add<T>(b1, b2);
  const u = v128.mul<T>(sine, v128.sub<T>(a1, a2)), v = v128.mul<T>(sine, v128.sub<T>(b1, b2));
  const r = madd<T>(half, p, a0), s = madd<T>(half, q, b0);
  finish<T, M, F>(yi, yk, step, wk, wi, y, 0, w, scale, v128.add<T>(a0, p), v128.add<T>(b0, q));
  finish<T, M, F>(yi, yk, step, wk, wi, y, 1, w, scale, v128.add<T>(r, v), v128.sub<T>(s, u));
  finish<T, M, F>(yi, yk, step, wk, wi, y, 2, w, scale, v128.sub<T>(r, v), v128.add<T>(s, u));
}

// @ts-ignore: decorator
@inline
export function butterfly4<T, M, F>(
  xi: usize, xk: usize, yi: usize, yk: usize, step: usize, wk: usize, wi: usize, x: usize, y: usize, w: usize, scale: v128,
): void {
  const at1 = x + xk, at2 = at1 + xk, at3 = at2 + xk;
  const a0 = get<T, M>(x), a2 = get<T, M>(at2), a1 = get<T, M>(at1), a3 = get<T, M>(at3);
  const b0 = get<T, M>(x + xi), b2 = get<T, M>(at2 + xi), b1 = get<T, M>(at1 + xi), b3 = get<T, M>(at3 + xi);
  const p = v128.add<T>(a0, a2), q = v128.add<T>(b0, b2), r = v128.add<T>(a1, a3), s = v128.add<T>(b1, b3);
  const t = v128.sub<T>(a0, a2), u = v128.sub<T>(b0, b2), v = v128.sub<T>(a1, a3), z = v128.sub<T>(b1, b3);
  finish<T, M, F>(yi, yk, step, wk, wi, y, 0, w, scale, v128.add<T>(p, r), v128.add<T>(q, s));
  finish<T, M, F>(yi, yk, step, wk, wi, y, 1, w, scale, v128.add<T>(t, z), v128.sub<T>(u, v));
  finish<T, M, F>(yi, yk, step, wk, wi, y, 2, w, scale, v128.sub<T>(p, r), v128.sub<T>(q, s));
  finish<T, M, F>(yi, yk, step, wk, wi, y, 3, w, scale, v128.sub<T>(t, z), v128.add<T>(u, v));
}

/** Stores four vectors so that lane l of the four, in their order, lies behind lane l - 1 of them. */
// @ts-ignore: decorator
@inline
function putColumns<T>(y: usize, a: v128, b: v128, c: v128, d: v128): void {
  if (sizeof<T>() == 4) transpose4x4(a, b, c, d, y, 16);
  else {
    transpose2x2(a, b, y, 32);
    transpose2x2(c, d, y + 16, 32);
  }
}

/** butterfly4 across transforms, with factors: the four outputs of a lane lie beside each other, and those of the next lane behind them. */
// @ts-ignore: decorator
@inline
export function across4<T>(xi: usize, xk: usize, yi: usize, wk: usize, wi: usize, x: usize, y: usize, w: usize): void {
  const at1 = x + xk, at2 = at1 + xk, at3 = at2 + xk, w2 = w + wk, w3 = w2 + wk;
  const a0 = v128.load(x), a2 = v128.load(at2), a1 = v128.load(at1), a3 = v128.load(at3);
  const b0 = v128.load(x + xi), b2 = v128.load(at2 + xi), b1 = v128.load(at1 + xi), b3 = v128.load(at3 + xi);
  const p = v128.add<T>(a0, a2), q = v128.add<T>(b0, b2), r = v128.add<T>(a1, a3), s = v128.add<T>(b1, b3);
  const t = v128.sub<T>(a0, a2), u = v128.sub<T>(b0, b2), v = v128.sub<T>(a1, a3), z = v128.sub<T>(b1, b3);
  const re1 = v128.add<T>(t, z), im1 = v128.sub<T>(u, v), c1 = v128.load(w), s1 = v128.load(w + wi);
  const re2 = v128.sub<T>(p, r), im2 = v128.sub<T>(q, s), c2 = v128.load(w2), s2 = v128.load(w2 + wi);
  const re3 = v128.sub<T>(t, z), im3 = v128.add<T>(u, v), c3 = v128.load(w3), s3 = v128.load(w3 + wi);
  putColumns<T>(
    y, v128.add<T>(p, r), v128.sub<T>(v128.mul<T>(re1, c1), v128.mul<T>(im1, s1)),
    v128.sub<T>(v128.mul<T>(re2, c2), v128.mul<T>(im2, s2)), v128.sub<T>(v128.mul<T>(re3, c3), v128.mul<T>(im3, s3)),
  );
  putColumns<T>(
    y + yi, v128.add<T>(q, s), madd<T>(re1, s1, v128.mul<T>(im1, c1)),
    madd<T>(re2, s2, v128.mul<T>(im2, c2)), madd<T>(re3, s3, v128.mul<T>(im3, c3)),
  );
}

// @ts-ignore: decorator
@inline
export function butterfly5<T, M, F>(
  xi: usize, xk: usize, yi: usize, yk: usize, step: usize, wk: usize, wi: usize, x: usize, y: usize, w: usize, scale: v128,
): void {
  const at1 = x + xk, at2 = at1 + xk, at3 = at2 + xk, at4 = at3 + xk;
  const c1 = v128.splat<T>(<T>0.30901699437494745), c2 = v128.splat<T>(<T>-0.8090169943749475);
  const s1 = v128.splat<T>(<T>0.9510565162951535), s2 = v128.splat<T>(<T>0.5877852522924731);
  const a0 = get<T, M>(x), b0 = get<T, M>(x + xi);
  const a1 = get<T, M>(at1), b1 = get<T, M>(at1 + xi), a4 = get<T, M>(at4), b4 = get<T, M>(at4 + xi);
  const a2 = get<T, M>(at2), b2 = get<T, M>(at2 + xi), a3 = get<T, M>(at3), b3 = get<T, M>(at3 + xi);
  const p1 = v128.add<T>(a1, a4), q1 = v128.add<T>(b1, b4), p2 = v128.add<T>(a2, a3), q2 = v128.add<T>(b2, b3);
  const u1 = v128.sub<T>(a1, a4), v1 = v128.sub<T>(b1, b4), u2 = v128.sub<T>(a2, a3), v2 = v128.sub<T>(b2, b3);
  finish<T, M, F>(yi, yk, step, wk, wi, y, 0, w, scale, v128.add<T>(a0, v128.add<T>(p1, p2)), v128.add<T>(b0, v128.add<T>(q1, q2)));
  const r1 = madd<T>(c1, p1, madd<T>(c2, p2, a0)), t1 = madd<T>(c1, q1, madd<T>(c2, q2, b0));
  const r2 = madd<T>(c2, p1, madd<T>(c1, p2, a0)), t2 = madd<T>(c2, q1, madd<T>(c1, q2, b0));
  const m1 = madd<T>(s1, u1, v128.mul<T>(s2, u2)), n1 = madd<T>(s1, v1, v128.mul<T>(s2, v2));
  const m2 = v128.sub<T>(v128.mul<T>(s2, u1), v128.mul<T>(s1, u2)), n2 = v128.sub<T>(v128.mul<T>(s2, v1), v128.mul<T>(s1, v2));
  finish<T, M, F>(yi, yk, step, wk, wi, y, 1, w, scale, v128.add<T>(r1, n1), v128.sub<T>(t1, m1));
  finish<T, M, F>(yi, yk, step, wk, wi, y, 2, w, scale, v128.add<T>(r2, n2), v128.sub<T>(t2, m2));
  finish<T, M, F>(yi, yk, step, wk, wi, y, 3, w, scale, v128.sub<T>(r2, n2), v128.add<T>(t2, m2));
  finish<T, M, F>(yi, yk, step, wk, wi, y, 4, w, scale, v128.sub<T>(r1, n1), v128.add<T>(t1, m1));
}

/** c1 x1 + c2 x2 + c3 x3. */
// @ts-ignore: decorator
@inline
function sum3<T>(c1: v128, x1: v128, c2: v128, x2: v128, c3: v128, x3: v128): v128 {
  return madd<T>(c1, x1, madd<T>(c2, x2, v128.mul<T>(c3, x3)));
}

// @ts-ignore: decorator
@inline
export function butterfly7<T, M, F>(
  xi: usize, xk: usize, yi: usize, yk: usize, step: usize, wk: usize, wi: usize, x: usize, y: usize, w: usize, scale: v128,
): void {
  const c1 = v128.splat<T>(<T>0.6234898018587336), c2 = v128.splat<T>(<T>-0.2225209339563144), c3 = v128.splat<T>(<T>-0.9009688679024191);
  const s1 = v128.splat<T>(<T>0.7818314824680298), s2 = v128.splat<T>(<T>0.9749279121818236), s3 = v128.splat<T>(<T>0.4338837391175582);
  const n2 = v128.neg<T>(s2), n1 = v128.neg<T>(s1), n3 = v128.neg<T>(s3);
  const a0 = get<T, M>(x), b0 = get<T, M>(x + xi);
  const d1 = get<T, M>(x + xk), e1 = get<T, M>(x + xk + xi), d6 = get<T, M>(x + 6 * xk), e6 = get<T, M>(x + 6 * xk + xi);
  const d2 = get<T, M>(x + 2 * xk), e2 = get<T, M>(x + 2 * xk + xi), d5 = get<T, M>(x + 5 * xk), e5 = get<T, M>(x + 5 * xk + xi);
  const d3 = get<T, M>(x + 3 * xk), e3 = get<T, M>(x + 3 * xk + xi), d4 = get<T, M>(x + 4 * xk), e4 = get<T, M>(x + 4 * xk + xi);
  const p1 = v128.add<T>(d1, d6), p2 = v128.add<T>(d2, d5), p3 = v128.add<T>(d3, d4);
  const q1 = v128.add<T>(e1, e6), q2 = v128.add<T>(e2, e5), q3 = v128.add<T>(e3, e4);
  const u1 = v128.sub<T>(d1, d6), u2 = v128.sub<T>(d2, d5), u3 = v128.sub<T>(d3, d4);
  const v1 = v128.sub<T>(e1, e6), v2 = v128.sub<T>(e2, e5), v3 = v128.sub<T>(e3, e4);
  finish<T, M, F>(yi, yk, step, wk, wi, y, 0, w, scale, v128.add<T>(a0, v128.add<T>(p1, v128.add<T>(p2, p3))), v128.add<T>(b0, v128.add<T>(q1, v128.add<T>(q2, q3))));
  const r1 = v128.add<T>(a0, sum3<T>(c1, p1, c2, p2, c3, p3)), t1 = v128.add<T>(b0, sum3<T>(c1, q1, c2, q2, c3, q3));
  const m1 = sum3<T>(s1, u1, s2, u2, s3, u3), o1 = sum3<T>(s1, v1, s2, v2, s3, v3);
  finish<T, M, F>(yi, yk, step, wk, wi, y, 1, w, scale, v128.add<T>(r1, o1), v128.sub<T>(t1, m1));
  finish<T, M, F>(yi, yk, step, wk, wi, y, 6, w, scale, v128.sub<T>(r1, o1), v128.add<T>(t1, m1));
  const r2 = v128.add<T>(a0, sum3<T>(c2, p1, c3, p2, c1, p3)), t2 = v128.add<T>(b0, sum3<T>(c2, q1, c3, q2, c1, q3));
  const m2 = sum3<T>(s2, u1, n3, u2, n1, u3), o2 = sum3<T>(s2, v1, n3, v2, n1, v3);
  finish<T, M, F>(yi, yk, step, wk, wi, y, 2, w, scale, v128.add<T>(r2, o2), v128.sub<T>(t2, m2));
  finish<T, M, F>(yi, yk, step, wk, wi, y, 5, w, scale, v128.sub<T>(r2, o2), v128.add<T>(t2, m2));
  const r3 = v128.add<T>(a0, sum3<T>(c3, p1, c1, p2, c2, p3)), t3 = v128.add<T>(b0, sum3<T>(c3, q1, c1, q2, c2, q3));
  const m3 = sum3<T>(s3, u1, n1, u2, s2, u3), o3 = sum3<T>(s3, v1, n1, v2, s2, v3);
  finish<T, M, F>(yi, yk, step, wk, wi, y, 3, w, scale, v128.add<T>(r3, o3), v128.sub<T>(t3, m3));
  finish<T, M, F>(yi, yk, step, wk, wi, y, 4, w, scale, v128.sub<T>(r3, o3), v128.add<T>(t3, m3));
}
