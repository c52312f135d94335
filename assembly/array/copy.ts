// out := in for any two layouts of one index space (strides of row 0 for out, of row 1 for in): transposes, slices.
// The two last axes form planes: contiguous rows are copied whole, transposed planes in blocks that stay in L1.
import { transpose2x2, transpose4x4 } from '../simd/transpose';
import { advance, extent, offset, rewind, stride } from './descriptor';

const BLOCK: i32 = 32;

/** out[i][j] := in[j][i] for m x n elements of out; leading dimensions in bytes. */
function transposePlane<T>(m: i32, n: i32, out: usize, ldo: usize, x: usize, ldi: usize): void {
  for (let i = 0; i < m; i += BLOCK) {
    for (let j = 0; j < n; j += BLOCK) {
      transposeBlock<T>(
        min(BLOCK, m - i), min(BLOCK, n - j), out + <usize>i * ldo + <usize>j * sizeof<T>(), ldo,
        x + <usize>j * ldi + <usize>i * sizeof<T>(), ldi,
      );
    }
  }
}

/** One block, in 2x2 or 4x4 register transposes where they fit. */
function transposeBlock<T>(m: i32, n: i32, out: usize, ldo: usize, x: usize, ldi: usize): void {
  const w: i32 = sizeof<T>() == 8 ? 2 : 4;
  let i = 0;
  for (; i + w <= m; i += w) {
    let src = x + <usize>i * sizeof<T>(), dst = out + <usize>i * ldo;
    let j = 0;
    for (; j + w <= n; j += w) {
      if (sizeof<T>() == 8) {
        transpose2x2(v128.load(src), v128.load(src + ldi), dst, ldo);
      } else {
        transpose4x4(
          v128.load(src), v128.load(src + ldi), v128.load(src + 2 * ldi), v128.load(src + 3 * ldi), dst, ldo,
        );
      }
      src += <usize>w * ldi;
      dst += 16;
    }
    for (; j < n; j++) {
      for (let l = 0; l < w; l++) store<T>(dst + <usize>l * ldo, load<T>(src + <usize>l * sizeof<T>()));
      src += ldi;
      dst += sizeof<T>();
    }
  }
  for (; i < m; i++) {
    for (let j = 0; j < n; j++) {
      store<T>(out + <usize>i * ldo + <usize>j * sizeof<T>(), load<T>(x + <usize>j * ldi + <usize>i * sizeof<T>()));
    }
  }
}

/** m rows of n elements at any strides, in bytes. */
function copyPlane<T>(m: i32, n: i32, out: usize, so: usize, to: usize, x: usize, si: usize, ti: usize): void {
  for (let i = 0; i < m; i++) {
    let src = x, dst = out;
    if (to == sizeof<T>() && ti == sizeof<T>()) memory.copy(dst, src, <usize>n * sizeof<T>());
    else {
      for (let j = 0; j < n; j++) {
        store<T>(dst, load<T>(src));
        dst += to;
        src += ti;
      }
    }
    out += so;
    x += si;
  }
}

/** The general copy; ndim >= 2. */
export function copy<T>(ndim: i32, meta: usize, out: usize, x: usize): void {
  const outer = ndim - 2, size = sizeof<T>();
  const m = extent(meta, outer), n = extent(meta, outer + 1);
  const so = <usize>stride(meta, ndim, 0, outer) * size, to = <usize>stride(meta, ndim, 0, outer + 1) * size;
  const si = <usize>stride(meta, ndim, 1, outer) * size, ti = <usize>stride(meta, ndim, 1, outer + 1) * size;
  rewind(meta, ndim, outer);
  do {
    const po = out + <usize>offset(meta, ndim, outer, 0) * size, px = x + <usize>offset(meta, ndim, outer, 1) * size;
    if (to == size && si == size && ti != size) transposePlane<T>(m, n, po, so, px, ti);
    else copyPlane<T>(m, n, po, so, to, px, si, ti);
  } while (advance(meta, ndim, outer) >= 0);
}
