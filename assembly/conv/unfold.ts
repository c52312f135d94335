// columns[c, kz, ky, kx][oz, oy, ox] := x[c][oz sz + kz dz - pz, oy sy + ky dy - py, ox sx + kx dx - px]: what makes a convolution a
// matrix product (im2col), in one, two or three dimensions; and its transpose, which adds the columns back (col2im).
import { addRow } from '../array/blocks';
import { firstInside, position, runEnd } from './axis';

/** One row of the columns: `w` inputs at x, `ow` outputs. */
function unfoldRow<T>(ow: i32, w: i32, k: i32, stride: i32, dilation: i32, before: i32, periodic: bool, x: usize, out: usize): void {
  const size = sizeof<T>();
  if (stride != 1) {
    for (let o = 0; o < ow; o++) {
      const i = position(o, k, w, stride, dilation, before, periodic);
      store<T>(out + <usize>o * size, i < 0 ? <T>0 : load<T>(x + <usize>i * size));
    }
    return;
  }
  let o = 0;
  while (o < ow) {
    const i = position(o, k, w, 1, dilation, before, periodic);
    let end: i32;
    if (i < 0) {
      // Left of the image the zeros end where it begins; right of it they do not.
      const inside = firstInside(o, k, ow, dilation, before);
      end = inside > o ? inside : ow;
      memory.fill(out + <usize>o * size, 0, <usize>(end - o) * size);
    } else {
      end = runEnd(o, i, w, ow);
      memory.copy(out + <usize>o * size, x + <usize>i * size, <usize>(end - o) * size);
    }
    o = end;
  }
}

/** Its transpose: adds one row of the columns to `w` inputs. */
function foldRow<T>(ow: i32, w: i32, k: i32, stride: i32, dilation: i32, before: i32, periodic: bool, columns: usize, out: usize): void {
  const size = sizeof<T>();
  if (stride != 1) {
    for (let o = 0; o < ow; o++) {
      const i = position(o, k, w, stride, dilation, before, periodic);
      if (i < 0) continue;
      const p = out + <usize>i * size;
      store<T>(p, load<T>(p) + load<T>(columns + <usize>o * size));
    }
    return;
  }
  let o = 0;
  while (o < ow) {
    const i = position(o, k, w, 1, dilation, before, periodic);
    if (i < 0) {
      const inside = firstInside(o, k, ow, dilation, before);
      o = inside > o ? inside : ow;
      continue;
    }
    const end = runEnd(o, i, w, ow);
    addRow<T>(end - o, out + <usize>i * size, columns + <usize>o * size);
    o = end;
  }
}

/**
 * `images` arrays of `channels` x d x h x w, one after the other. `geometry` is 21 i32: input, kernel and output extents, strides,
 * dilations and what is padded before, three each (depth, height, width), then three flags for periodic axes.
 * `transpose`: x += the columns; otherwise the columns := x.
 */
export function windows<T>(images: i32, channels: i32, geometry: usize, x: usize, columns: usize, transpose: bool): void {
  const d = load<i32>(geometry), h = load<i32>(geometry, 4), w = load<i32>(geometry, 8);
  const kd = load<i32>(geometry, 12), kh = load<i32>(geometry, 16), kw = load<i32>(geometry, 20);
  const od = load<i32>(geometry, 24), oh = load<i32>(geometry, 28), ow = load<i32>(geometry, 32);
  const row = <usize>ow * sizeof<T>();
  for (let plane = 0; plane < images * channels; plane++) {
    for (let kz = 0; kz < kd; kz++) {
      for (let ky = 0; ky < kh; ky++) {
        for (let kx = 0; kx < kw; kx++) {
          for (let oz = 0; oz < od; oz++) {
            const z = position(oz, kz, d, load<i32>(geometry, 36), load<i32>(geometry, 48), load<i32>(geometry, 60), load<i32>(geometry, 72) != 0);
            for (let oy = 0; oy < oh; oy++) {
              const y = position(oy, ky, h, load<i32>(geometry, 40), load<i32>(geometry, 52), load<i32>(geometry, 64), load<i32>(geometry, 76) != 0);
              const sx = load<i32>(geometry, 44), dx = load<i32>(geometry, 56), px = load<i32>(geometry, 68);
              const wraps = load<i32>(geometry, 80) != 0;
              if (z >= 0 && y >= 0) {
                const line = x + (<usize>z * <usize>h + <usize>y) * <usize>w * sizeof<T>();
                if (transpose) foldRow<T>(ow, w, kx, sx, dx, px, wraps, columns, line);
                else unfoldRow<T>(ow, w, kx, sx, dx, px, wraps, line, columns);
              } else if (!transpose) memory.fill(columns, 0, row);
              columns += row;
            }
          }
        }
      }
    }
    x += <usize>d * <usize>h * <usize>w * sizeof<T>();
  }
}
