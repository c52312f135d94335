// X := T⁻¹ B in place of B, T m x m triangular, B m x n, any strides (in elements). Recursive: half the rows, one gemm, the
// other half; sixteen rows at a time in the end. A transposed T, or T on the right, is the same with strides exchanged.
import { gemm } from '../gemm/gemm';
import { trsv } from '../level2/trsv';
import { lanes, madd } from '../simd/lanes';
import { transpose2x2, transpose4x4 } from '../simd/transpose';

/** Rows that the innermost solve takes. */
const BASE: i32 = 16;

/** Bytes of scratch that a solve takes in front of gemm's workspace: BASE lines of one cache line each. */
export const TRSM_SCRATCH: usize = <usize>BASE * 64;

/** Where half of m rows ends, in whole base blocks. */
// @ts-ignore: decorator
@inline
function halfOf(m: i32): i32 {
  return max(BASE, ((m / 2 + BASE - 1) / BASE) * BASE);
}

/** One cache line of columns, contiguous rows `rsb` bytes apart: forward for lower, backward for upper. */
function solveLine<T>(lower: bool, unit: bool, m: i32, t: usize, rst: usize, cst: usize, b: usize, rsb: usize): void {
  for (let s = 0; s < m; s++) {
    const i = lower ? s : m - 1 - s;
    const row = b + <usize>i * rsb;
    let x0 = v128.load(row), x1 = v128.load(row, 16), x2 = v128.load(row, 32), x3 = v128.load(row, 48);
    const from = lower ? 0 : i + 1, to = lower ? i : m;
    let pt = t + <usize>i * rst + <usize>from * cst;
    let px = b + <usize>from * rsb;
    for (let p = from; p < to; p++) {
      const f = v128.neg<T>(v128.load_splat<T>(pt));
      x0 = madd<T>(f, v128.load(px), x0);
      x1 = madd<T>(f, v128.load(px, 16), x1);
      x2 = madd<T>(f, v128.load(px, 32), x2);
      x3 = madd<T>(f, v128.load(px, 48), x3);
      pt += cst;
      px += rsb;
    }
    if (!unit) {
      const d = v128.load_splat<T>(t + <usize>i * (rst + cst));
      x0 = v128.div<T>(x0, d);
      x1 = v128.div<T>(x1, d);
      x2 = v128.div<T>(x2, d);
      x3 = v128.div<T>(x3, d);
    }
    v128.store(row, x0);
    v128.store(row, x1, 16);
    v128.store(row, x2, 32);
    v128.store(row, x3, 48);
  }
}

/** At most BASE rows. Columns that do not lie in whole contiguous lines go through the scratch. */
function solveBase<T>(
  lower: bool, unit: bool, m: i32, n: i32, t: usize, rst: usize, cst: usize, b: usize, rsb: usize, csb: usize,
  scratch: usize,
): void {
  const width = 4 * lanes<T>();
  let j = 0;
  if (csb == sizeof<T>()) {
    for (; j + width <= n; j += width) solveLine<T>(lower, unit, m, t, rst, cst, b + <usize>j * csb, rsb);
  }
  for (; j < n; j += width) {
    const columns = min(width, n - j);
    gather<T>(m, columns, b + <usize>j * csb, rsb, csb, scratch);
    solveLine<T>(lower, unit, m, t, rst, cst, scratch, 64);
    scatter<T>(m, columns, b + <usize>j * csb, rsb, csb, scratch);
  }
}

