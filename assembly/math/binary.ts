// out := f(a, b), element by element. The output is dense; the operands may have any strides.
import { advance, extent, offset, rewind, stride } from '../array/descriptor';
import { ATAN2_SLOPE, EXP_DIFFERENCE, POW } from './functions';
import { atan2 } from './inverse';
import { pow } from './power';
import { PIECE, put, step, takeApart } from './rows';
import { atan2Slope, expDifference } from './slopes';

function powRow<T>(n: i32, out: usize, a: usize, sa: usize, b: usize, sb: usize): void {
  for (; n > 0; n -= 2) {
    put<T>(n, out, pow<T>(takeApart<T>(n, a, sa), takeApart<T>(n, b, sb)));
    out += step<T>();
    a += 2 * sa;
    b += 2 * sb;
  }
}

function atan2Row<T>(n: i32, out: usize, a: usize, sa: usize, b: usize, sb: usize): void {
  for (; n > 0; n -= 2) {
    put<T>(n, out, atan2<T>(takeApart<T>(n, a, sa), takeApart<T>(n, b, sb)));
    out += step<T>();
    a += 2 * sa;
    b += 2 * sb;
  }
}

function atan2SlopeRow<T>(n: i32, out: usize, a: usize, sa: usize, b: usize, sb: usize): void {
  for (; n > 0; n -= 2) {
    put<T>(n, out, atan2Slope<T>(takeApart<T>(n, a, sa), takeApart<T>(n, b, sb)));
    out += step<T>();
    a += 2 * sa;
    b += 2 * sb;
  }
}

function expDifferenceRow<T>(n: i32, out: usize, a: usize, sa: usize, b: usize, sb: usize): void {
  for (; n > 0; n -= 2) {
    put<T>(n, out, expDifference<T>(takeApart<T>(n, a, sa), takeApart<T>(n, b, sb)));
    out += step<T>();
    a += 2 * sa;
    b += 2 * sb;
  }
}

/** Walks the rows of the index space. */
export function binary<T>(op: i32, ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  const outer = ndim - 1;
  const n = extent(meta, outer);
  const sa = <usize>stride(meta, ndim, 0, outer) * sizeof<T>(), sb = <usize>stride(meta, ndim, 1, outer) * sizeof<T>();
  rewind(meta, ndim, outer);
  do {
    let p = a + <usize>offset(meta, ndim, outer, 0) * sizeof<T>();
    let q = b + <usize>offset(meta, ndim, outer, 1) * sizeof<T>();
    for (let i = 0; i < n; i += PIECE) {
      const count = min(PIECE, n - i);
      if (op == POW) powRow<T>(count, out, p, sa, q, sb);
      else if (op == ATAN2_SLOPE) atan2SlopeRow<T>(count, out, p, sa, q, sb);
      else if (op == EXP_DIFFERENCE) expDifferenceRow<T>(count, out, p, sa, q, sb);
      else atan2Row<T>(count, out, p, sa, q, sb);
      p += <usize>count * sa;
      q += <usize>count * sb;
      out += <usize>count * sizeof<T>();
    }
  } while (advance(meta, ndim, outer) >= 0);
}
