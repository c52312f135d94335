// How square matrices lie: rows of an even number of elements, padded with zeros, at a pitch that is no power of two, so that the
// entries of a column do not all fall into the same few sets of a cache.
import { roundUp } from '../simd/lanes';

/** Elements from one row of a d x d matrix to the next. */
// @ts-ignore: decorator
@inline
export function pitchOf(d: i32): i32 {
  return roundUp(d, 16) + 8;
}

/** Bytes of a d x d matrix. */
// @ts-ignore: decorator
@inline
export function matrixBytes(d: i32): usize {
  return <usize>d * <usize>pitchOf(d) * 8;
}

/** The address of row i. */
// @ts-ignore: decorator
@inline
export function rowOf(matrix: usize, pitch: i32, i: i32): usize {
  return matrix + <usize>i * <usize>pitch * 8;
}
