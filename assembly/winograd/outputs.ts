// Outputs, Aᵀ m: the products at all points, interpolated to four outputs of every tile, which are then turned from lanes into rows of y.
import { offset } from '../conv/panels';
import { lanes, madd } from '../simd/lanes';
import { transpose2x2 } from '../simd/transpose';
import { LANE, TILE } from './plan';

/** Whether the lanes of half a panel have all their columns, and `rows` rows. */
function areWhole<T>(rows: i32, table: usize): bool {
  for (let l = 0; l < lanes<T>(); l++) {
    if (load<i32>(table, 8) < TILE || load<i32>(table, 12) < rows) return false;
    table += 4 * LANE;
  }
  return true;
}

/** y (+)= the tiles of half a panel that have this row, as many columns as they have. `tiles`: 64 bytes. */
function putPart<T>(tiles: usize, table: usize, row: i32, y: usize, adds: bool): void {
  const size = sizeof<T>();
  for (let l = 0; l < lanes<T>(); l++) {
    if (row < load<i32>(table, 12)) {
      const p = y + offset(table, 1), bytes = load<u32>(table, 8) * <u32>size;
      if (bytes == TILE * size && !adds) {
        v128.store(p, v128.load(tiles));
        if (size == 8) v128.store(p, v128.load(tiles, 16), 16);
      } else {
        for (let j: usize = 0; j < bytes; j += size) {
          store<T>(p + j, adds ? <T>(load<T>(p + j) + load<T>(tiles + j)) : load<T>(tiles + j));
        }
      }
    }
    tiles += TILE * size;
    table += 4 * LANE;
  }
}

/** y (+)= four vectors, one for each output of a tile, of the lanes of half a panel. */
// @ts-ignore: decorator
@inline
function put<T>(
  v0: v128, v1: v128, v2: v128, v3: v128, whole: bool, table: usize, row: i32, y: usize, adds: bool, tiles: usize,
): void {
  if (sizeof<T>() == 8) {
    const a = y + offset(table, 1), b = y + offset(table, 1 + LANE);
    if (whole) {
      v128.store(a, v128.shuffle<f64>(v0, v1, 0, 2));
      v128.store(a, v128.shuffle<f64>(v2, v3, 0, 2), 16);
      v128.store(b, v128.shuffle<f64>(v0, v1, 1, 3));
      v128.store(b, v128.shuffle<f64>(v2, v3, 1, 3), 16);
      return;
    }
    transpose2x2(v0, v1, tiles, 32);
    transpose2x2(v2, v3, tiles + 16, 32);
  } else {
    const t0 = v128.shuffle<f32>(v0, v1, 0, 4, 1, 5), t1 = v128.shuffle<f32>(v0, v1, 2, 6, 3, 7);
    const t2 = v128.shuffle<f32>(v2, v3, 0, 4, 1, 5), t3 = v128.shuffle<f32>(v2, v3, 2, 6, 3, 7);
    let a = tiles, b = a + 16, c = b + 16, d = c + 16;
    if (whole) {
      a = y + offset(table, 1);
      b = y + offset(table, 1 + LANE);
      c = y + offset(table, 1 + 2 * LANE);
      d = y + offset(table, 1 + 3 * LANE);
    }
    v128.store(a, v128.shuffle<f64>(t0, t2, 0, 2));
    v128.store(b, v128.shuffle<f64>(t0, t2, 1, 3));
    v128.store(c, v128.shuffle<f64>(t1, t3, 0, 2));
    v128.store(d, v128.shuffle<f64>(t1, t3, 1, 3));
    if (whole) return;
  }
  putPart<T>(tiles, table, row, y, adds);
}

/** `rows` rows of a block of lanes from six points, `pitch` bytes apart; `line` bytes from one row of y to the next. */
export function fromSixPoints<T>(
  rows: i32, m: usize, pitch: usize, table: usize, y: usize, line: usize, adds: bool, tiles: usize,
): void {
  const a = v128.splat<T>(<T>0.75), b = v128.splat<T>(<T>1.5), a2 = v128.splat<T>(<T>0.5625), b2 = v128.splat<T>(<T>2.25);
  const a3 = v128.splat<T>(<T>0.421875), b3 = v128.splat<T>(<T>3.375);
  for (let half: usize = 0; half < 2; half++) {
    let p = m + 16 * half, to = y;
    const here = table + half * <usize>(4 * LANE * lanes<T>());
    const whole = !adds && areWhole<T>(rows, here);
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
        whole, here, r, to, adds, tiles,
      );
      p += 32;
      to += line;
    }
  }
}

/** The same from eight points. */
export function fromEightPoints<T>(
  rows: i32, m: usize, pitch: usize, table: usize, y: usize, line: usize, adds: bool, tiles: usize,
): void {
  const half = v128.splat<T>(<T>0.5), quarter = v128.splat<T>(<T>0.25), eighth = v128.splat<T>(<T>0.125);
  const two = v128.splat<T>(<T>2), four = v128.splat<T>(<T>4), eight = v128.splat<T>(<T>8);
  for (let h: usize = 0; h < 2; h++) {
    let p = m + 16 * h, to = y;
    const here = table + h * <usize>(4 * LANE * lanes<T>());
    const whole = !adds && areWhole<T>(rows, here);
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
        whole, here, r, to, adds, tiles,
      );
      p += 32;
      to += line;
    }
  }
}
