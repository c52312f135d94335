// out := a^(b + c), element by element. The output is dense; the operands may have any strides.
import { advance, extent, offset, rewind, stride } from '../array/descriptor';
import { powSum } from './power';
import { PIECE, put, step, takeApart } from './rows';

function powSumRow<T>(n: i32, out: usize, a: usize, sa: usize, b: usize, sb: usize, c: usize, sc: usize): void {
  for (; n > 0; n -= 2) {
    put<T>(n, out, powSum<T>(takeApart<T>(n, a, sa), takeApart<T>(n, b, sb), takeApart<T>(n, c, sc)));
    out += step<T>();
    a += 2 * sa;
    b += 2 * sb;
    c += 2 * sc;
  }
}

/** Walks the rows of the index space. */
export function ternary<T>(ndim: i32, meta: usize, out: usize, a: usize, b: usize, c: usize): void {
  const outer = ndim - 1, size = sizeof<T>();
  const n = extent(meta, outer);
  const sa = <usize>stride(meta, ndim, 0, outer) * size, sb = <usize>stride(meta, ndim, 1, outer) * size;
  const sc = <usize>stride(meta, ndim, 2, outer) * size;
  rewind(meta, ndim, outer);
  do {
    let p = a + <usize>offset(meta, ndim, outer, 0) * size;
    let q = b + <usize>offset(meta, ndim, outer, 1) * size;
    let r = c + <usize>offset(meta, ndim, outer, 2) * size;
    for (let i = 0; i < n; i += PIECE) {
      const count = min(PIECE, n - i);
      powSumRow<T>(count, out, p, sa, q, sb, r, sc);
      p += <usize>count * sa;
      q += <usize>count * sb;
      r += <usize>count * sc;
      out += <usize>count * size;
    }
  } while (advance(meta, ndim, outer) >= 0);
}
