// out := f(a, b), element by element. The output is dense; the operands may have any strides.
import { advance, extent, offset, rewind, stride } from '../array/descriptor';
import { POW } from './functions';

/** Walks the rows of the index space. */
export function binary<T>(op: i32, ndim: i32, meta: usize, out: usize, a: usize, b: usize): void {
  const outer = ndim - 1;
  const n = extent(meta, outer);
  const stepA = <usize>stride(meta, ndim, 0, outer) * sizeof<T>();
  const stepB = <usize>stride(meta, ndim, 1, outer) * sizeof<T>();
  rewind(meta, ndim, outer);
  do {
    let p = a + <usize>offset(meta, ndim, outer, 0) * sizeof<T>();
    let q = b + <usize>offset(meta, ndim, outer, 1) * sizeof<T>();
    for (let i = 0; i < n; i++) {
      const x = <f64>load<T>(p), y = <f64>load<T>(q);
      store<T>(out, <T>(op == POW ? Math.pow(x, y) : Math.atan2(x, y)));
      p += stepA;
      q += stepB;
      out += sizeof<T>();
    }
  } while (advance(meta, ndim, outer) >= 0);
}
