// Transformed inputs of a block of lanes: lines of the padded image, as far as the lanes reach, and these at every point.
import { copyRow } from '../array/blocks';
import { position } from '../conv/axis';
import { word } from '../conv/halo';
import { offset } from '../conv/panels';
import { lanesOf, segmentsOf } from './lanes';
import { lineElements, LINES, pointsOf, SEGMENT } from './plan';
import { atEightPoints, atSixPoints } from './points';

/**
 * `channels` lines, `length` bytes apart: `left` zeros, `inside` elements of x and `right` zeros, which may end in up to three more; what
 * lies there is written later or never read.
 */
function pad<T>(
  channels: i32, left: i32, inside: i32, right: i32, x: usize, plane: usize, out: usize, length: usize,
): void {
  const size = sizeof<T>(), zero = v128.splat<T>(0);
  const from = <usize>left * size, bytes = <usize>inside * size, end = <usize>right * size;
  for (let c = 0; c < channels; c++) {
    for (let i: usize = 0; i < from; i += 16) v128.store(out + i, zero);
    const p = out + from, q = p + bytes;
    copyRow(bytes, p, x);
    for (let i: usize = 0; i < end; i += 16) v128.store(q + i, zero);
    x += plane;
    out += length;
  }
}

/** `channels` lines of elements first, first + 1, … of rows of w, zero beyond their ends, or wrapped. */
function lay<T>(
  channels: i32, w: i32, first: i32, count: i32, periodic: bool, x: usize, plane: usize, out: usize, length: usize,
): void {
  const size = sizeof<T>();
  if (!periodic) {
    const left = min(count, max(0, -first)), inside = max(0, min(count - left, w - max(0, first)));
    pad<T>(channels, left, inside, count - left - inside, x + <usize>max(0, first) * size, plane, out, length);
    return;
  }
  for (let at = 0; at < count; ) {
    const from = position(first + at, 0, w, 1, 1, 0, true), some = min(count - at, w - from);
    pad<T>(channels, 0, some, 0, x + <usize>from * size, plane, out + <usize>at * size, length);
    at += some;
  }
}

/** The index of the row of the image that row (z, y) of the padded one is, -1 for zeros; both without what is padded before. */
function rowOf(g: usize, z: i32, y: i32): i32 {
  const from = position(z, 0, word(g, 0), 1, 1, 0, word(g, 18) != 0);
  const at = position(y, 0, word(g, 1), 1, 1, 0, word(g, 19) != 0);
  return from < 0 || at < 0 ? -1 : from * word(g, 1) + at;
}

/**
 * Row `row` of plane `z` of block `i`: [block of taps, channel] vectors at every point, `pitch` bytes apart. `plane`: bytes of a
 * channel of x.
 */
export function transformRow<T>(
  taps: i32, blocks: i32, g: usize, channels: i32, x: usize, plane: usize,
  table: usize, together: i32, i: i32, z: i32, row: i32, lines: usize, out: usize, pitch: usize,
): void {
  const size = sizeof<T>(), w = word(g, 2), periodic = word(g, 20) != 0;
  const segments = segmentsOf<T>(table, together, i), lanes = lanesOf<T>(table, i), count = load<i32>(segments);
  const length = <usize>lineElements<T>(taps, blocks) * size;
  const step = <usize>taps * size, next = 32 * <usize>channels;
  for (let c = 0; c < channels; c += LINES) {
    const some = min(LINES, channels - c);
    let from = lines, apart = length;
    for (let s = 0, segment = segments + 4; s < count; s++, segment += 4 * SEGMENT) {
      const first = load<i32>(segment, 8), elements = load<i32>(segment, 12);
      const source = rowOf(g, z - word(g, 15), load<i32>(segment, 4) + row);
      const p = x + offset(segment, 0) + <usize>c * plane + <usize>(max(0, source) * w) * size;
      if (count == 1 && source >= 0 && first >= 0 && first + elements <= w) {
        // Nothing is padded: the image's own row serves.
        from = p + <usize>first * size;
        apart = plane;
        break;
      }
      const q = lines + <usize>load<i32>(segment, 16) * size;
      if (source >= 0) lay<T>(some, w, first, elements, periodic, p, plane, q, length);
      else pad<T>(some, elements, 0, 0, p, plane, q, length);
    }
    if (pointsOf(taps) == 6) atSixPoints<T>(some, from, apart, lanes, blocks, step, out, next, pitch);
    else atEightPoints<T>(some, from, apart, lanes, blocks, step, out, next, pitch);
    out += 32 * <usize>some;
  }
}
