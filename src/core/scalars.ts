// Functions of single numbers whose bits are the same in every engine. Of Math only +, -, *, /, sqrt, rounding and comparison are: the
// bits of its other functions, and of `**`, differ between engines and their versions. A rule of the linter forbids those in src.

/** A double and its two words, the low one first. */
const cell = /* @__PURE__ */ (() => {
  const double = new Float64Array(1);
  return { double, words: new Uint32Array(double.buffer) };
})();

/** ⌊log2 |x|⌋, exactly, also of subnormal numbers; -Infinity of 0, Infinity and NaN of themselves. */
export function exponentOf(x: number): number {
  const size = Math.abs(x);
  if (size === 0) return Number.NEGATIVE_INFINITY;
  if (!(size < Number.POSITIVE_INFINITY)) return size;
  if (size < 2 ** -1022) return exponentOf(size * 2 ** 52) - 52;
  cell.double[0] = size;
  return (cell.words[1] >>> 20) - 1023;
}

/** 2^k for a whole number k: 0 below the subnormal numbers, Infinity beyond the largest. */
export function powerOfTwo(k: number): number {
  if (k < -1074) return 0;
  if (k > 1023) return Number.POSITIVE_INFINITY;
  if (k < -1022) return powerOfTwo(k + 52) * 2 ** -52;
  cell.words[0] = 0;
  cell.words[1] = (k + 1023) << 20;
  return cell.double[0];
}

/** ⌈log2 x⌉ for x > 0, exactly. */
export function ceilLog2(x: number): number {
  const e = exponentOf(x);
  return Number.isFinite(e) && x > powerOfTwo(e) ? e + 1 : e;
}

/** The whole number nearest to log2 |x|. */
export function roundLog2(x: number): number {
  const e = exponentOf(x);
  return Number.isFinite(e) && Math.abs(x) / powerOfTwo(e) >= Math.SQRT2 ? e + 1 : e;
}

/** Whether |x| is a power of two. */
export function isPowerOfTwo(x: number): boolean {
  const e = exponentOf(x);
  return Number.isFinite(e) && Math.abs(x) === powerOfTwo(e);
}

/** Below and above these, squares may lose digits or overflow. */
const SMALL = 2 ** -400;
const LARGE = 2 ** 400;

/** √(Σ x²) without overflow or underflow; Infinity if any number is infinite, else NaN if any is NaN. */
export function lengthOf(numbers: ArrayLike<number>): number {
  let largest = 0;
  let sum = 0;
  for (let i = 0; i < numbers.length; i++) {
    const size = Math.abs(numbers[i]);
    if (size > largest) largest = size;
    sum += size * size;
  }
  if (largest === Number.POSITIVE_INFINITY) return largest;
  if (Number.isNaN(sum) || largest === 0 || (largest > SMALL && largest < LARGE)) return Math.sqrt(sum);
  const unit = powerOfTwo(exponentOf(largest));
  let scaled = 0;
  for (let i = 0; i < numbers.length; i++) {
    const x = numbers[i] / unit;
    scaled += x * x;
  }
  return unit * Math.sqrt(scaled);
}

/** √(Σ x²) of the arguments, as Math.hypot. */
export function hypot(...numbers: number[]): number {
  return lengthOf(numbers);
}

/** x². */
export const squared = (x: number): number => x * x;

/** x³. */
export const cubed = (x: number): number => x * x * x;
