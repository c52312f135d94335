// Outputs, Aᵀ m: the products at all points, interpolated to four outputs of every tile, which are then turned from lanes into rows of y.
import { offset } from '../conv/panels';
import { lanes, madd } from '../simd/lanes';
import { transpose2x2, transpose4x4 } from '../simd/transpose';
import { LANE, TILE } from './plan';

/** y (+)= four vectors, one for each output of a tile, of the lanes of half a panel; `tile`: 64 bytes. */
function put<T>(v0: v128, v1: v128, v2: v128, v3: v128, table: usize, row: i32, y: usize, adds: bool, tile: usize): void {
  const size = sizeof<T>(), pitch = TILE * size;
  if (size == 8) {
    transpose2x2(v0, v1, tile, pitch);
    transpose2x2(v2, v3, tile + 16, pitch);
  } else transpose4x4(v0, v1, v2, v3, tile, pitch);
  for (let l = 0; l < lanes<T>(); l++) {
    if (row < load<i32>(table, 12)) {
      const p = y + offset(table, 1), columns = load<i32>(table, 8);
      if (columns == TILE && !adds) {
        v128.store(p, v128.load(tile));
        if (size == 8) v128.store(p, v128.load(tile, 16), 16);
      } else {
        for (let j: usize = 0; j < <usize>columns * size; j += size) {
          store<T>(p + j, adds ? <T>(load<T>(p + j) + load<T>(tile + j)) : load<T>(tile + j));
        }
      }
    }
    tile += pitch;
    table += 4 * LANE;
  }
}

/** `rows` rows of a block of lanes from six points, `pitch` bytes apart; `line` bytes from one row of y to the next. */
export function fromSixPoints<T>(
  rows: i32, m: usize, pitch: usize, table: usize, y: usize, line: usize, adds: bool, tile: usize,
): void {
  const a = v128.splat<T>(<T>0.75), b = v128.splat<T>(<T>1.5), a2 = v128.splat<T>(<T>0.5625), b2 = v128.splat<T>(<T>2.25);
  const a3 = v128.splat<T>(<T>0.421875), b3 = v128.splat<T>(<T>3.375);
  for (let half: usize = 0; half < 2; half++) {
    let p = m + 16 * half, to = y;
    const here = table + half * <usize>(4 * LANE * lanes<T>());
    for (let r = 0; r < rows; r++) {
      let q = p + pitch;
      const m1 = v128.load(q), m2 = v128.load(q + pitch);
      q += 2 * pitch;
      const m3 = v128.load(q), m4 = v128.load(q + pitch);
      const ea = v128.add<T>(m1, m2), oa = v128.sub<T>(m1, m2), eb = v128.add<T>(m3, m4), ob = v128.sub<T>(m3, m4);
      put<T>(
        v128.add<T>(v128.load(p), v128.add<T>(ea, eb)),
        madd<T>(b, ob, v128.mul<T>(a, oa)),
        madd<T>(b2, eb, v128.mul<T>(a2, ea)),
        madd<T>(b3, ob, madd<T>(a3, oa, v128.load(q + 2 * pitch))),
        here, r, to, adds, tile,
      );
      p += 32;
      to += line;
    }
  }
}

/** The same from eight points. */
export function fromEightPoints<T>(
  rows: i32, m: usize, pitch: usize, table: usize, y: usize, line: usize, adds: bool, tile: usize,
): void {
  const half = v128.splat<T>(<T>0.5), quarter = v128.splat<T>(<T>0.25), eighth = v128.splat<T>(<T>0.125);
  const two = v128.splat<T>(<T>2), four = v128.splat<T>(<T>4), eight = v128.splat<T>(<T>8);
  for (let h: usize = 0; h < 2; h++) {
    let p = m + 16 * h, to = y;
    const here = table + h * <usize>(4 * LANE * lanes<T>());
    for (let r = 0; r < rows; r++) {
      let q = p + pitch;
      const m1 = v128.load(q), m2 = v128.load(q + pitch);
      q += 2 * pitch;
      const m3 = v128.load(q), m4 = v128.load(q + pitch);
      q += 2 * pitch;
      const m5 = v128.load(q), m6 = v128.load(q + pitch);
      const ea = v128.add<T>(m1, m2), oa = v128.sub<T>(m1, m2), eb = v128.add<T>(m3, m4), ob = v128.sub<T>(m3, m4);
      const ec = v128.add<T>(m5, m6), oc = v128.sub<T>(m5, m6);
      put<T>(
        v128.add<T>(v128.add<T>(v128.load(p), ea), v128.add<T>(eb, ec)),
        madd<T>(two, oc, madd<T>(half, oa, ob)),
        madd<T>(four, ec, madd<T>(quarter, ea, eb)),
        madd<T>(eight, oc, madd<T>(eighth, oa, v128.add<T>(ob, v128.load(q + 2 * pitch)))),
        here, r, to, adds, tile,
      );
      p += 32;
      to += line;
    }
  }
}
