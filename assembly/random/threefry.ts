// Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror, Shaw, SC 2011) of four counters side by side.

/** Each word turned to the left by r bits. */
// @ts-ignore: decorator
@inline
export function turn(x: v128, r: i32): v128 {
  if (r == 16) return i8x16.shuffle(x, x, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
  if (r == 24) return i8x16.shuffle(x, x, 1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12);
  return v128.or(i32x4.shl(x, r), i32x4.shr_u(x, 32 - r));
}

/** The low words of the counters c … c + 3. */
// @ts-ignore: decorator
@inline
export function lowWords(c: i64): v128 {
  return i32x4.add(i32x4.splat(<i32>c), i32x4(0, 1, 2, 3));
}

/** Their high words: one more where the low word has wrapped. */
// @ts-ignore: decorator
@inline
export function highWords(c: i64): v128 {
  return i32x4.sub(i32x4.splat(<i32>(c >> 32)), i32x4.lt_u(lowWords(c), i32x4.splat(<i32>c)));
}
