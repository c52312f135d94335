// Y := G_1 … G_N X or its transpose: columns of X in tiles that stay in the cache while a whole sequence passes over them. A rotation takes
// rows p and q to (c p + s q, c q - s p), two fused and two plain products a pair of numbers. What bounds a long sequence are the loads and
// stores of its rows, 16 bytes each: rotations with scaled rows, of half the products, are hardly faster (docs/benchmarks.md).
import { lanes, madd } from '../simd/lanes';
import { packTile, unpackTile } from './tile';

/** Rotations between two calls: a function of its own reaches the optimizing tier, a loop that never ends does not. */
const RUN: i32 = 512;

/** `count` rotations over rows of `vectors` vectors, a multiple of four. pairs: (p, q) in i32, turns: (c, s) in T; both go on by `step`. */
function turnTile<T>(count: i32, pairs: usize, turns: usize, step: isize, tile: usize, vectors: i32): void {
  const pitch = <usize>vectors << 4;
  for (let t = 0; t < count; t++) {
    let p = tile + <usize>load<i32>(pairs) * pitch, q = tile + <usize>load<i32>(pairs, 4) * pitch;
    const c = v128.load_splat<T>(turns), s = v128.load_splat<T>(turns, sizeof<T>());
    const minus = v128.neg<T>(s);
    for (const end = p + pitch; p < end; p += 64, q += 64) {
      const p0 = v128.load(p), q0 = v128.load(q), p1 = v128.load(p, 16), q1 = v128.load(q, 16);
      const p2 = v128.load(p, 32), q2 = v128.load(q, 32), p3 = v128.load(p, 48), q3 = v128.load(q, 48);
      v128.store(p, madd<T>(s, q0, v128.mul<T>(c, p0)));
      v128.store(q, madd<T>(minus, p0, v128.mul<T>(c, q0)));
      v128.store(p, madd<T>(s, q1, v128.mul<T>(c, p1)), 16);
      v128.store(q, madd<T>(minus, p1, v128.mul<T>(c, q1)), 16);
      v128.store(p, madd<T>(s, q2, v128.mul<T>(c, p2)), 32);
      v128.store(q, madd<T>(minus, p2, v128.mul<T>(c, q2)), 32);
      v128.store(p, madd<T>(s, q3, v128.mul<T>(c, p3)), 48);
      v128.store(q, madd<T>(minus, p3, v128.mul<T>(c, q3)), 48);
    }
    pairs += step * 8;
    turns += step * (2 * sizeof<T>());
  }
}

/** The same for a single column, by vectors too, so that a column has the same bits whatever lies beside it. */
function turnColumn<T>(count: i32, pairs: usize, turns: usize, step: isize, column: usize): void {
  for (let t = 0; t < count; t++) {
    const p = column + <usize>load<i32>(pairs) * sizeof<T>(), q = column + <usize>load<i32>(pairs, 4) * sizeof<T>();
    const c = v128.load_splat<T>(turns), s = v128.load_splat<T>(turns, sizeof<T>());
    const x = v128.load_splat<T>(p), y = v128.load_splat<T>(q);
    store<T>(p, v128.extract_lane<T>(madd<T>(s, y, v128.mul<T>(c, x)), 0));
    store<T>(q, v128.extract_lane<T>(madd<T>(v128.neg<T>(s), x, v128.mul<T>(c, y)), 0));
    pairs += step * 8;
    turns += step * (2 * sizeof<T>());
  }
}

/** All rotations over a tile of `width` columns. */
function turnRun<T>(count: i32, pairs: usize, turns: usize, backward: bool, tile: usize, width: i32): void {
  const step: isize = backward ? -1 : 1, first: i32 = backward ? count - 1 : 0;
  for (let t = 0; t < count; t += RUN) {
    const at = <isize>first + step * <isize>t, run = min(RUN, count - t);
    const pair = pairs + at * 8, turn = turns + at * (2 * <isize>sizeof<T>());
    if (width == 1) turnColumn<T>(run, pair, turn, step, tile);
    else turnTile<T>(run, pair, turn, step, tile, width / lanes<T>());
  }
}

/** Elements of a tile's row for m columns of n rows: what keeps it in half a megabyte, in whole cache lines. */
export function tileOf<T>(n: i32, m: i32): i32 {
  const line = 64 / <i32>sizeof<T>();
  if (m == 1) return 1;
  const fit = (<i32>(<i64>524288 / max<i64>(<i64>n * <i64>sizeof<T>(), 1)) / line) * line;
  return max(line, min(fit, ((m + line - 1) / line) * line));
}

// @ts-ignore: decorator
@inline
function tileBytes<T>(n: i32, m: i32): usize {
  return <usize>n * <usize>tileOf<T>(n, m) * sizeof<T>();
}

/** Bytes of workspace: a tile, and what putting its rows in order takes. */
export function workOf<T>(n: i32, m: i32): usize {
  return tileBytes<T>(n, m) + <usize>tileOf<T>(n, m) * sizeof<T>() + (<usize>n << 2);
}

/**
 * Y := rotations of X, n x m with strides in elements, in the order of the list or, for `backward`, from its end. pairs: 2 i32 a rotation; turns:
 * (cos, sin), 2 T a rotation. With `permutation` (i32 [n], 0 for none) and `signs` (f64 [n]), backward: row k of X counts as row permutation[k], times
 * signs[k], and else row k of Y is such a row of the result. Y may be X. `work`: workOf(n, m) bytes.
 */
export function applyTurns<T>(
  n: i32, m: i32, count: i32, pairs: usize, turns: usize, backward: bool, permutation: usize, signs: usize,
  x: usize, rsx: i32, csx: i32, y: usize, rsy: i32, csy: i32, work: usize,
): void {
  const size = <isize>sizeof<T>(), width = tileOf<T>(n, m);
  // Rows of Y that lie as those of a single tile are turned where they are.
  const isWhole = width == m && rsy == m && (m == 1 || csy == 1), inPlace = isWhole && (permutation == 0 || (backward && x != y));
  for (let j = 0; j < m; j += width) {
    const columns = min(m - j, width);
    // A tile at the end may be narrower.
    const own = tileOf<T>(n, columns), tile = inPlace ? y : work;
    const from = x + <usize>j * <usize>csx * size, to = y + <usize>j * <usize>csy * size;
    if (tile != from) packTile<T>(n, columns, from, rsx, csx, backward ? permutation : 0, signs, tile, own, work + tileBytes<T>(n, m));
    turnRun<T>(count, pairs, turns, backward, tile, own);
    if (!inPlace) unpackTile<T>(n, columns, work, own, backward ? 0 : permutation, signs, to, rsy, csy);
  }
}
