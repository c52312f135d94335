// How a stage goes through its data, chosen when it is compiled: the element type T, and a type M for what lies side by side in a vector.
// Wide: elements that all take the same twiddle factors. Narrow: one element, in all lanes. Across: consecutive transforms, each with its own.
import { lanes } from '../simd/lanes';

export type Wide = u8;
export type Narrow = u16;
export type Across = u32;

// @ts-ignore: decorator
@inline
export function isAcross<M>(): bool {
  return sizeof<M>() == sizeof<Across>();
}

// @ts-ignore: decorator
@inline
export function isNarrow<M>(): bool {
  return sizeof<M>() == sizeof<Narrow>();
}

// @ts-ignore: decorator
@inline
export function get<T, M>(at: usize): v128 {
  return isNarrow<M>() ? v128.load_splat<T>(at) : v128.load(at);
}

/** A twiddle factor's part. */
// @ts-ignore: decorator
@inline
export function getFactor<T, M>(at: usize): v128 {
  return isAcross<M>() ? v128.load(at) : v128.load_splat<T>(at);
}

/** Stores a vector; across, its lanes `step` bytes apart. */
// @ts-ignore: decorator
@inline
export function put<T, M>(at: usize, step: usize, x: v128): void {
  if (isNarrow<M>()) {
    store<T>(at, v128.extract_lane<T>(x, 0));
  } else if (isAcross<M>()) {
    if (sizeof<T>() == 8) {
      v128.store64_lane(at, x, 0);
      v128.store64_lane(at + step, x, 1);
    } else {
      v128.store32_lane(at, x, 0);
      v128.store32_lane(at + step, x, 1);
      v128.store32_lane(at + 2 * step, x, 2);
      v128.store32_lane(at + 3 * step, x, 3);
    }
  } else {
    v128.store(at, x);
  }
}

/** Elements that a step takes. */
// @ts-ignore: decorator
@inline
export function stepOf<T, M>(): i32 {
  return isNarrow<M>() ? 1 : lanes<T>();
}