/** to[j][i] := from[i][j] for m x n, through registers as far as they fit; contiguous rows `ldf` and `ldt` bytes apart. */
function transposeCopy<T>(m: i32, n: i32, from: usize, ldf: usize, to: usize, ldt: usize): void {
  const w = lanes<T>(), size = sizeof<T>();
  let i = 0;
  for (; i + w <= m; i += w) {
    let src = from + <usize>i * ldf, dst = to + <usize>i * size;
    let j = 0;
    for (; j + w <= n; j += w) {
      if (size == 8) transpose2x2(v128.load(src), v128.load(src + ldf), dst, ldt);
      else transpose4x4(v128.load(src), v128.load(src + ldf), v128.load(src + 2 * ldf), v128.load(src + 3 * ldf), dst, ldt);
      src += 16;
      dst += <usize>w * ldt;
    }
    for (; j < n; j++) {
      for (let l = 0; l < w; l++) store<T>(dst + <usize>l * size, load<T>(src + <usize>l * ldf));
      src += size;
      dst += ldt;
    }
  }
  for (; i < m; i++) {
    for (let j = 0; j < n; j++) {
      store<T>(to + <usize>j * ldt + <usize>i * size, load<T>(from + <usize>i * ldf + <usize>j * size));
    }
  }
}

/** Copies up to a line of columns into the scratch; what is left of the line is zero. */
function gather<T>(m: i32, columns: i32, b: usize, rsb: usize, csb: usize, scratch: usize): void {
  if (columns < 4 * lanes<T>()) memory.fill(scratch, 0, <usize>m * 64);
  if (rsb == sizeof<T>()) return transposeCopy<T>(columns, m, b, csb, scratch, 64);
  for (let c = 0; c < columns; c++) {
    let from = b + <usize>c * csb, to = scratch + <usize>c * sizeof<T>();
    for (let i = 0; i < m; i++) {
      store<T>(to, load<T>(from));
      from += rsb;
      to += 64;
    }
  }
}

/** Copies the line of columns back. */
function scatter<T>(m: i32, columns: i32, b: usize, rsb: usize, csb: usize, scratch: usize): void {
  if (rsb == sizeof<T>()) {
    // A few columns at a time: columns a power of two apart evict each other.
    const w = lanes<T>();
    for (let j = 0; j < columns; j += w) {
      transposeCopy<T>(m, min(w, columns - j), scratch + <usize>j * sizeof<T>(), 64, b + <usize>j * csb, csb);
    }
    return;
  }
  for (let c = 0; c < columns; c++) {
    let to = b + <usize>c * csb, from = scratch + <usize>c * sizeof<T>();
    for (let i = 0; i < m; i++) {
      store<T>(to, load<T>(from));
      to += rsb;
      from += 64;
    }
  }
}

/** `work` holds TRSM_SCRATCH bytes and then gemm's workspace for m/2 x n x m/2. */
export function trsm<T>(
  lower: bool, unit: bool, m: i32, n: i32, t: usize, rst: i32, cst: i32, b: usize, rsb: i32, csb: i32, work: usize,
): void {
  if (m <= 0 || n <= 0) return;
  if (n == 1) return trsv<T>(lower, unit, m, t, rst, cst, b, rsb);
  const size = sizeof<T>();
  if (m <= BASE) {
    solveBase<T>(
      lower, unit, m, n, t, <usize>rst * size, <usize>cst * size, b, <usize>rsb * size, <usize>csb * size, work,
    );
    return;
  }
  const h = halfOf(m), r = m - h;
  const t11 = t, t22 = t + <usize>(h * (rst + cst)) * size;
  const b1 = b, b2 = b + <usize>(h * rsb) * size;
  const gemmWork = work + TRSM_SCRATCH;
  if (lower) {
    trsm<T>(lower, unit, h, n, t11, rst, cst, b1, rsb, csb, work);
    const t21 = t + <usize>(h * rst) * size;
    gemm<T>(r, n, h, <T>-1, t21, rst, cst, b1, rsb, csb, <T>1, b2, rsb, csb, gemmWork);
    trsm<T>(lower, unit, r, n, t22, rst, cst, b2, rsb, csb, work);
  } else {
    trsm<T>(lower, unit, r, n, t22, rst, cst, b2, rsb, csb, work);
    const t12 = t + <usize>(h * cst) * size;
    gemm<T>(h, n, r, <T>-1, t12, rst, cst, b2, rsb, csb, <T>1, b1, rsb, csb, gemmWork);
    trsm<T>(lower, unit, h, n, t11, rst, cst, b1, rsb, csb, work);
  }
}
