// Images with what lies beyond their edges: the padded image holds exactly what the windows reach over, so that no window has an
// edge. Along the last axis its elements are sorted by their remainder modulo the stride: neighbouring outputs then read
// neighbouring elements for any stride. And the transpose, which adds a padded image back to the image.
import { addRow, copyRow } from '../array/blocks';
import { lanes } from '../simd/lanes';
import { loadApart } from './apart';
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

/** `n` elements of a row, or n zeros for `from` = 0; `transpose`: they are added to the row. */
// @ts-ignore: decorator
@inline
function run<T>(n: i32, from: usize, padded: usize, transpose: bool): void {
  if (n <= 0) return;
  if (from == 0) {
    if (!transpose) memory.fill(padded, 0, <usize>n * sizeof<T>());
  } else if (transpose) addRow<T>(n, from, padded);
  else copyRow(<usize>n * sizeof<T>(), padded, from);
}

/** One row of `width` elements out of one of the image, w long, with `before` elements in front of it; stride 1. */
function rowOfRuns<T>(w: i32, before: i32, periodic: bool, width: i32, x: usize, padded: usize, transpose: bool): void {
  const size = sizeof<T>();
  if (!periodic) {
    const left = min(before, width), inside = max(0, min(w, width - before));
    run<T>(left, 0, padded, transpose);
    run<T>(inside, x, padded + <usize>left * size, transpose);
    run<T>(width - left - inside, 0, padded + <usize>(left + inside) * size, transpose);
    return;
  }
  let at = position(0, 0, w, 1, 1, before, true);
  for (let done = 0; done < width; ) {
    const n = min(w - at, width - done);
    run<T>(n, x + <usize>at * size, padded + <usize>done * size, transpose);
    done += n;
    at = 0;
  }
}

/** Elements first, first + stride, … of a row: `n` of them, zero beyond the edges or wrapped. */
function phaseOf<T>(w: i32, first: i32, stride: i32, periodic: bool, n: i32, x: usize, padded: usize, transpose: bool): void {
  const size = sizeof<T>();
  // Where the image begins and ends among them.
  let from = 0, to = n, at = first, step = stride;
  if (periodic) {
    at = position(0, 0, w, 1, 1, -first, true);
    step = stride % w;
  } else {
    from = min(n, first < 0 ? (stride - 1 - first) / stride : 0);
    to = max(from, min(n, first < w ? (w - first + stride - 1) / stride : 0));
    at += from * stride;
  }
  run<T>(from, 0, padded, transpose);
  run<T>(n - to, 0, padded + <usize>to * size, transpose);
  let i = from;
  if (!transpose && !periodic) {
    for (; i + lanes<T>() <= to; i += lanes<T>()) {
      v128.store(padded + <usize>i * size, loadApart<T>(x + <usize>at * size, stride));
      at += lanes<T>() * stride;
    }
  }
  for (; i < to; i++) {
    const p = x + <usize>at * size, q = padded + <usize>i * size;
    if (transpose) store<T>(p, <T>(load<T>(p) + load<T>(q)));
    else store<T>(q, load<T>(p));
    at += step;
    if (periodic && at >= w) at -= w;
  }
}

/** One row of the padded image; `transpose`: the row is added back to the image's. */
function row<T>(g: usize, width: i32, x: usize, padded: usize, transpose: bool): void {
  const w = word(g, 2), stride = word(g, 11), before = word(g, 17), periodic = word(g, 20) != 0;
  if (stride == 1) {
    rowOfRuns<T>(w, before, periodic, width, x, padded, transpose);
    return;
  }
  const phase = width / stride;
  for (let r = 0; r < stride; r++) {
    phaseOf<T>(w, r - before, stride, periodic, phase, x, padded, transpose);
    padded += <usize>phase * sizeof<T>();
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
