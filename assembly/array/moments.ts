// Means, variances and distances from the mean of columns. A column is `count` pieces of `length` contiguous elements, `pitch` bytes
// apart. Everything is computed in f64: the mean, and then sums of the distances from it and of their squares (the corrected
// two-pass algorithm: Chan, Golub, LeVeque, American Statistician 37, 1983), so that equal elements have no distance at all.
// Columns of f64 whose squares leave the range are scaled by a power of two.

/** Elements of a sum in one go: a longer one adds up such parts. */
const BLOCK: i32 = 1024;
/** Columns side by side in one go. */
export const WIDTH: i32 = 256;

// What is known of a column: sums while they are made, then the centre c and a correction r of it, the sum of squares, the scale s,
// and a factor: the distance of x is (x s - c) - r.
// Each of these is an array for WIDTH columns; the address of a column is that of its sum.
const SUM: usize = 0, CENTRE: usize = 2048, REST: usize = 4096, SQUARES: usize = 6144, SCALE: usize = 8192;
export const FACTOR: usize = 10240;
// Of a block of rows.
const PART_REST: usize = 12288, PART_SQUARES: usize = 14336;
/** Rows of such a block. */
const ROWS: i32 = 128;
/** Bytes from one column to the next, and of all of them. */
export const COLUMN: usize = 8;
export const COLUMNS: usize = 16384;

/** Two elements as doubles. */
// @ts-ignore: decorator
@inline
function two<T>(x: usize): v128 {
  return sizeof<T>() == 8 ? v128.load(x) : f64x2.promote_low_f32x4(v128.load64_zero(x));
}

// @ts-ignore: decorator
@inline
function both(x: v128): f64 {
  return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1);
}

/** The sum of n contiguous elements. */
export function sumOf<T>(n: i32, x: usize): f64 {
  let sum: f64 = 0;
  while (n > 0) {
    const m = min(n, BLOCK);
    let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0;
    let i = 0;
    for (; i + 8 <= m; i += 8) {
      s0 = f64x2.add(s0, two<T>(x));
      s1 = f64x2.add(s1, two<T>(x + 2 * sizeof<T>()));
      s2 = f64x2.add(s2, two<T>(x + 4 * sizeof<T>()));
      s3 = f64x2.add(s3, two<T>(x + 6 * sizeof<T>()));
      x += 8 * sizeof<T>();
    }
    let part = both(f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3)));
    for (; i < m; i++) {
      part += <f64>load<T>(x);
      x += sizeof<T>();
    }
    sum += part;
    n -= m;
  }
  return sum;
}

/** Adds up the distances of n contiguous elements from the column's centre, and their squares. */
function addDistances<T>(n: i32, x: usize, column: usize): void {
  const centre = load<f64>(column, CENTRE), c = f64x2.splat(centre);
  let rest = load<f64>(column, REST), squares = load<f64>(column, SQUARES);
  while (n > 0) {
    const m = min(n, BLOCK);
    let s0 = f64x2.splat(0), s1 = s0, q0 = s0, q1 = s0;
    let i = 0;
    for (; i + 4 <= m; i += 4) {
      const d0 = f64x2.sub(two<T>(x), c), d1 = f64x2.sub(two<T>(x + 2 * sizeof<T>()), c);
      s0 = f64x2.add(s0, d0);
      s1 = f64x2.add(s1, d1);
      q0 = f64x2.add(q0, f64x2.mul(d0, d0));
      q1 = f64x2.add(q1, f64x2.mul(d1, d1));
      x += 4 * sizeof<T>();
    }
    let s = both(f64x2.add(s0, s1)), q = both(f64x2.add(q0, q1));
    for (; i < m; i++) {
      const d = <f64>load<T>(x) - centre;
      s += d;
      q += d * d;
      x += sizeof<T>();
    }
    rest += s;
    squares += q;
    n -= m;
  }
  store<f64>(column, rest, REST);
  store<f64>(column, squares, SQUARES);
}

/** Sums of `width` columns of single elements, row by row. */
function sumRows<T>(count: i32, width: i32, x: usize, pitch: usize, columns: usize): void {
  for (let i = 0; i < count; i++) {
    let p = columns, q = x, k = 0;
    for (; k + 2 <= width; k += 2) {
      v128.store(p, f64x2.add(v128.load(p, SUM), two<T>(q)), SUM);
      p += 16;
      q += 2 * sizeof<T>();
    }
    if (k < width) store<f64>(p, load<f64>(p, SUM) + <f64>load<T>(q), SUM);
    x += pitch;
  }
}

