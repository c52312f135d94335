// Numbers of 100 decimal digits behind the point, on BigInt: an oracle for functions of one variable and their divided differences.

const DIGITS = 100n;
const ONE = 10n ** DIGITS;
export type Decimal = bigint;

/** The exact value of a double, cut to 100 digits. */
export function decimal(x: number): Decimal {
  if (x === 0) return 0n;
  let [mantissa, exponent] = [x, 0];
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    exponent++;
  }
  return (BigInt(mantissa) * ONE) / 2n ** BigInt(exponent);
}

/** The nearest double, to within an ULP. */
export function double(x: Decimal): number {
  const negative = x < 0n;
  const text = (negative ? -x : x).toString().padStart(Number(DIGITS) + 1, '0');
  const value = Number(`${text.slice(0, -Number(DIGITS))}.${text.slice(-Number(DIGITS))}`);
  return negative ? -value : value;
}

export const times = (a: Decimal, b: Decimal): Decimal => (a * b) / ONE;
export const over = (a: Decimal, b: Decimal): Decimal => (a * ONE) / b;

export function decimalExp(x: Decimal): Decimal {
  const halvings = 20n;
  const small = x / 2n ** halvings;
  let [sum, term] = [ONE, ONE];
  for (let k = 1n; term !== 0n; k++) {
    term = times(term, small) / k;
    sum += term;
  }
  for (let i = 0n; i < halvings; i++) sum = times(sum, sum);
  return sum;
}

export function decimalLog(x: Decimal): Decimal {
  let y = decimal(Math.log(double(x)));
  // Halley's iteration triples the digits.
  for (let i = 0; i < 4; i++) {
    const e = decimalExp(y);
    y += over(2n * (x - e), x + e);
  }
  return y;
}

export function decimalSqrt(x: Decimal): Decimal {
  let y = decimal(Math.sqrt(double(x)));
  for (let i = 0; i < 5; i++) y = (y + over(x, y)) / 2n;
  return y;
}

/** f[x_0, …, x_k]; equal points are moved apart by 1e-30 of their size, which changes the result by about as much. */
export function decimalDifference(f: (x: Decimal) => Decimal, points: readonly number[]): number {
  const x = [...points].sort((a, b) => a - b).map(decimal);
  for (let i = 1; i < x.length; i++) {
    const step = (x[i] < 0n ? -x[i] : x[i]) / 10n ** 20n + ONE / 10n ** 26n;
    while (x[i] <= x[i - 1]) x[i] = x[i - 1] + step;
  }
  const table = x.map(f);
  for (let k = 1; k < x.length; k++)
    for (let i = 0; i + k < x.length; i++) table[i] = over(table[i + 1] - table[i], x[i + k] - x[i]);
  return double(table[0]);
}
