// Tiles of columns: packed, with rows beside each other that are filled up with zeros, and unpacked; on the way rows may change places and
// signs. Strides in elements.

/** Rows in which columns are copied at a time where those lie apart: what is read stays in the inner cache until it has been used up. */
const BLOCK: i32 = 16;

/** The row that row i goes to or comes from. */
// @ts-ignore: decorator
@inline
function placeOf(permutation: usize, i: i32): usize {
  return permutation == 0 ? <usize>i : <usize>load<i32>(permutation + (<usize>i << 2));
}

// @ts-ignore: decorator
@inline
function signOf<T>(permutation: usize, signs: usize, i: usize): T {
  return permutation == 0 ? <T>1 : <T>load<f64>(signs + (i << 3));
}

/** to[j] := sign from[j] for j < columns, with steps in bytes. */
// @ts-ignore: decorator
@inline
function copyRow<T>(columns: i32, sign: T, from: usize, stepFrom: usize, to: usize, stepTo: usize): void {
  if (stepFrom == sizeof<T>() && stepTo == sizeof<T>()) {
    const width = <usize>columns * sizeof<T>();
    let k: usize = 0;
    const signs = v128.splat<T>(sign);
    for (; k + 64 <= width; k += 64) {
      v128.store(to + k, v128.mul<T>(signs, v128.load(from + k)));
      v128.store(to + k, v128.mul<T>(signs, v128.load(from + k, 16)), 16);
      v128.store(to + k, v128.mul<T>(signs, v128.load(from + k, 32)), 32);
      v128.store(to + k, v128.mul<T>(signs, v128.load(from + k, 48)), 48);
    }
    for (; k < width; k += sizeof<T>()) store<T>(to + k, sign * load<T>(from + k));
    return;
  }
  for (let j = 0; j < columns; j++, from += stepFrom, to += stepTo) store<T>(to, sign * load<T>(from));
}

/** places[p(i)] := i for i < n. */
export function invertOrder(n: i32, permutation: usize, places: usize): void {
  for (let i = 0; i < n; i++) store<i32>(places + (placeOf(permutation, i) << 2), i);
}

/**
 * tile[p(i)][j] := signs[i] x[i][j] for i < n and j < columns, and 0 for the columns from there to `width`. With `places`, the inverse of p, rows of the
 * tile are written one after the other: whole rows that come from anywhere are read well ahead, and ones that go anywhere are waited for.
 */
export function packTile<T>(
  n: i32, columns: i32, x: usize, rs: i32, cs: i32, permutation: usize, places: usize, signs: usize, tile: usize, width: i32,
): void {
  const size = <usize>sizeof<T>(), line = <usize>width * size, step = <usize>cs * size;
  if (permutation == 0 && columns == width && rs == width && (cs == 1 || width == 1)) {
    memory.copy(tile, x, <usize>n * line);
    return;
  }
  if (columns < width) memory.fill(tile, 0, <usize>n * line);
  for (let first = 0; first < n; first += BLOCK) {
    const last = min(n, first + BLOCK);
    // A line of the cache at a time, where columns lie apart.
    const strip = cs == 1 ? columns : 64 / <i32>size;
    for (let j = 0; j < columns; j += strip) {
      for (let i = first; i < last; i++) {
        const row = placeOf(places, i), to = places == 0 ? placeOf(permutation, i) : <usize>i;
        const from = x + (row * <usize>rs + <usize>j * <usize>cs) * size;
        copyRow<T>(min(strip, columns - j), signOf<T>(permutation, signs, row), from, step, tile + to * line + <usize>j * size, size);
      }
    }
  }
}

/** y[i][j] := signs[i] tile[p(i)][j] for i < n and j < columns. */
export function unpackTile<T>(n: i32, columns: i32, tile: usize, width: i32, permutation: usize, signs: usize, y: usize, rs: i32, cs: i32): void {
  const size = <usize>sizeof<T>(), line = <usize>width * size, step = <usize>cs * size;
  for (let first = 0; first < n; first += BLOCK) {
    const last = min(n, first + BLOCK);
    const strip = cs == 1 ? columns : 64 / <i32>size;
    for (let j = 0; j < columns; j += strip) {
      for (let i = first; i < last; i++) {
        const to = y + (<usize>i * <usize>rs + <usize>j * <usize>cs) * size;
        copyRow<T>(min(strip, columns - j), signOf<T>(permutation, signs, <usize>i), tile + placeOf(permutation, i) * line + <usize>j * size, size, to, step);
      }
    }
  }
}