/** Distances and squares of `width` columns of single elements, row by row. */
function addRows<T>(count: i32, width: i32, x: usize, pitch: usize, columns: usize): void {
  for (let i = 0; i < count; i++) {
    let p = columns, q = x, k = 0;
    for (; k + 2 <= width; k += 2) {
      const d = f64x2.sub(two<T>(q), v128.load(p, CENTRE));
      v128.store(p, f64x2.add(v128.load(p, PART_REST), d), PART_REST);
      v128.store(p, f64x2.add(v128.load(p, PART_SQUARES), f64x2.mul(d, d)), PART_SQUARES);
      p += 16;
      q += 2 * sizeof<T>();
    }
    if (k < width) {
      const d = <f64>load<T>(q) - load<f64>(p, CENTRE);
      store<f64>(p, load<f64>(p, PART_REST) + d, PART_REST);
      store<f64>(p, load<f64>(p, PART_SQUARES) + d * d, PART_SQUARES);
    }
    x += pitch;
  }
}

/** One column again, its elements times a power of two that brings the largest of them near 1. */
function rescale<T>(count: i32, length: i32, x: usize, pitch: usize, column: usize): void {
  const first = <f64>load<T>(x);
  let largest: f64 = 0, differs = false;
  for (let i = 0; i < count; i++) {
    const row = x + <usize>i * pitch;
    for (let j = 0; j < length; j++) {
      const v = <f64>load<T>(row + <usize>j * sizeof<T>());
      differs = differs || v != first;
      // NaN and infinity have no distance from anything: what was found stays.
      if (!(v - v == 0)) return;
      largest = max(largest, abs(v));
    }
  }
  if (!differs) {
    store<f64>(column, first, CENTRE);
    store<f64>(column, 0, REST);
    store<f64>(column, 0, SQUARES);
    return;
  }
  const exponent = <i32>(reinterpret<u64>(largest) >> 52);
  const s = reinterpret<f64>(<u64>max(2046 - exponent - 3, 3) << 52);
  let sum: f64 = 0, rest: f64 = 0, squares: f64 = 0;
  const n = <f64>count * <f64>length;
  for (let i = 0; i < count; i++) {
    const row = x + <usize>i * pitch;
    for (let j = 0; j < length; j++) sum += <f64>load<T>(row + <usize>j * sizeof<T>()) * s;
  }
  const c = sum / n;
  for (let i = 0; i < count; i++) {
    const row = x + <usize>i * pitch;
    for (let j = 0; j < length; j++) {
      const d = <f64>load<T>(row + <usize>j * sizeof<T>()) * s - c;
      rest += d;
      squares += d * d;
    }
  }
  store<f64>(column, c, CENTRE);
  store<f64>(column, rest / n, REST);
  store<f64>(column, max(0, squares - rest * (rest / n)), SQUARES);
  store<f64>(column, s, SCALE);
}

/** Centre, correction, sum of squares and scale of `width` columns side by side; one column if length > 1. */
export function moments<T>(count: i32, width: i32, length: i32, x: usize, pitch: usize, columns: usize): void {
  const bytes = <usize>width * COLUMN;
  memory.fill(columns + SUM, 0, bytes);
  memory.fill(columns + REST, 0, bytes);
  memory.fill(columns + SQUARES, 0, bytes);
  const n = <f64>count * <f64>length;
  if (length > 1) {
    let sum: f64 = 0;
    for (let i = 0; i < count; i++) sum += sumOf<T>(length, x + <usize>i * pitch);
    store<f64>(columns, sum / n, CENTRE);
    for (let i = 0; i < count; i++) addDistances<T>(length, x + <usize>i * pitch, columns);
  } else {
    sumRows<T>(count, width, x, pitch, columns);
    for (let k: usize = 0; k < <usize>width; k++) {
      const p = columns + k * COLUMN;
      store<f64>(p, load<f64>(p, SUM) / n, CENTRE);
    }
    for (let i = 0; i < count; i += ROWS) {
      memory.fill(columns + PART_REST, 0, bytes);
      memory.fill(columns + PART_SQUARES, 0, bytes);
      addRows<T>(min(ROWS, count - i), width, x + <usize>i * pitch, pitch, columns);
      for (let k: usize = 0; k < <usize>width; k++) {
        const p = columns + k * COLUMN;
        store<f64>(p, load<f64>(p, REST) + load<f64>(p, PART_REST), REST);
        store<f64>(p, load<f64>(p, SQUARES) + load<f64>(p, PART_SQUARES), SQUARES);
      }
    }
  }
  for (let k: usize = 0; k < <usize>width; k++) {
    const p = columns + k * COLUMN;
    const rest = load<f64>(p, REST), squares = load<f64>(p, SQUARES) - rest * (rest / n);
    store<f64>(p, rest / n, REST);
    store<f64>(p, max(0, squares), SQUARES);
    store<f64>(p, 1, SCALE);
    // Squares of f32 neither overflow nor vanish.
    if (sizeof<T>() == 8 && !(squares > 1e-270 && squares < 1e300)) rescale<T>(count, length, x + k * sizeof<T>(), pitch, p);
  }
}

