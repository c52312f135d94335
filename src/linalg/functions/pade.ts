// exp(A) of one matrix: the Padé approximant of degree 13 of A / 2^s, squared s times (Higham, SIAM J. Matrix Anal.
// Appl. 26, 2005), A balanced before, s chosen by its powers (Al-Mohy and Higham, SIAM J. Matrix Anal. Appl. 31, 2009). It uses the
// memory of the result, two matrices of workspace, and strips of columns.
import { bytesPerElement, type TypedArray, typedArray } from '../../core/dtype.js';
import { runtime } from '../../core/runtime.js';
import { blas } from '../../generated/blas.js';
import { lapack } from '../../generated/lapack.js';
import type { Workspace } from '../../ops/workspace.js';
import { exponentOf, powerOfTwo, timesPowerOfTwo } from '../powers-of-two.js';
import type { Float } from '../stack.js';
import { balance, scaleRows, undoBalance } from './balance.js';
import { clearUnreached } from './reach.js';
import { norm1Of, spareSquarings, squaringsForNorm } from './squarings.js';
import { prepareExactDiagonals, triangleOf } from './triangle.js';

/**
 * Coefficients b_0 … b_13 of the numerator of degree 13 (Higham, 2005, section 2), divided by b_0 so that f32 can hold
 * them.
 */
const B = /* @__PURE__ */ [
  64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600,
  670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1,
].map((value, _, all) => value / all[0]);

/** From this many squarings on, scaling by 2^-s is done in two steps, neither of which can overflow. */
const MANY = 60;

const round = (bytes: number) => Math.ceil(bytes / 64) * 64;

/**
 * Combines elements of x², x⁴ and x⁶ in p, e and six: the factors of x⁶ go to t and u; the rest, without the identity,
 * is done in place.
 */
function combineRow([p, e, six, t, u]: readonly TypedArray[], at: number, to: number, count: number): void {
  const [, , b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13] = B;
  for (let j = 0; j < count; j++) {
    const a = p[at + j];
    const b = e[at + j];
    const c = six[at + j];
    t[to + j] = b13 * c + b11 * b + b9 * a;
    u[to + j] = b12 * c + b10 * b + b8 * a;
    p[at + j] = b7 * c + b5 * b + b3 * a;
    e[at + j] = b6 * c + b4 * b + b2 * a;
  }
}

/** Entries from 2^huge on are halved `headroom` times at once, so that sums of them do not overflow; D = diag(2^±limit) at most. */
const RANGES = {
  f64: { huge: 900, headroom: 128, limit: 250 },
  f32: { huge: 100, headroom: 28, limit: 30 },
};

/** The function that writes exp of the n x n matrix at `from` to `to`; its entries are finite. */
export type Exponential = (from: number, to: number) => void;

