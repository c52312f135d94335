// Operands that find the worst errors of elementwise functions of f32, and errors in units of the last place.

const scratch = new DataView(new ArrayBuffer(4));

/** The f32 of these bits. */
function fromBits(bits: number): number {
  scratch.setUint32(0, bits >>> 0);
  return scratch.getFloat32(0);
}

/** Whole numbers from 0 to 2^32 - 1 from a seed (mulberry32). */
function words(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
}

const drawn = new Map<string, Float32Array>();

/** Values of any size, in the ranges where functions bend, and close to the points where they change: zeros, ends, poles. */
export function numbers(count: number, seed: number): Float32Array {
  const key = `${count} ${seed}`;
  const before = drawn.get(key);
  if (before) return before;
  const next = words(seed);
  const uniform = (low: number, high: number) => low + (next() / 2 ** 32) * (high - low);
  const points = [
    ...[
      0.34,
      0.5,
      0.54,
      0.87,
      1,
      2,
      4.1,
      9,
      14.2,
      14.6,
      17,
      20,
      88,
      88.72,
      87.33,
      103.97,
      200,
      1e-4,
      2 ** -13,
      2 ** -26,
    ],
    ...[
      Math.SQRT2,
      Math.SQRT1_2,
      Math.LN2,
      Math.LN2 / 2,
      0.752,
      1.278,
      Math.PI / 4,
      Math.PI,
      2 ** -126,
      2 ** 23,
      2 ** 24,
    ],
  ];
  const kinds = [
    () => fromBits(next()),
    () => uniform(-2, 2),
    () => uniform(-20, 20),
    () => uniform(-110, 110),
    () => uniform(-1, 1) * uniform(0, 1) ** 8,
    () => (next() & 1 ? 1 : -1) * (1 + uniform(-1, 1) * 2 ** -(next() % 24)),
    () =>
      Math.round(uniform(-1, 1) * 2 ** (next() % 16)) * (Math.PI / 2) * (1 + ((next() % 9) - 4) * 2 ** -24),
    () => (next() & 1 ? 1 : -1) * points[next() % points.length] * (1 + ((next() % 65) - 32) * 2 ** -24),
  ];
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = kinds[i % kinds.length]();
  drawn.set(key, values);
  return values;
}

const cell = new Float32Array(1);
const cellBits = new Int32Array(cell.buffer);

/** The unit in the last place of the f32 nearest to x. */
export function unit(x: number): number {
  cell[0] = x;
  const exponent = (cellBits[0] >>> 23) & 255;
  return 2 ** (Math.min(Math.max(exponent, 1), 254) - 150);
}

const END = 2 ** 128;

/** Infinities stand for the first number out of range. */
function inside(x: number): number {
  return x > END ? END : x < -END ? -END : x;
}

/** How many units `got` is from `want`, neither of which may be NaN alone. */
export function ulps(got: number, want: number, scale: number): number {
  if (got === want) return Object.is(got, want) || got !== 0 ? 0 : Infinity;
  if (Number.isNaN(got) && Number.isNaN(want)) return 0;
  if (Number.isNaN(got) || Number.isNaN(want)) return Infinity;
  return Math.abs(inside(got) - inside(want)) / scale;
}

/** The least number that is not subnormal. */
export const NORMAL = 2 ** -126;
const [NAN, INF, MOST, LEAST] = [NaN, Infinity, (2 - 2 ** -23) * 2 ** 127, 2 ** -149];

/** NaN, infinities, zeros, the ends of the range, subnormal numbers, and some between. */
export const SPECIAL: readonly number[] = [
  ...[
    NAN,
    INF,
    -INF,
    0,
    -0,
    1,
    -1,
    0.5,
    -2,
    3,
    MOST,
    -MOST,
    NORMAL,
    -NORMAL,
    LEAST,
    -LEAST,
    2 ** -127,
    -(2 ** -130),
  ],
  ...[-2.5, 2 ** 24, -(2 ** 24) + 1, 88.75, -104],
];
