// Long vectors are handed over in pieces, so that the engine gets to replace a loop by its optimized form.
export const PIECE: i32 = 8192;

/** The address of element `at` of an array that may be absent (0). */
// @ts-ignore: decorator
@inline
export function part<T>(address: usize, at: i32): usize {
  return address == 0 ? 0 : address + <usize>at * sizeof<T>();
}
