// e^x and log x of single numbers, for the loops of solvers: within 1 ULP, with the same bits in every engine.
// Source: the methods and coefficients of fdlibm (Sun Microsystems, 1993), e_exp.c and e_log.c.

const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const SQRT_HALF_WORD = 0x3fe6a09e;

/** 2^k for k from -1075 to 1023. */
const POWERS = /* @__PURE__ */ (() => {
  const powers = new Float64Array(2099);
  powers[1075] = 1;
  for (let k = 1; k <= 1023; k++) powers[1075 + k] = powers[1074 + k] * 2;
  for (let k = 1; k <= 1075; k++) powers[1075 - k] = powers[1076 - k] / 2;
  return powers;
})();

const cell = /* @__PURE__ */ (() => {
  const double = new Float64Array(1);
  return { double, words: new Uint32Array(double.buffer) };
})();

/** e^x. */
export function exponential(x: number): number {
  if (x < -745.2) return 0;
  if (!(x <= 709.782712893384)) return x > 0 ? Number.POSITIVE_INFINITY : x;
  const k = Math.floor(x * Math.LOG2E + 0.5);
  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW;
  const r = high - low;
  const t = r * r;
  const c =
    r -
    t *
      (0.16666666666666602 +
        t *
          (-0.0027777777777015593 +
            t * (6.613756321437934e-5 + t * (-1.6533902205465252e-6 + t * 4.1381367970572385e-8))));
  const y = 1 - (low - (r * c) / (2 - c) - high);
  return k === 1024 ? y * 2 * POWERS[2098] : y * POWERS[k + 1075];
}

/** log x. */
export function logarithm(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.NEGATIVE_INFINITY : Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  let shift = 0;
  cell.double[0] = x;
  if (x < 2 ** -1022) {
    cell.double[0] = x * 2 ** 54;
    shift = -54;
  }
  const bits = cell.words[1] + (0x3ff00000 - SQRT_HALF_WORD);
  const k = (bits >>> 20) - 1023 + shift;
  cell.words[1] = (bits & 0x000fffff) + SQRT_HALF_WORD;
  const f = cell.double[0] - 1;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const half = 0.5 * f * f;
  const even = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  const odd =
    z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
  return s * (half + even + odd) + k * LN2_LOW - half + f + k * LN2_HIGH;
}
