// The lower triangle: its largest element, and a copy scaled by a power of two, so that squares neither overflow nor vanish.
import { lanes } from '../simd/lanes';

/** The largest |x_i| of n elements; NaN where there is one. */
function rowMaximum<T>(n: i32, x: usize): T {
  let best = v128.splat<T>(0), i = 0, m: T = 0;
  const w = lanes<T>();
  for (; i + w <= n; i += w) {
    best = v128.max<T>(best, v128.abs<T>(v128.load(x)));
    x += 16;
  }
  for (; i < n; i++) {
    m = max<T>(m, abs<T>(load<T>(x)));
    x += sizeof<T>();
  }
  if (sizeof<T>() == 8) return max<T>(m, <T>max<f64>(f64x2.extract_lane(best, 0), f64x2.extract_lane(best, 1)));
  return max<T>(m, <T>max<f32>(
    max<f32>(f32x4.extract_lane(best, 0), f32x4.extract_lane(best, 1)),
    max<f32>(f32x4.extract_lane(best, 2), f32x4.extract_lane(best, 3)),
  ));
}

/** The largest |a_ij| of the lower triangle; NaN where there is one. */
export function lowerMaximum<T>(n: i32, a: usize, lda: i32): T {
  let best: T = 0;
  for (let i = 0; i < n; i++) best = max<T>(best, rowMaximum<T>(i + 1, a + <usize>(i * lda) * sizeof<T>()));
  return best;
}

/** A power of two, itself and its inverse normal numbers, that brings `largest` to about 1 (if it can: not a subnormal one). */
export function scaleFor<T>(largest: T): T {
  const limit: T = sizeof<T>() == 8 ? <T>4.49423283715579e307 : <T>8.507059173023462e37;
  let scale: T = 1;
  if (largest == <T>0) return scale;
  while (scale < limit && largest * scale < <T>1) scale *= <T>2;
  while (largest * scale >= <T>2) scale *= <T>0.5;
  return scale;
}

/** out (n x n) := scale times the lower triangle of A; what lies above is left alone. */
export function copyScaled<T>(n: i32, a: usize, lda: i32, scale: T, out: usize): void {
  for (let i = 0; i < n; i++) copyRow<T>(i + 1, a + <usize>(i * lda) * sizeof<T>(), scale, out + <usize>(i * n) * sizeof<T>());
}

function copyRow<T>(n: i32, x: usize, scale: T, out: usize): void {
  const v = v128.splat<T>(scale);
  let i = 0;
  for (; i + lanes<T>() <= n; i += lanes<T>()) {
    v128.store(out, v128.mul<T>(v, v128.load(x)));
    x += 16;
    out += 16;
  }
  for (; i < n; i++) {
    store<T>(out, scale * load<T>(x));
    x += sizeof<T>();
    out += sizeof<T>();
  }
}

/** Position i n + j of the first NaN or Inf in the lower triangle; 0 if there is none. */
export function firstNotFinite<T>(n: i32, a: usize, lda: i32): i32 {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      if (!(abs<T>(load<T>(a + <usize>(i * lda + j) * sizeof<T>())) < <T>Infinity)) return i * n + j;
    }
  }
  return 0;
}
