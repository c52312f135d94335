// Numbers that the elementwise functions load; literals inside loops are slow.
export const LOG2E: usize = memory.data<f64>([1.4426950408889634], 8);
// log(2) in two parts; the first is a multiple of 2^-42, so that its products with exponents are exact.
export const LN2_HIGH: usize = memory.data<f64>([0.6931471805598903], 8);
export const LN2_LOW: usize = memory.data<f64>([5.497923018708371e-14], 8);
// 1.5 * 2^52: adding and subtracting it rounds to an integer, which then lies in the low bits.
export const ROUND: usize = memory.data<f64>([6755399441055744.0], 8);
export const ONE: usize = memory.data<f64>([1.0], 8);
export const TWO: usize = memory.data<f64>([2.0], 8);
export const HALF: usize = memory.data<f64>([0.5], 8);
export const QUARTER: usize = memory.data<f64>([0.25], 8);
export const EIGHTH: usize = memory.data<f64>([0.125], 8);
export const FIVE_EIGHTHS: usize = memory.data<f64>([0.625], 8);
export const FOUR: usize = memory.data<f64>([4.0], 8);
export const SIX: usize = memory.data<f64>([6.0], 8);
// Powers of e beyond +-MOST over- or underflow even times any double; 2^k then splits into two normal factors.
export const MOST: usize = memory.data<f64>([1400.0], 8);
export const LEAST: usize = memory.data<f64>([-1400.0], 8);
export const MOST_SHORT: usize = memory.data<f64>([200.0], 8);
export const LEAST_SHORT: usize = memory.data<f64>([-200.0], 8);
// ROUND - 1000: 2^-1000 is nothing beside e^r.
export const NEGLIGIBLE: usize = memory.data<f64>([6755399441054744.0], 8);
export const EXPM1_MOST: usize = memory.data<f64>([709.8], 8);
export const EXPM1_LEAST: usize = memory.data<f64>([-44.0], 8);
export const GELU_MOST: usize = memory.data<f64>([50.0], 8);
export const GELU_MOST_SHORT: usize = memory.data<f64>([18.0], 8);
// erf's derivative beyond them is 0.
export const ERF_MOST: usize = memory.data<f64>([35.0], 8);
export const ERF_MOST_SHORT: usize = memory.data<f64>([13.5], 8);
// 1 / sqrt(2 pi) and 2 / sqrt(pi).
export const NORMAL_DENSITY: usize = memory.data<f64>([0.3989422804014327], 8);
export const ROOT_PI: usize = memory.data<f64>([1.1283791670955126], 8);
// Where the series of e^x - 1 - x ends: below log(2) / 2.
export const SERIES_MOST: usize = memory.data<f64>([0.346], 8);
// Beside its square 1 is nothing.
export const LARGE_SQUARE: usize = memory.data<f64>([1e150], 8);
export const TINY: usize = memory.data<f64>([8.673617379884035e-19], 8);
export const MIN_NORMAL: usize = memory.data<f64>([2.2250738585072014e-308], 8);
export const TWO54: usize = memory.data<f64>([1.8014398509481984e16], 8);
export const FIFTY_FOUR: usize = memory.data<f64>([54.0], 8);
// 2^52 + 1024 and 2^52: a shifted exponent as a double.
export const EXPONENT_BIAS: usize = memory.data<f64>([4503599627371520.0], 8);
export const TWO52: usize = memory.data<f64>([4503599627370496.0], 8);
export const TWO_OVER_PI: usize = memory.data<f64>([0.6366197723675814], 8);
// pi / 2 in four parts, the first three of 33 bits.
export const PIO2_1: usize = memory.data<f64>([1.5707963267341256], 8);
export const PIO2_2: usize = memory.data<f64>([6.077100506303966e-11], 8);
export const PIO2_3: usize = memory.data<f64>([2.0222662487111665e-21], 8);
export const PIO2_4: usize = memory.data<f64>([8.4784276603689e-32], 8);
export const PIO2_23: usize = memory.data<f64>([6.077100506506192e-11], 8);
export const TRIG_MOST: usize = memory.data<f64>([1000000.0], 8);
// pi / 4 in two parts, the first of 50 bits: small multiples are exact.
export const PIO4_HIGH: usize = memory.data<f64>([0.7853981633974483], 8);
export const PIO4_LOW: usize = memory.data<f64>([3.061616997868383e-17], 8);
export const PIO2_HIGH: usize = memory.data<f64>([1.5707963267948966], 8);
export const PIO2_LOW: usize = memory.data<f64>([6.123233995736766e-17], 8);
export const ASIN_MIDDLE: usize = memory.data<f64>([0.55], 8);
export const TAN_PI8: usize = memory.data<f64>([0.41421356237309503], 8);
export const TAN_3PI8: usize = memory.data<f64>([2.414213562373095], 8);
export const LARGE: usize = memory.data<f64>([1e300], 8);
export const SMALL: usize = memory.data<f64>([1e-290], 8);
export const POW_MOST: usize = memory.data<f64>([1100.0], 8);
export const BIT0: usize = memory.data<u64>([0x1], 8);
export const BIT1: usize = memory.data<u64>([0x2], 8);
export const LOW52: usize = memory.data<u64>([0xFFFFFFFFFFFFF], 8);
// The bits of sqrt(1/2): mantissas are taken from there to twice that.
export const MIDDLE: usize = memory.data<u64>([0x3FE6A09E00000000], 8);
// 1024 * 2^52 less these bits.
export const TO_EXPONENT: usize = memory.data<u64>([0x195F6200000000], 8);
// All but the low 27 bits; all but the low 32.
export const HIGH26: usize = memory.data<u64>([0xFFFFFFFFF8000000], 8);
export const HIGH21: usize = memory.data<u64>([0xFFFFFFFF00000000], 8);
// Sign, exponent and two bits; the bit below.
export const HIGH_OCTAVE: usize = memory.data<u64>([0xFFFC000000000000], 8);
export const OCTAVE_MIDDLE: usize = memory.data<u64>([0x2000000000000], 8);
