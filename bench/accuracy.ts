// Independent f64 evaluations, in plain loops, with which every result is compared before it is timed.

export type Numbers = Float64Array | Float32Array;

/** |got - wanted| at its largest, relative to the largest |wanted|; NaN anywhere gives Infinity. */
export function relativeError(got: ArrayLike<number>, wanted: ArrayLike<number>): number {
  if (got.length !== wanted.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let scale = 0;
  for (let i = 0; i < wanted.length; i++) {
    const d = Math.abs(got[i] - wanted[i]);
    if (Number.isNaN(d)) return Number.POSITIVE_INFINITY;
    if (d > difference) difference = d;
    const w = Math.abs(wanted[i]);
    if (w > scale) scale = w;
  }
  if (difference === 0) return 0;
  return scale > 0 ? difference / scale : Number.POSITIVE_INFINITY;
}

/** Multiply-adds that a check may spend: a product of two 256 × 256 matrices is compared entry by entry. */
const FULL_CHECK_LIMIT = 256 ** 3;

interface Product {
  m: number;
  n: number;
  k: number;
  /** Row-major m × k, k × n and m × n. */
  a: Numbers;
  b: Numbers;
  c: Numbers;
}

/**
 * Relative error of c = a b. Small products are compared entry by entry. Large ones are compared in as many whole
 * rows as the limit allows, the first and the last among them, and a check by Freivalds (c v against a (b v) for a
 * random v, all in f64) covers every other row: one wrong entry anywhere shows.
 */
export function productError(product: Product): number {
  const { m, n, k, c } = product;
  const rows = chooseRows(m, Math.max(2, Math.floor(FULL_CHECK_LIMIT / (n * k))));
  const wanted = new Float64Array(rows.length * n);
  const got = new Float64Array(rows.length * n);
  rows.forEach((i, at) => {
    rowOfProduct(product, i, wanted.subarray(at * n, (at + 1) * n));
    got.set(c.subarray(i * n, (i + 1) * n), at * n);
  });
  const error = relativeError(got, wanted);
  return rows.length === m ? error : Math.max(error, freivaldsError(product));
}

function chooseRows(m: number, count: number): number[] {
  if (count >= m) return Array.from({ length: m }, (_, i) => i);
  return Array.from({ length: count }, (_, i) => Math.round((i * (m - 1)) / (count - 1)));
}

function rowOfProduct({ n, k, a, b }: Product, i: number, out: Float64Array): void {
  for (let l = 0; l < k; l++) {
    const ail = a[i * k + l];
    for (let j = 0; j < n; j++) out[j] += ail * b[l * n + j];
  }
}

/** With v of random signs, c v - a b v sums n rounding errors per row: √n times the error of one entry. */
function freivaldsError({ m, n, k, a, b, c }: Product): number {
  const v = signs(n);
  const wanted = timesVector(a, m, k, timesVector(b, k, n, v));
  return relativeError(timesVector(c, m, n, v), wanted);
}

export function timesVector(a: Numbers, rows: number, columns: number, v: ArrayLike<number>): Float64Array {
  const out = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let s = 0;
    for (let j = 0; j < columns; j++) s += a[i * columns + j] * v[j];
    out[i] = s;
  }
  return out;
}

function signs(n: number): Float64Array {
  let state = 0x9e3779b9;
  return Float64Array.from({ length: n }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state < 0 ? -1 : 1;
  });
}

/**
 * The largest relative error a correct sum of k products may show: a random walk of k roundings relative to a sum
 * that itself grows as √k, with room of a factor of ten. A wrong entry is off by 0.1 and more.
 */
export function productTolerance(k: number, dtype: 'f64' | 'f32'): number {
  return (dtype === 'f64' ? 2 ** -53 : 2 ** -24) * (16 + 8 * Math.sqrt(k));
}
