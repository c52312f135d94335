// How a convolution by minimal filtering is cut: a row of outputs into tiles of four, a row of taps into blocks of three or five, the
// outputs into bands of rows, and what is transformed at once into blocks that stay in the caches.
import { balanced, KC, MR, NR } from '../gemm/blocking';
import { roundToLine, roundUp } from '../simd/lanes';
import { weightScratch } from './weights';

/** Outputs of a tile along the last axis. */
export const TILE: i32 = 4;
/** Bytes of transformed inputs that are held at once, about. */
const INPUTS: usize = 262144;
/** Bytes of transformed weights that are held at once, at most. */
const WEIGHTS: usize = 1048576;
/** Rows of tiles that a panel of weights meets before the next panel takes its place. */
const ROWS: i32 = 16;
/** Channels whose lines are laid out together. */
export const LINES: i32 = 16;
/** Words of a lane: where it lies in a line and in y, columns and rows that it has. */
export const LANE: i32 = 4;
/** Words of a segment: where its image lies, its first row and column, elements, where it lies in a line. */
export const SEGMENT: i32 = 5;

/** Taps of a block, 3 or 5: what takes fewer multiplications, and in doubt the more accurate. */
export function tapsOfBlock(kw: i32): i32 {
  return 8 * ((kw + 4) / 5) < 6 * ((kw + 2) / 3) ? 5 : 3;
}

/** Points at which a block of taps is evaluated. */
export function pointsOf(taps: i32): i32 {
  return taps + TILE - 1;
}

/** Elements of a line that one tile reads, in whole vectors. */
export function spanOf(taps: i32, blocks: i32): i32 {
  return 8 + (blocks - 1) * taps;
}

/** Channels that are summed in the transformed domain; the rest is added afterwards. */
export function channelsOfBlock(channels: i32, kh: i32, blocks: i32): i32 {
  return balanced(channels, max(4, KC / (kh * blocks)), 4);
}

/** Outs whose transformed weights are held together, for weights of `depth` elements at each of `points` points. */
export function outsOfBlock<T>(outs: i32, depth: i32, points: i32): i32 {
  const each = <usize>points * <usize>depth * sizeof<T>();
  return balanced(outs, max(MR, <i32>(WEIGHTS / each) & ~(MR - 1)), MR);
}

/** Bytes of transformed inputs in one row of a band of one block of lanes, `depth` elements at each of `points` points. */
export function bytesOfRow(depth: i32, points: i32): usize {
  return 32 * <usize>points * <usize>depth;
}

/** Rows of a band: what wastes the fewest lanes, and the fewest rows where bands overlap. `row`: bytesOfRow, of all planes. */
export function rowsOfBand<T>(images: i32, oh: i32, tiles: i32, kh: i32, row: usize): i32 {
  const most = max(1, min(2 * ROWS, <i32>(INPUTS / row) - kh + 1)), nr = NR<T>();
  let best = 1, cost = Infinity;
  for (let bands = (oh + most - 1) / most; bands <= oh; bands++) {
    const rows = (oh + bands - 1) / bands, lanes = images * bands * tiles;
    // A row of products costs about as much as a dozen transformed ones.
    const now = <f64>((lanes + nr - 1) / nr) * <f64>(12 * rows + kh - 1);
    if (now < cost) {
      cost = now;
      best = rows;
    }
  }
  return best;
}

/** Blocks of lanes that are transformed together: low bands make up for it. */
export function blocksTogether<T>(lanes: i32, rows: i32, kh: i32, row: usize): i32 {
  const fit = <i32>(INPUTS / (row * <usize>(rows + kh - 1)));
  return max(1, min(min(ROWS / rows, fit), (lanes + NR<T>() - 1) / NR<T>()));
}

/** What lies in the workspace, in this order: bytes of each part, whole cache lines. */
export function tableBytes<T>(together: i32): usize {
  return roundToLine(4 * <usize>(together * (NR<T>() * (LANE + SEGMENT) + 1)));
}
/** Elements of a line of one channel, with room for what is written in whole vectors. */
export function lineElements<T>(taps: i32, blocks: i32): i32 {
  return NR<T>() * spanOf(taps, blocks) + 4;
}
/** Lines of LINES channels, where before them weights are gathered. */
export function lineBytes<T>(taps: i32, blocks: i32, kernel: i32): usize {
  return roundToLine(<usize>max(LINES * lineElements<T>(taps, blocks), weightScratch(kernel)) * sizeof<T>());
}
/** Transformed weights at one point. */
export function weightBytes<T>(outs: i32, depth: i32): usize {
  return roundToLine(<usize>roundUp(outs, MR) * <usize>depth * sizeof<T>());
}
/** Transformed inputs at one point; a line more, so that the points do not share sets of a cache. */
export function inputBytes(planes: i32, together: i32, rows: i32, depth: i32): usize {
  return 32 * <usize>(planes * together * rows) * <usize>depth + 64;
}
/** Products of one panel of outs at one point, and again a line more. */
export function productBytes(together: i32, rows: i32): usize {
  return 32 * <usize>(MR * together * rows) + 64;
}

/** Bytes of workspace of the whole. */
export function winogradWorkspace<T>(
  images: i32, channels: i32, outs: i32, kd: i32, kh: i32, kw: i32, oh: i32, ow: i32,
): usize {
  if (images == 0 || channels == 0 || outs == 0 || oh == 0 || ow == 0) return 0;
  const taps = tapsOfBlock(kw), blocks = (kw + taps - 1) / taps, points = pointsOf(taps);
  const cb = channelsOfBlock(channels, kh, blocks), tiles = (ow + TILE - 1) / TILE;
  const row = bytesOfRow(blocks * cb * kd, points), rows = rowsOfBand<T>(images, oh, tiles, kh, row);
  const lanes = images * ((oh + rows - 1) / rows) * tiles, together = blocksTogether<T>(lanes, rows, kh, row);
  const depth = kd * kh * blocks * cb, ob = outsOfBlock<T>(outs, depth, points);
  return 64 + tableBytes<T>(together) + lineBytes<T>(taps, blocks, kd * kh * kw) + <usize>points * (
    weightBytes<T>(ob, depth) + inputBytes(kd, together, rows + kh - 1, blocks * cb) + productBytes(together, rows)
  );
}
