// e^x for x <= 0, in every lane, within 1.5 ULP: what softmax and logsumexp need, where the largest exponent is 0.
// x = k ln 2 + r with |r| <= ln 2 / 2 (Cody and Waite, 1980), e^r by its Taylor polynomial, then two steps of scaling so that
// results below the normal range come out right. No multiply-add is fused, so that the module `array` is the same in both builds.

// 1/ln 2, the number that rounds to integers when it is added, and the lowest argument: e^that rounds to 0. ln 2 in two parts,
// of which the first has trailing zeros, so that k times it is exact. Then 1/j! for j from 2.
const F64 = memory.data<f64>([
  1.4426950408889634, 6755399441055744, -746, -0.693147180369123816490, -1.90821492927058770002e-10,
  0.5, 0.16666666666666666, 0.041666666666666664, 0.008333333333333333, 0.001388888888888889, 0.0001984126984126984,
  0.0000248015873015873, 0.0000027557319223985893, 2.755731922398589e-7, 2.505210838544172e-8, 2.08767569878681e-9,
  1.6059043836821613e-10,
], 16);
const F32 = memory.data<f32>([
  1.44269504, 12582912, -105, -0.693359375, 2.12194440e-4,
  0.5, 0.16666667, 0.041666668, 0.008333334, 0.0013888889, 0.0001984127,
], 16);

// @ts-ignore: decorator
@inline
function constant<T>(i: usize): v128 {
  return v128.load_splat<T>((sizeof<T>() == 8 ? F64 : F32) + i * sizeof<T>());
}

/** a b + c. */
// @ts-ignore: decorator
@inline
function madd<T>(a: v128, b: v128, c: v128): v128 {
  return v128.add<T>(v128.mul<T>(a, b), c);
}

/** a[i] + a[i + 1] r. */
// @ts-ignore: decorator
@inline
function pair<T>(i: usize, r: v128): v128 {
  return madd<T>(constant<T>(i + 1), r, constant<T>(i));
}

// @ts-ignore: decorator
@inline
export function exponential<T>(x: v128): v128 {
  // NaN stays: a maximum and every step after it spreads it.
  const bounded = v128.max<T>(x, constant<T>(2));
  const magic = constant<T>(1);
  const shifted = v128.add<T>(v128.mul<T>(bounded, constant<T>(0)), magic);
  const k = v128.sub<T>(shifted, magic);
  const r = v128.add<T>(
    v128.add<T>(bounded, v128.mul<T>(k, constant<T>(3))), v128.mul<T>(k, constant<T>(4)),
  );
  const r2 = v128.mul<T>(r, r), r4 = v128.mul<T>(r2, r2);
  let p: v128;
  if (sizeof<T>() == 8) {
    const low = madd<T>(pair<T>(7, r), r2, pair<T>(5, r));
    const middle = madd<T>(pair<T>(11, r), r2, pair<T>(9, r));
    const high = madd<T>(pair<T>(15, r), r2, pair<T>(13, r));
    p = madd<T>(madd<T>(high, r4, middle), r4, low);
  } else {
    p = madd<T>(pair<T>(9, r), r4, madd<T>(pair<T>(7, r), r2, pair<T>(5, r)));
  }
  const one = v128.splat<T>(1);
  const power = v128.add<T>(one, v128.add<T>(r, v128.mul<T>(r2, p)));
  // The sum has k in its lowest bits.
  if (sizeof<T>() == 8) {
    const n = i64x2.sub(shifted, magic), half = i64x2.shr_s(n, 1);
    const first = i64x2.shl(half, 52), second = i64x2.shl(i64x2.sub(n, half), 52);
    return v128.mul<T>(v128.mul<T>(power, i64x2.add(first, one)), i64x2.add(second, one));
  }
  const n = i32x4.sub(shifted, magic), half = i32x4.shr_s(n, 1);
  const first = i32x4.shl(half, 23), second = i32x4.shl(i32x4.sub(n, half), 23);
  return v128.mul<T>(v128.mul<T>(power, i32x4.add(first, one)), i32x4.add(second, one));
}

/** The same for one number: the same bits. */
// @ts-ignore: decorator
@inline
export function exponentialOf<T>(x: T): T {
  return v128.extract_lane<T>(exponential<T>(v128.splat<T>(x)), 0);
}
