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
function signOf<T>(permutation: usize, signs: usize, i: i32): T {
  return permutation == 0 ? <T>1 : <T>load<f64>(signs + (<usize>i << 3));
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

/** Row p(i) := signs[i] times row i, in place. `work`: a row, and n numbers in i32. */
function permuteRows<T>(n: i32, permutation: usize, signs: usize, tile: usize, width: i32, work: usize): void {
  const size = <usize>sizeof<T>(), line = <usize>width * size, places = work + line;
  for (let i = 0; i < n; i++) store<i32>(places + (placeOf(permutation, i) << 2), i);
  for (let first = 0; first < n; first++) {
    let to = first, from = load<i32>(places + (<usize>first << 2));
    if (from < 0) continue;
    // Around a cycle, each row from where it comes from; the first one has been written over by then.
    if (from != first) copyRow<T>(width, 1, tile + <usize>first * line, size, work, size);
    else if (signOf<T>(permutation, signs, from) == 1) continue;
    for (;;) {
      store<i32>(places + (<usize>to << 2), -1);
      const source = from == first && to != from ? work : tile + <usize>from * line;
      copyRow<T>(width, signOf<T>(permutation, signs, from), source, size, tile + <usize>to * line, size);
      if (from == first) break;
      to = from;
      from = load<i32>(places + (<usize>to << 2));
    }
  }
}

/** tile[p(i)][j] := signs[i] x[i][j] for i < n and j < columns, and 0 for the columns from there to `width`. `work`: as of permuteRows. */
export function packTile<T>(
  n: i32, columns: i32, x: usize, rs: i32, cs: i32, permutation: usize, signs: usize, tile: usize, width: i32, work: usize,
): void {
  const size = <usize>sizeof<T>(), line = <usize>width * size, step = <usize>cs * size;
  // Whole rows are put in order afterwards: copied one by one, rows of X would push those of the tile out of the cache.
  if (columns == width && rs == width && (width == 1 ? permutation == 0 : cs == 1)) {
    memory.copy(tile, x, <usize>n * line);
    if (permutation != 0) permuteRows<T>(n, permutation, signs, tile, width, work);
    return;
  }
  if (columns < width) memory.fill(tile, 0, <usize>n * line);
  for (let first = 0; first < n; first += BLOCK) {
    const last = min(n, first + BLOCK);
    // A line of the cache at a time, where columns lie apart.
    const strip = cs == 1 ? columns : 64 / <i32>size;
    for (let j = 0; j < columns; j += strip) {
      for (let i = first; i < last; i++) {
        const from = x + (<usize>i * <usize>rs + <usize>j * <usize>cs) * size;
        copyRow<T>(min(strip, columns - j), signOf<T>(permutation, signs, i), from, step, tile + placeOf(permutation, i) * line + <usize>j * size, size);
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
        copyRow<T>(min(strip, columns - j), signOf<T>(permutation, signs, i), tile + placeOf(permutation, i) * line + <usize>j * size, size, to, step);
      }
    }
  }
}