/** The mean of a column. */
// @ts-ignore: decorator
@inline
export function meanOf(column: usize): f64 {
  return (load<f64>(column, CENTRE) + load<f64>(column, REST)) / load<f64>(column, SCALE);
}

/** The sum of squares of a column over `divisor`. */
// @ts-ignore: decorator
@inline
export function spreadOf(column: usize, divisor: f64): f64 {
  const s = load<f64>(column, SCALE);
  return load<f64>(column, SQUARES) / divisor / s / s;
}

/** (spread + epsilon)^-1/2 of a column of n elements, times its scale: the factor of its scaled distances is 1 over the scale of that. */
// @ts-ignore: decorator
@inline
export function factorOf(column: usize, n: f64, epsilon: f64): f64 {
  const s = load<f64>(column, SCALE);
  return 1.0 / sqrt<f64>(load<f64>(column, SQUARES) / n + epsilon * s * s);
}

// @ts-ignore: decorator
@inline
export function scaleOf(column: usize): f64 {
  return load<f64>(column, SCALE);
}

/** out := distances times the factor, over `length` contiguous elements of one column. */
function writePiece<T>(length: i32, out: usize, x: usize, column: usize): void {
  const c = load<f64>(column, CENTRE), r = load<f64>(column, REST), s = load<f64>(column, SCALE), f = load<f64>(column, FACTOR);
  const cs = f64x2.splat(c), rs = f64x2.splat(r), ss = f64x2.splat(s), fs = f64x2.splat(f);
  let j = 0;
  for (; j + 2 <= length; j += 2) {
    const y = f64x2.mul(f64x2.sub(f64x2.sub(f64x2.mul(two<T>(x), ss), cs), rs), fs);
    if (sizeof<T>() == 8) v128.store(out, y);
    else v128.store64_lane(out, f32x4.demote_f64x2_zero(y), 0);
    x += 2 * sizeof<T>();
    out += 2 * sizeof<T>();
  }
  if (j < length) store<T>(out, <T>((<f64>load<T>(x) * s - c - r) * f));
}

/** out := distances times the factor of their column. */
export function writeDistances<T>(
  count: i32, width: i32, length: i32, out: usize, x: usize, pitch: usize, columns: usize,
): void {
  for (let i = 0; i < count; i++) {
    if (length > 1) writePiece<T>(length, out, x, columns);
    else {
      let p = columns, q = x, to = out, k = 0;
      for (; k + 2 <= width; k += 2) {
        const d = f64x2.sub(f64x2.sub(f64x2.mul(two<T>(q), v128.load(p, SCALE)), v128.load(p, CENTRE)), v128.load(p, REST));
        const y = f64x2.mul(d, v128.load(p, FACTOR));
        if (sizeof<T>() == 8) v128.store(to, y);
        else v128.store64_lane(to, f32x4.demote_f64x2_zero(y), 0);
        p += 16;
        q += 2 * sizeof<T>();
        to += 2 * sizeof<T>();
      }
      if (k < width) {
        const d = <f64>load<T>(q) * load<f64>(p, SCALE) - load<f64>(p, CENTRE) - load<f64>(p, REST);
        store<T>(to, <T>(d * load<f64>(p, FACTOR)));
      }
    }
    x += pitch;
    out += pitch;
  }
}
