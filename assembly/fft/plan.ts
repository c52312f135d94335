// What a transform of n numbers needs to know: its radices and twiddle factors, or how it is made of others.
import { roundToLine } from '../simd/lanes';
import { root, rootIm, rootRe } from './roots';

/** Stages of radices 2, 3, 4, 5, 7; rows and columns of a matrix of n numbers, for large n; a convolution, for lengths with a large prime. */
export const STAGES: i32 = 0;
export const MATRIX: i32 = 1;
export const CONVOLUTION: i32 = 2;

/** From this length on a transform is made of those of a matrix's columns and rows, which stay in the cache. */
export const LARGE: i32 = 16384;

/** From this length on tiles are wider: they no longer stay in the cache, and single lines from all over the memory cost more than that. */
const HUGE: i32 = 524288;

/** Columns or rows of a matrix of n numbers that are transformed together: two lines of the cache, or four. */
// @ts-ignore: decorator
@inline
export function tileOf<T>(n: i32): i32 {
  return (n >= HUGE ? 256 : 128) / <i32>sizeof<T>();
}

/** Most stages: 2^32 has sixteen of radix four. */
const MOST: i32 = 32;

// @ts-ignore: decorator
@unmanaged
export class Plan {
  kind: i32;
  n: i32;
  /** Of stages: how many, and their radices behind the header. */
  count: i32;
  /** Of a matrix: rows and columns, n = rows · columns. */
  rows: i32;
  columns: i32;
  /** Of a matrix: exp(-2πi t/n) is coarse[t / fine] fine[t % fine]; behind both, exp(-2πi k c/n) for each row k and c < tileOf, in T. */
  fine: i32;
  /** Of stages: twiddle factors. Of a matrix: roots. Of a convolution: exp(-πi j²/n), and the transform of its conjugate, divided by the length. */
  table: usize;
  /** Of a matrix: plans for its columns and rows. Of a convolution: that of its length. */
  first: Plan;
  second: Plan;
}

const HEADER: usize = 64 + 4 * <usize>MOST;

// @ts-ignore: decorator
@inline
export function radixAt(plan: Plan, stage: i32): i32 {
  return load<i32>(changetype<usize>(plan) + 64 + (<usize>stage << 2));
}

/** What is left of n without factors 2, 3, 5 and 7. */
function rest(n: i32): i32 {
  while (n % 2 == 0) n /= 2;
  while (n % 3 == 0) n /= 3;
  while (n % 5 == 0) n /= 5;
  while (n % 7 == 0) n /= 7;
  return n;
}

/** Bytes of the twiddle factors of all stages. */
function twiddleBytes<T>(n: i32): usize {
  let bytes: usize = 0, m = n;
  while (m > 1) {
    const radix = radixOf(m);
    m /= radix;
    if (m > 1) bytes += 2 * <usize>(radix - 1) * <usize>m * sizeof<T>();
  }
  return roundToLine(bytes);
}

/** The radix of the first stage of n numbers: four as long as there is one, since the first has most to do for one column. */
function radixOf(n: i32): i32 {
  if (n % 4 == 0) return 4;
  if (n % 5 == 0) return 5;
  if (n % 3 == 0) return 3;
  return n % 7 == 0 ? 7 : 2;
}

/** The rows of the matrix for n numbers: the divisor next to √n from below. */
function rowsOf(n: i32): i32 {
  let rows = 1;
  for (let d = 1; <i64>d * <i64>d <= <i64>n; d++) if (n % d == 0) rows = d;
  return rows;
}

/** The length of the convolution for n numbers: at least 2 n - 1, of radices two to five. */
export function convolutionLength(n: i32): i32 {
  const least = 2 * n - 1;
  let power = 4;
  while (power < least) power *= 2;
  if (power < 16) return power;
  // 9, 10, 12, 15 sixteenths: lengths of radices 3 and 5 cost little more a point than powers of two.
  const unit = power >> 4;
  if (9 * unit >= least) return 9 * unit;
  if (10 * unit >= least) return 10 * unit;
  if (12 * unit >= least) return 12 * unit;
  return 15 * unit >= least ? 15 * unit : power;
}

/** Coarse and fine roots together are few. */
function fineOf(n: i32): i32 {
  let fine = 1;
  while (<i64>fine * <i64>fine < <i64>n) fine *= 2;
  return fine;
}

// @ts-ignore: decorator
@inline
function isMatrix(n: i32, single: bool): bool {
  return single && n >= LARGE && rowsOf(n) >= 16;
}

