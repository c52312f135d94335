// The numbers of a dtype next to a bound, so that draws stay inside a half-open interval.

/** The number of the dtype after x, on the side of `sign` (1: larger, -1: smaller); x itself belongs to the dtype. */
function after(x: number, sign: 1 | -1, dtype: 'f64' | 'f32'): number {
  if (x === 0) return sign * (dtype === 'f64' ? Number.MIN_VALUE : 2 ** -149);
  const away = x > 0 === sign > 0 ? 1 : -1;
  if (dtype === 'f32') {
    const value = Float32Array.of(x);
    new Int32Array(value.buffer)[0] += away;
    return value[0];
  }
  const value = Float64Array.of(x);
  new BigInt64Array(value.buffer)[0] += BigInt(away);
  return value[0];
}

/** The largest finite number of the dtype that is smaller than x. */
export function largestBelow(x: number, dtype: 'f64' | 'f32'): number {
  const rounded = dtype === 'f64' ? x : Math.fround(x);
  return rounded < x ? rounded : after(rounded, -1, dtype);
}

/** The smallest number of the dtype that is at least x. */
export function smallestFrom(x: number, dtype: 'f64' | 'f32'): number {
  const rounded = dtype === 'f64' ? x : Math.fround(x);
  return rounded >= x ? rounded : after(rounded, 1, dtype);
}
