// B := T B in place, T m x m triangular, B m x n, any strides (in elements): recursive, most of it gemm.
import { gemm } from '../gemm/gemm';

const BASE: i32 = 16;

/** At most BASE rows: row by row, in the order that overwrites nothing still needed. */
function trmmBase<T>(
  lower: bool, unit: bool, m: i32, n: i32, t: usize, rst: usize, cst: usize, b: usize, rsb: usize, csb: usize,
): void {
  const size = sizeof<T>();
  for (let s = 0; s < m; s++) {
    const i = lower ? m - 1 - s : s;
    const from = lower ? 0 : i + 1, to = lower ? i : m;
    const d: T = unit ? <T>1 : load<T>(t + <usize>i * (rst + cst));
    for (let j = 0; j < n; j++) {
      const column = b + <usize>j * csb;
      let sum = d * load<T>(column + <usize>i * rsb);
      for (let p = from; p < to; p++) {
        sum += load<T>(t + <usize>i * rst + <usize>p * cst) * load<T>(column + <usize>p * rsb);
      }
      store<T>(column + <usize>i * rsb, sum);
    }
  }
}

/** `work` holds gemm's workspace for m/2 x n x m/2. */
export function trmm<T>(
  lower: bool, unit: bool, m: i32, n: i32, t: usize, rst: i32, cst: i32, b: usize, rsb: i32, csb: i32, work: usize,
): void {
  if (m <= 0 || n <= 0) return;
  const size = sizeof<T>();
  if (m <= BASE) {
    trmmBase<T>(lower, unit, m, n, t, <usize>rst * size, <usize>cst * size, b, <usize>rsb * size, <usize>csb * size);
    return;
  }
  const h = m / 2, r = m - h;
  const t22 = t + <usize>(h * (rst + cst)) * size, b2 = b + <usize>(h * rsb) * size;
  if (lower) {
    trmm<T>(lower, unit, r, n, t22, rst, cst, b2, rsb, csb, work);
    gemm<T>(r, n, h, <T>1, t + <usize>(h * rst) * size, rst, cst, b, rsb, csb, <T>1, b2, rsb, csb, work);
    trmm<T>(lower, unit, h, n, t, rst, cst, b, rsb, csb, work);
  } else {
    trmm<T>(lower, unit, h, n, t, rst, cst, b, rsb, csb, work);
    gemm<T>(h, n, r, <T>1, t + <usize>(h * cst) * size, rst, cst, b2, rsb, csb, <T>1, b, rsb, csb, work);
    trmm<T>(lower, unit, r, n, t22, rst, cst, b2, rsb, csb, work);
  }
}