/** The function for one size. */
export function prepareExponential(dtype: Float, n: number, space: Workspace): Exponential {
  const k = blas.exports;
  const [gemm, axpy, scal, size] = [
    k[`gemm_${dtype}`],
    k[`axpy_${dtype}`],
    k[`scal_${dtype}`],
    bytesPerElement(dtype),
  ];
  const room = (depth: number, columns = n) => k[`gemm_${dtype}_work`](n, columns, depth);
  /** How many of the n terms of a product are summed at a time, so that its workspace is this share of a matrix. */
  const depthOf = (share: number, columns = n) => {
    let depth = n;
    while (depth > 64 && room(depth, columns) > share * n * n * size) depth = Math.ceil(depth / 2);
    return depth;
  };
  const width = Math.min(n, Math.max(32, Math.ceil(n / 4)));
  const [matrix, strip, pivots] = [n * n * size, n * width * size, 4 * (n + 1)].map(round);
  const [low, lowest] = [depthOf(0.9), depthOf(0.4, width)];
  const factors = Math.max(
    lapack.exports[`getrf_${dtype}_work`](n, n),
    lapack.exports[`level3_${dtype}_work`](n, n, n),
  );
  const strips = Math.max(2 * strip + room(lowest, width), room(low));
  const bytes = matrix + Math.max(matrix + strips, room(n), pivots + factors);

  /**
   * out := alpha left right + beta out; `right` and `out` have this many columns; the pitches of their rows are ldr and
   * n.
   */
  function product(
    [out, left, right]: readonly [number, number, number],
    depth: number,
    work: number,
    { alpha = 1, beta = 0, columns = n, ldr = n } = {},
  ): void {
    for (let l = 0; l < n; l += depth) {
      const [from, to] = [left + l * size, right + l * ldr * size];
      const terms = Math.min(depth, n - l);
      gemm(n, columns, terms, alpha, from, n, 1, to, ldr, 1, l > 0 ? 1 : beta, out, n, 1, work);
    }
  }

  /**
   * Overwrites x² and x⁴ with p, the odd part divided by x, and e, the even part. The terms of degree 8 and more are x⁶
   * times a polynomial of lower degree; a column of p and e needs only the same column of x² and x⁴.
   */
  function parts(x2: number, x4: number, x6: number, work: number): void {
    const { buffer } = runtime().memory;
    const [p, e, six] = [x2, x4, x6].map((at) => typedArray(dtype, buffer, at, n * n));
    const [t, u] = [work, work + strip].map((at) => typedArray(dtype, buffer, at, n * width));
    for (let from = 0; from < n; from += width) {
      const columns = Math.min(width, n - from);
      for (let i = 0; i < n; i++) combineRow([p, e, six, t, u], i * n + from, i * columns, columns);
      for (let i = from; i < from + columns; i++) {
        p[i * (n + 1)] += B[1];
        e[i * (n + 1)] += B[0];
      }
      const options = { beta: 1, columns, ldr: columns };
      const at = from * size;
      product([x2 + at, x6, work], lowest, work + 2 * strip, options);
      product([x4 + at, x6, work + strip], lowest, work + 2 * strip, options);
    }
  }

  const view = (at: number) => typedArray(dtype, runtime().memory.buffer, at, n * n);
  const writeExactDiagonals = prepareExactDiagonals(n, space);
  const work = space.scratch(bytes);
  const [first, second, rest] = [work, work + matrix, work + 2 * matrix];
  const count = n * n;
  const copy = (x: number, y: number) =>
    new Uint8Array(runtime().memory.buffer).copyWithin(y, x, x + count * size);
  const scale = (at: number, e: number) => {
    if (e !== 0) scal(count, powerOfTwo(e), at, 1);
  };

  return (from, to) => {
    const { huge, headroom, limit } = RANGES[dtype];
    copy(from, first);
    const x = view(first);
    const early = x.some((value) => exponentOf(value) >= huge) ? headroom : 0;
    scale(first, -early);
    const exponents = squaringsForNorm(norm1Of(x, n)) > 0 ? balance(x, n, limit) : undefined;
    const triangle = triangleOf(x, n);
    const norm = norm1Of(x, n);
    const enough = squaringsForNorm(norm);
    scale(first, -enough);
    product([to, first, first], n, second);
    product([first, to, to], n, second);
    product([second, first, to], low, rest);
    const halved = { a: view(from), exponents, halved: early + enough, norm: timesPowerOfTwo(norm, -enough) };
    const spare = spareSquarings(enough, n, halved, view(first), view(second));
    [to, first, second].forEach((at, i) => void scale(at, 2 * (i + 1) * spare));
    const squarings = early + enough - spare;
    parts(to, first, second, rest);
    // x p, the odd part, with x = 2^-squarings D⁻¹ A D; then numerator and denominator.
    const before = squarings > MANY ? squarings >> 1 : 0;
    scale(to, -before);
    if (exponents) scaleRows(view(to), n, exponents, 1);
    product([second, from, to], low, rest, { alpha: powerOfTwo(before - squarings) });
    if (exponents) scaleRows(view(second), n, exponents, -1);
    copy(first, to);
    axpy(count, 1, second, 1, to, 1);
    axpy(count, -1, second, 1, first, 1);
    const [info, free] = [second + 4 * n, second + pivots];
    if (triangle) {
      // Without row exchanges a triangle is solved entry by entry to rounding, whatever the sizes of the others.
      const isLower = Number(triangle.step !== 1);
      lapack.exports[`trtrs_${dtype}`](1, isLower, 0, n, n, first, n, 1, 0, to, n, 1, 0, free);
    } else {
      lapack.exports[`getrf_${dtype}`](1, n, n, first, n, 0, second, info, free);
      lapack.exports[`getrs_${dtype}`](1, 0, n, n, first, n, 0, second, 0, to, n, 1, 0, free);
    }
    if (triangle) writeExactDiagonals(triangle, squarings - early, view(to));
    let [here, there] = [to, first];
    for (let step = 1; step <= squarings; step++) {
      product([there, here, here], n, second);
      [here, there] = [there, here];
      if (triangle) writeExactDiagonals(triangle, squarings - early - step, view(here));
    }
    if (here !== to) copy(here, to);
    clearUnreached(view(from), view(to), n);
    if (exponents) undoBalance(view(to), n, exponents);
  };
}
