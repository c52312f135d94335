// y = Aᵀ[(G w) · (Bᵀ x)]: convolution of stride 1 by minimal filtering along the last axis (S. Winograd, Arithmetic Complexity of
// Computations, 1980; A. Lavin and S. Gray, Fast algorithms for convolutional neural networks, CVPR 2016). Four outputs of a row take 6
// multiplications for three taps and 8 for five, and not 12 and 20; the sums over channels and over the other axes of the kernel are
// done on transformed data, as products of packed panels. A row that is transformed serves all rows of the kernel: what an output row
// reads lies in one piece, [ky, block of taps, channel].
import { balanced, MR, NR } from '../gemm/blocking';
import { tilePacked } from '../gemm/microkernel';
import { word } from '../conv/halo';
import { lanesOf, placeLanes } from './lanes';
import { transformRow } from './lines';
import { fromEightPoints, fromSixPoints } from './outputs';
import {
  blocksTogether, bytesOfRow, channelsOfBlock, inputBytes, lineBytes, outsOfBlock, pointsOf, productBytes, rowsOfBand, spanOf,
  tableBytes, tapsOfBlock, TILE, weightBytes,
} from './plan';
import { transformWeights } from './weights';

/**
 * One panel of outs at one point: `rows` rows of `blocks` blocks of lanes. `depth` of one plane of the kernel, `step` of one row of
 * the inputs; plane kz of the kernel meets slot (z + kz) mod kd.
 */
function products<T>(
  blocks: i32, rows: i32, kd: i32, kh: i32, z: i32, step: i32, w: usize, x: usize, m: usize,
): void {
  const high = <usize>(rows + kh - 1), row = 32 * <usize>step, depth = kh * step;
  const plane = <usize>blocks * high * row, pitch = 32 * <usize>(blocks * rows);
  for (let i = 0; i < blocks; i++) {
    for (let r = 0; r < rows; r++) {
      const from = x + (<usize>i * high + <usize>r) * row;
      for (let kz = 0; kz < kd; kz++) {
        tilePacked<T>(
          depth, w + <usize>(kz * depth * MR) * sizeof<T>(), from + <usize>((z + kz) % kd) * plane, 1, kz > 0 ? 1 : 0, m, pitch,
        );
      }
      m += 32;
    }
  }
}

/**
 * `images` images x [channels, d, h, w] to y [outs, positions], strides and dilations 1 (they are not read); positions before may be
 * negative. Of `all` outs that lie in y these may be some, and y begins with the first. `adjoint`: the weights are [channels, outs,
 * kernel] and taken from the last tap to the first.
 */
export function winograd<T>(
  adjoint: bool, images: i32, channels: i32, outs: i32, all: i32, g: usize, x: usize, w: usize, y: usize, work: usize,
): void {
  const size = sizeof<T>(), kd = word(g, 3), kh = word(g, 4), kw = word(g, 5);
  const od = word(g, 6), oh = word(g, 7), ow = word(g, 8), positions = od * oh * ow;
  const result = <usize>(all * positions) * size, out = <usize>positions * size;
  if (images == 0 || outs == 0 || positions == 0) return;
  if (channels == 0) {
    for (let i = 0; i < images; i++) memory.fill(y + <usize>i * result, 0, <usize>outs * out);
    return;
  }
  const kernel = <usize>(kd * kh * kw) * size, plane = <usize>(word(g, 0) * word(g, 1) * word(g, 2)) * size;
  const so = adjoint ? kernel : <usize>channels * kernel, sc = adjoint ? <usize>outs * kernel : kernel;
  const taps = tapsOfBlock(kw), blocks = (kw + taps - 1) / taps, points = pointsOf(taps);
  const cb = channelsOfBlock(channels, kh, blocks), tiles = (ow + TILE - 1) / TILE;
  const bytes = bytesOfRow(blocks * cb * kd, points), rows = rowsOfBand<T>(images, oh, tiles, kh, bytes);
  const lanes = images * ((oh + rows - 1) / rows) * tiles, together = blocksTogether<T>(lanes, rows, kh, bytes);
  const whole = kd * kh * blocks * cb, ob = outsOfBlock<T>(outs, whole, points);
  const tile = work, table = tile + 64, lines = table + tableBytes<T>(together);
  const ws = lines + lineBytes<T>(taps, blocks, kd * kh * kw), pitchW = weightBytes<T>(ob, whole);
  const xs = ws + <usize>points * pitchW, pitchX = inputBytes(kd, together, rows + kh - 1, blocks * cb);
  const ms = xs + <usize>points * pitchX, pitchM = productBytes(together, rows);
  for (let c = 0; c < channels; c += cb) {
    const depth = min(cb, channels - c), step = blocks * depth, panel = <usize>(kd * kh * step * MR) * size;
    for (let o = 0; o < outs; o += ob) {
      const some = min(ob, outs - o);
      transformWeights<T>(
        taps, blocks, g, adjoint, some, so, depth, sc, w + <usize>o * so + <usize>c * sc, ws, pitchW, lines,
      );
      for (let first = 0; first < lanes; first += together * NR<T>()) {
        const now = min(together, (lanes - first + NR<T>() - 1) / NR<T>());
        placeLanes<T>(first, lanes, now, g, rows, spanOf(taps, blocks), <usize>channels * plane, result, table);
        const high = rows + kh - 1, slot = 32 * <usize>(now * high * step);
        for (let z = 0; z < od; z++) {
          // Planes that the last z has seen stay where they are.
          for (let kz = z > 0 ? kd - 1 : 0; kz < kd; kz++) {
            let to = xs + <usize>((z + kz) % kd) * slot;
            for (let i = 0; i < now; i++) {
              for (let row = 0; row < high; row++) {
                transformRow<T>(
                  taps, blocks, g, depth, x + <usize>c * plane, plane, table, now, i, z + kz, row, lines, to, pitchX,
                );
                to += 32 * <usize>step;
              }
            }
          }
          for (let k = 0; k < some; k += MR) {
            for (let p = 0; p < points; p++) {
              products<T>(
                now, rows, kd, kh, z, step, ws + <usize>p * pitchW + <usize>(k / MR) * panel, xs + <usize>p * pitchX,
                ms + <usize>p * pitchM,
              );
            }
            for (let l = 0; l < min(MR, some - k); l++) {
              const to = y + <usize>(o + k + l) * out + <usize>(z * oh * ow) * size;
              for (let i = 0; i < now; i++) {
                const m = ms + 32 * <usize>((l * now + i) * rows), here = lanesOf<T>(table, i), line = <usize>ow * size;
                if (points == 6) fromSixPoints<T>(rows, m, pitchM, here, to, line, c > 0, tile);
                else fromEightPoints<T>(rows, m, pitchM, here, to, line, c > 0, tile);
              }
            }
          }
        }
      }
    }
  }
}
