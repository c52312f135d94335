// Lanes: tile t of band b of image n is lane (n · bands + b) · tiles + t, whatever image, rows and columns that is, so that panels are
// full for small images, too. Lanes of a block that follow one another in a row share a line of inputs: a segment.
import { NR } from '../gemm/blocking';
import { word } from '../conv/halo';
import { LANE, SEGMENT, TILE } from './plan';

/** Segments of block `i` of a table for `together` blocks: their number, then SEGMENT words each. */
// @ts-ignore: decorator
@inline
export function segmentsOf<T>(table: usize, together: i32, i: i32): usize {
  return table + 4 * <usize>(together * NR<T>() * LANE + i * (NR<T>() * SEGMENT + 1));
}

/** Lanes of block `i`. */
// @ts-ignore: decorator
@inline
export function lanesOf<T>(table: usize, i: i32): usize {
  return table + 4 * <usize>(i * NR<T>() * LANE);
}

/**
 * Fills the table for `together` blocks from lane `first` of `count` on. `image`, `result`: bytes of an image of x and of y; `span`:
 * elements that a tile reads.
 */
export function placeLanes<T>(
  first: i32, count: i32, together: i32, g: usize, rows: i32, span: i32, image: usize, result: usize, table: usize,
): void {
  const size = <i32>sizeof<T>(), oh = word(g, 7), ow = word(g, 8);
  const tiles = (ow + TILE - 1) / TILE, bands = (oh + rows - 1) / rows;
  for (let i = 0; i < together; i++) {
    const segments = segmentsOf<T>(table, together, i);
    let lane = lanesOf<T>(table, i), segment = segments + 4 - 4 * SEGMENT, have = 0, at = 0;
    for (let j = 0; j < NR<T>(); j++) {
      const id = first + i * NR<T>() + j;
      const n = id / (bands * tiles), b = (id / tiles) % bands, t = id % tiles;
      if (id >= count) {
        store<i32>(lane, 0);
        store<i32>(lane, 0, 8);
        store<i32>(lane, 0, 12);
      } else {
        if (j == 0 || t == 0) {
          segment += 4 * SEGMENT;
          have++;
          store<u32>(segment, <u32>(<usize>n * image));
          store<i32>(segment, b * rows - word(g, 16), 4);
          store<i32>(segment, t * TILE - word(g, 17), 8);
          store<i32>(segment, span, 12);
          store<i32>(segment, at, 16);
          at += span;
        } else {
          store<i32>(segment, load<i32>(segment, 12) + TILE, 12);
          at += TILE;
        }
        store<i32>(lane, (at - span) * size);
        store<u32>(lane, <u32>(<usize>n * result + <usize>(b * rows * ow + t * TILE) * size), 4);
        store<i32>(lane, min(TILE, ow - t * TILE), 8);
        store<i32>(lane, min(rows, oh - b * rows), 12);
      }
      lane += 4 * LANE;
    }
    store<i32>(segments, have);
  }
}
