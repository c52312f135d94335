// A times a power of two that brings its largest entry near 1, so that no square overflows or underflows; exact, and undone on s.
import { scal } from '../level1/axpy';

/** max |a_i|; Inf or NaN (anything not below Inf) where an entry is not finite. */
export function largestEntry<T>(count: usize, a: usize): T {
  const end = a + count * sizeof<T>(), vectorEnd = a + (count & ~(16 / sizeof<T>() - 1)) * sizeof<T>();
  // v128.max hands NaN on.
  let best = v128.splat<T>(0);
  for (; a < vectorEnd; a += 16) best = v128.max<T>(best, v128.abs<T>(v128.load(a)));
  let largest: T;
  if (sizeof<T>() == 8) largest = <T>max<f64>(f64x2.extract_lane(best, 0), f64x2.extract_lane(best, 1));
  else {
    const low = max<f32>(f32x4.extract_lane(best, 0), f32x4.extract_lane(best, 1));
    largest = <T>max<f32>(low, max<f32>(f32x4.extract_lane(best, 2), f32x4.extract_lane(best, 3)));
  }
  for (; a < end; a += sizeof<T>()) largest = max<T>(largest, abs<T>(load<T>(a)));
  return largest;
}

/** 2^-e for x = f 2^e, 1 <= f < 2; e is cut where the power or its inverse would not be a normal number; 1 for x = 0. */
export function powerOfTwo<T>(x: T): T {
  if (x == <T>0) return 1;
  if (sizeof<T>() == 8) {
    const exponent = <i64>((reinterpret<u64>(<f64>x) >> 52) & 0x7ff) - 1023;
    return <T>reinterpret<f64>((1023 - max<i64>(-1000, min<i64>(1000, exponent))) << 52);
  }
  const exponent = <i32>((reinterpret<u32>(<f32>x) >> 23) & 0xff) - 127;
  return <T>reinterpret<f32>((127 - max<i32>(-100, min<i32>(100, exponent))) << 23);
}

/** h := scale A, m x n, or scale Aᵀ with `transpose`; both row-major and contiguous. */
export function copyScaled<T>(m: i32, n: i32, a: usize, scale: T, transpose: bool, h: usize): void {
  const size = sizeof<T>();
  if (!transpose) {
    memory.copy(h, a, <usize>m * <usize>n * size);
    scal<T>(m * n, scale, h, 1);
    return;
  }
  for (let j0 = 0; j0 < n; j0 += 8) {
    const j1 = min(n, j0 + 8);
    for (let i = 0; i < m; i++) {
      for (let j = j0; j < j1; j++) {
        store<T>(h + <usize>(j * m + i) * size, scale * load<T>(a + <usize>(i * n + j) * size));
      }
    }
  }
}

/** x := factor x */
export function scaleTo<T>(n: i32, x: usize, factor: T): void {
  if (factor != <T>1) scal<T>(n, factor, x, 1);
}

/** The identity of n rows. */
export function setIdentity<T>(n: i32, x: usize): void {
  memory.fill(x, 0, <usize>n * <usize>n * sizeof<T>());
  for (let i = 0; i < n; i++) store<T>(x + <usize>(i * (n + 1)) * sizeof<T>(), 1);
}
