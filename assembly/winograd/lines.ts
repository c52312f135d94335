// Transformed inputs of a block of lanes: lines of the padded image, as far as the lanes reach, and these at every point.
import { copyRow } from '../array/blocks';
import { position } from '../conv/axis';
import { word } from '../conv/halo';
import { offset } from '../conv/panels';
import { lanesOf, segmentsOf } from './lanes';
import { lineElements, LINES, pointsOf, SEGMENT } from './plan';
import { atEightPoints, atSixPoints } from './points';

/** out := elements first, first + 1, … of a row of w, zero beyond its ends, or wrapped. */
function line<T>(w: i32, first: i32, count: i32, periodic: bool, x: usize, out: usize): void {
  const size = sizeof<T>();
  let at = first;
  const end = first + count;
  while (at < end) {
    let next = end, from = at;
    if (periodic) {
      from = position(at, 0, w, 1, 1, 0, true);
      next = min(end, at + w - from);
    } else if (at < 0) next = min(end, 0);
    else if (at < w) next = min(end, w);
    if (periodic || (at >= 0 && at < w)) copyRow(<usize>(next - at) * size, out, x + <usize>from * size);
    else for (let i = 0; i < next - at; i++) store<T>(out + <usize>i * size, <T>0);
    out += <usize>(next - at) * size;
    at = next;
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
      let p = x + offset(segment, 0) + <usize>c * plane + <usize>(max(0, source) * w) * size;
      if (count == 1 && source >= 0 && first >= 0 && first + elements <= w) {
        // Nothing is padded: the image's own row serves.
        from = p + <usize>first * size;
        apart = plane;
        break;
      }
      let q = lines + <usize>load<i32>(segment, 16) * size;
      for (let k = 0; k < some; k++) {
        if (source >= 0) line<T>(w, first, elements, periodic, p, q);
        else memory.fill(q, 0, <usize>elements * size);
        p += plane;
        q += length;
      }
    }
    if (pointsOf(taps) == 6) atSixPoints<T>(some, from, apart, lanes, blocks, step, out, next, pitch);
    else atEightPoints<T>(some, from, apart, lanes, blocks, step, out, next, pitch);
    out += 32 * <usize>some;
  }
}
