// Images with what lies beyond their edges: the padded image holds exactly what the windows reach over, so that no window has an
// edge. Along the last axis its elements are sorted by their remainder modulo the stride: neighbouring outputs then read
// neighbouring elements for any stride. And the transpose, which adds a padded image back to the image.
import { addRow } from '../array/blocks';
import { position } from './axis';

/** Word i of the geometry: extents, kernel, outputs, stride, dilation, before, periodic, three each. */
// @ts-ignore: decorator
@inline
export function word(geometry: usize, i: i32): i32 {
  return load<i32>(geometry + 4 * <usize>i);
}

/** How far the windows reach along an axis. */
function reach(g: usize, axis: i32): i32 {
  return (word(g, 6 + axis) - 1) * word(g, 9 + axis) + (word(g, 3 + axis) - 1) * word(g, 12 + axis) + 1;
}

/** Whether the windows lie within the image and neighbours read neighbours: then the image is its own padded image. */
export function isPlain(g: usize): bool {
  for (let axis = 0; axis < 3; axis++) {
    if (word(g, 15 + axis) != 0 || reach(g, axis) > word(g, axis)) return false;
  }
  return word(g, 11) == 1;
}

/** The extent of the padded image along an axis. */
export function paddedExtent(g: usize, axis: i32, plain: bool): i32 {
  if (plain) return word(g, axis);
  const stride = axis == 2 ? word(g, 11) : 1;
  return ((reach(g, axis) + stride - 1) / stride) * stride;
}

/** Where the padded image's row (z, y) comes from: the index of a row of the image, or -1 for zeros. */
// @ts-ignore: decorator
@inline
function rowOf(g: usize, z: i32, y: i32): i32 {
  const from = position(z, 0, word(g, 0), 1, 1, word(g, 15), word(g, 18) != 0);
  const at = position(y, 0, word(g, 1), 1, 1, word(g, 16), word(g, 19) != 0);
  return from < 0 || at < 0 ? -1 : from * word(g, 1) + at;
}

/** One row of `width` elements out of one of the image, w long; `transpose`: the row is added back. */
function row<T>(g: usize, width: i32, x: usize, padded: usize, transpose: bool): void {
  const size = sizeof<T>(), w = word(g, 2), stride = word(g, 11), before = word(g, 17), periodic = word(g, 20) != 0;
  if (stride == 1 && !periodic) {
    // Zeros, the row itself, zeros.
    const inside = max(0, min(w, width - before)), left = <usize>min(before, width) * size;
    if (transpose) {
      addRow<T>(inside, x, padded + left);
      return;
    }
    memory.fill(padded, 0, left);
    memory.copy(padded + left, x, <usize>inside * size);
    memory.fill(padded + left + <usize>inside * size, 0, <usize>(width - inside) * size - left);
    return;
  }
  const phase = width / stride;
  for (let r = 0; r < stride; r++) {
    for (let i = 0; i < phase; i++) {
      const at = position(i, 0, w, stride, 1, before - r, periodic);
      if (transpose) {
        if (at >= 0) store<T>(x + <usize>at * size, <T>(load<T>(x + <usize>at * size) + load<T>(padded)));
      } else store<T>(padded, at < 0 ? <T>0 : load<T>(x + <usize>at * size));
      padded += size;
    }
  }
}

/** `planes` padded images out of as many images, one after the other; `transpose`: the padded ones are added to the images. */
export function halo<T>(planes: i32, g: usize, x: usize, padded: usize, transpose: bool): void {
  const pd = paddedExtent(g, 0, false), ph = paddedExtent(g, 1, false), width = paddedExtent(g, 2, false);
  const line = <usize>word(g, 2) * sizeof<T>(), pitch = <usize>width * sizeof<T>();
  const plane = <usize>(word(g, 0) * word(g, 1)) * line;
  for (let i = 0; i < planes; i++) {
    for (let z = 0; z < pd; z++) {
      for (let y = 0; y < ph; y++) {
        const from = rowOf(g, z, y);
        if (from >= 0) row<T>(g, width, x + <usize>from * line, padded, transpose);
        else if (!transpose) memory.fill(padded, 0, pitch);
        padded += pitch;
      }
    }
    x += plane;
  }
}
