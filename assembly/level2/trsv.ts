// x := T⁻¹ x, T m x m triangular with any strides: by dot products along contiguous rows, by axpys along contiguous columns.
import { axpyContiguous } from '../level1/axpy';
import { dotContiguous, dotStrided } from '../level1/dot';

/** Strides in elements. */
export function trsv<T>(lower: bool, unit: bool, m: i32, t: usize, rst: i32, cst: i32, x: usize, incx: i32): void {
  const size = sizeof<T>();
  const rs = <usize>rst * size, cs = <usize>cst * size, ix = <usize>incx * size;
  const byColumns = rst == 1 && cst != 1 && incx == 1;
  for (let s = 0; s < m; s++) {
    const i = lower ? s : m - 1 - s;
    const from = lower ? 0 : i + 1, count = lower ? i : m - 1 - i;
    const pi = x + <usize>i * ix;
    let value = load<T>(pi);
    if (!byColumns && count > 0) {
      const row = t + <usize>i * rs + <usize>from * cs, px = x + <usize>from * ix;
      value -= cst == 1 && incx == 1 ? dotContiguous<T>(count, row, px) : dotStrided<T>(count, row, cs, px, ix);
    }
    if (!unit) value /= load<T>(t + <usize>i * (rs + cs));
    store<T>(pi, value);
    if (byColumns) {
      // What is still to be solved loses this unknown's share.
      const next = lower ? i + 1 : 0, left = lower ? m - 1 - i : i;
      if (left > 0) axpyContiguous<T>(left, -value, t + <usize>next * rs + <usize>i * cs, x + <usize>next * ix);
    }
  }
}