/** Bytes of coarse and fine roots, and of those for the first columns. */
function rootBytes<T>(n: i32): usize {
  const fine = fineOf(n);
  return roundToLine(16 * (<usize>fine + <usize>(n / fine) + 1)) + roundToLine(2 * <usize>rowsOf(n) * <usize>tileOf<T>(n) * sizeof<T>());
}

/** Bytes of a plan; `single`: for one column. */
export function planBytes<T>(n: i32, single: bool): usize {
  if (rest(n) > 1) {
    const length = convolutionLength(n);
    return HEADER + roundToLine(16 * <usize>n) + roundToLine(16 * <usize>length) + planBytes<f64>(length, single);
  }
  if (isMatrix(n, single)) {
    const rows = rowsOf(n);
    return HEADER + rootBytes<T>(n) + planBytes<T>(rows, false) + planBytes<T>(n / rows, false);
  }
  return HEADER + twiddleBytes<T>(n);
}

/** The leading terms of the bytes of a plan and of what it takes to finish it. */
export function leastBytes(n: i32): f64 {
  return rest(n) > 1 ? 48.0 * <f64>n : 0.0;
}

function writeStages<T>(plan: Plan): void {
  let m = plan.n, at = plan.table, count = 0;
  while (m > 1) {
    const radix = radixOf(m), n = m;
    store<i32>(changetype<usize>(plan) + 64 + (<usize>count << 2), radix);
    count++;
    m /= radix;
    if (m == 1) break;
    const half = <usize>(radix - 1) * <usize>m * sizeof<T>();
    for (let k = 1; k < radix; k++) {
      for (let p = 0; p < m; p++, at += sizeof<T>()) {
        root((<i64>k * <i64>p) % <i64>n, n);
        store<T>(at, <T>rootRe);
        store<T>(at + half, <T>rootIm);
      }
    }
    at += half;
  }
  plan.count = count;
}

function writeRoots<T>(plan: Plan): void {
  const n = plan.n, fine = plan.fine;
  let at = plan.table;
  for (let t = 0; t < fine; t++, at += 16) {
    root(t, n);
    store<f64>(at, rootRe);
    store<f64>(at, rootIm, 8);
  }
  for (let t: i64 = 0; t < <i64>n; t += fine, at += 16) {
    root(t, n);
    store<f64>(at, rootRe);
    store<f64>(at, rootIm, 8);
  }
  const width = tileOf<T>(n);
  at = factorsOf(plan);
  for (let k = 0; k < plan.rows; k++, at += 2 * <usize>width * sizeof<T>()) {
    for (let c = 0; c < width; c++) {
      root((<i64>k * <i64>c) % <i64>n, n);
      store<T>(at + <usize>c * sizeof<T>(), <T>rootRe);
      store<T>(at + <usize>(width + c) * sizeof<T>(), <T>rootIm);
    }
  }
}

/** Of a matrix: for each row the roots for tileOf columns, real parts and then imaginary ones. */
// @ts-ignore: decorator
@inline
export function factorsOf(plan: Plan): usize {
  return plan.table + roundToLine(16 * (<usize>plan.fine + <usize>(plan.n / plan.fine) + 1));
}

/** Of a convolution: the transform of its chirp, f64 real and imaginary parts. */
// @ts-ignore: decorator
@inline
export function chirpOf(plan: Plan): usize {
  return plan.table + roundToLine(16 * <usize>plan.n);
}

/** Writes a plan of n >= 1 numbers; of a convolution its chirp has to follow. */
export function writePlan<T>(address: usize, n: i32, single: bool): Plan {
  const plan = changetype<Plan>(address);
  memory.fill(address, 0, HEADER);
  plan.n = n;
  plan.table = address + HEADER;
  if (rest(n) > 1) {
    const length = convolutionLength(n);
    plan.kind = CONVOLUTION;
    plan.first = writePlan<f64>(chirpOf(plan) + roundToLine(16 * <usize>length), length, single);
    return plan;
  }
  if (isMatrix(n, single)) {
    plan.kind = MATRIX;
    plan.rows = rowsOf(n);
    plan.columns = n / plan.rows;
    plan.fine = fineOf(n);
    writeRoots<T>(plan);
    const first = plan.table + rootBytes<T>(n);
    plan.first = writePlan<T>(first, plan.rows, false);
    plan.second = writePlan<T>(first + planBytes<T>(plan.rows, false), plan.columns, false);
    return plan;
  }
  plan.kind = STAGES;
  writeStages<T>(plan);
  return plan;
}
