// Elementwise functions against values of 50 digits: errors in units of the last place, special values, every layout.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as kernels from '#src/kernels.js';
import { property } from '../support/check.js';
import { type Float, withRaw } from '../support/raw.js';

type Kernel = (ndim: number, meta: number, out: number, a: number, b?: number) => void;
type Lists = { x: string; y?: string; want: string; rest: string };

const golden: Record<Float, Record<string, Lists>> = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/math.json', import.meta.url), 'utf8'),
);
const NAMES = Object.keys(golden.f64);
const BINARY = ['pow', 'atan2'];
const BOUND = 2.5;

/** The function of n elements that lie `strides` elements apart. */
function run(
  name: string,
  dtype: Float,
  n: number,
  operands: ArrayLike<number>[],
  strides = [1, 1],
): number[] {
  const kernel = (kernels as unknown as Record<string, Kernel>)[`${name}_${dtype}`];
  const meta = kernels.alloc(20);
  let result: number[] = [];
  try {
    kernels.i32(meta, 5).set([n, strides[0], strides[1], 0, 0]);
    withRaw(dtype, (place) => {
      const [a, b] = operands.map((values) => place(values));
      const out = place(new Float64Array(n));
      kernel(1, meta, out.address, a.address, b?.address);
      result = Array.from(out.data);
    });
  } finally {
    kernels.free(meta);
  }
  return result;
}

function decoded(dtype: Float | 'i8', text: string): number[] {
  const { buffer } = Uint8Array.from(Buffer.from(text, 'base64'));
  const Type = { f64: Float64Array, f32: Float32Array, i8: Int8Array }[dtype];
  return Array.from(new Type(buffer));
}

const bits = new DataView(new ArrayBuffer(8));

/** The unit in the last place of x. */
function unit(dtype: Float, x: number): number {
  bits.setFloat64(0, x);
  const exponent = ((bits.getUint32(0) >>> 20) & 2047) - 1023;
  return dtype === 'f64' ? 2 ** Math.max(exponent - 52, -1074) : 2 ** Math.max(exponent - 23, -149);
}

/** How far `got` is from want + rest units; zeros and infinities must be as they are, or a last finite number away. */
function error(dtype: Float, got: number, want: number, rest: number): number {
  if (Object.is(got, want)) return Math.abs(rest);
  const most = dtype === 'f64' ? Number.MAX_VALUE : (2 - 2 ** -23) * 2 ** 127;
  const [g, w] = [got, want].map((x) => (Math.abs(x) === Infinity ? Math.sign(x) * most : x));
  if (g === w && want !== 0) return 1;
  return g === w ? Infinity : Math.abs((g - w) / unit(dtype, w) - rest);
}

for (const name of NAMES) {
  const worst: string[] = [];
  for (const dtype of ['f64', 'f32'] as const) {
    const lists = golden[dtype][name];
    const operands = [lists.x, ...(lists.y ? [lists.y] : [])].map((list) => decoded(dtype, list));
    const [want, rest] = [decoded(dtype, lists.want), decoded('i8', lists.rest)];
    test(`${name} in ${dtype}: at most ${BOUND} ULP`, () => {
      assert.ok(want.length >= 180);
      let most = 0;
      run(name, dtype, want.length, operands).forEach((got, i) => {
        const e = error(dtype, got, want[i], rest[i] / 100);
        if (!(e <= BOUND))
          throw new Error(`${name}(${operands.map((x) => x[i])}) is ${got}, want ${want[i]}: ${e} ULP`);
        most = Math.max(most, e);
      });
      worst.push(most.toFixed(2));
      if (process.env.VERBOSE && worst.length === 2) console.log(`| \`${name}\` | ${worst.join(' | ')} |`);
    });
  }
}

const [PI, INF] = [Math.PI, Infinity];
/** Arguments, then the result of C's math library (or the limit, where C has no such function). */
const SPECIAL: Record<string, number[][]> = {
  exp: [
    [0, 1],
    [-0, 1],
    [INF, INF],
    [-INF, 0],
  ],
  expm1: [
    [0, 0],
    [-0, -0],
    [INF, INF],
    [-INF, -1],
  ],
  log: [
    [1, 0],
    [0, -INF],
    [-0, -INF],
    [-1, NaN],
    [INF, INF],
    [-INF, NaN],
  ],
  log1p: [
    [0, 0],
    [-0, -0],
    [-1, -INF],
    [-2, NaN],
    [INF, INF],
    [-INF, NaN],
  ],
  sin: [
    [0, 0],
    [-0, -0],
    [INF, NaN],
    [-INF, NaN],
  ],
  cos: [
    [0, 1],
    [-0, 1],
    [INF, NaN],
    [-INF, NaN],
  ],
  tan: [
    [0, 0],
    [-0, -0],
    [INF, NaN],
    [-INF, NaN],
  ],
  asin: [
    [0, 0],
    [-0, -0],
    [1, PI / 2],
    [-1, -PI / 2],
    [2, NaN],
    [-INF, NaN],
  ],
  acos: [
    [1, 0],
    [0, PI / 2],
    [-0, PI / 2],
    [-1, PI],
    [2, NaN],
    [INF, NaN],
  ],
  atan: [
    [0, 0],
    [-0, -0],
    [1, PI / 4],
    [INF, PI / 2],
    [-INF, -PI / 2],
  ],
  sinh: [
    [0, 0],
    [-0, -0],
    [INF, INF],
    [-INF, -INF],
  ],
  cosh: [
    [0, 1],
    [-0, 1],
    [INF, INF],
    [-INF, INF],
  ],
  tanh: [
    [0, 0],
    [-0, -0],
    [INF, 1],
    [-INF, -1],
  ],
  erf: [
    [0, 0],
    [-0, -0],
    [INF, 1],
    [-INF, -1],
  ],
  sigmoid: [
    [0, 0.5],
    [-0, 0.5],
    [INF, 1],
    [-INF, 0],
  ],
  softplus: [
    [0, Math.LN2],
    [INF, INF],
    [-INF, 0],
  ],
  silu: [
    [0, 0],
    [-0, -0],
    [INF, INF],
    [-INF, -0],
  ],
  gelu: [
    [0, 0],
    [-0, -0],
    [INF, INF],
    [-INF, -0],
  ],
  elu: [
    [0, 0],
    [-0, -0],
    [INF, INF],
    [-INF, -1],
  ],
  rsqrt: [
    [4, 0.5],
    [0, INF],
    [-0, -INF],
    [-1, NaN],
    [INF, 0],
  ],
  pow: [
    [0, 3, 0],
    [-0, 3, -0],
    [-0, 2, 0],
    [0, -3, INF],
    [-0, -3, -INF],
    [-0, -2, INF],
    [0, 0.5, 0],
    [-0, 0.5, 0],
    [-0, -0.5, INF],
    [0, INF, 0],
    [0, -INF, INF],
    [NaN, 0, 1],
    [NaN, -0, 1],
    [1, NaN, 1],
    [1, INF, 1],
    [-1, INF, 1],
    [-1, -INF, 1],
    [NaN, 1, NaN],
    [2, NaN, NaN],
    [2, INF, INF],
    [2, -INF, 0],
    [0.5, INF, 0],
    [0.5, -INF, INF],
    [-2, INF, INF],
    [INF, 2, INF],
    [INF, -2, 0],
    [-INF, 3, -INF],
    [-INF, 2, INF],
    [-INF, -3, -0],
    [-INF, 0.5, INF],
    [-8, 1 / 3, NaN],
    [-2, 3, -8],
    [-2, 4, 16],
    [-2, -1, -0.5],
    [3, 5, 243],
    [10, 10, 1e10],
    [2, 2000, INF],
    [2, -2000, 0],
    [-2, 2001, -INF],
    [7, 0, 1],
    [INF, 0, 1],
    [1.5, 2, 2.25],
  ],
  atan2: [
    [0, 0, 0],
    [-0, 0, -0],
    [0, -0, PI],
    [-0, -0, -PI],
    [0, 1, 0],
    [-0, 1, -0],
    [0, -1, PI],
    [-0, -1, -PI],
    [1, 0, PI / 2],
    [-1, 0, -PI / 2],
    [1, -0, PI / 2],
    [INF, INF, PI / 4],
    [-INF, INF, -PI / 4],
    [INF, -INF, (3 * PI) / 4],
    [-INF, -INF, (-3 * PI) / 4],
    [1, INF, 0],
    [-1, INF, -0],
    [1, -INF, PI],
    [-1, -INF, -PI],
    [INF, 1, PI / 2],
    [-INF, -INF, (-3 * PI) / 4],
    [NaN, 1, NaN],
    [1, NaN, NaN],
    [INF, NaN, NaN],
    [1, 1, PI / 4],
  ],
}; // prettier-ignore

for (const name of NAMES) {
  const nan = BINARY.includes(name) ? [] : [[NaN, NaN]];
  for (const dtype of ['f64', 'f32'] as const) {
    test(`${name} in ${dtype}: special values`, () => {
      for (const row of [...SPECIAL[name], ...nan]) {
        const want = dtype === 'f32' ? Math.fround(row[row.length - 1]) : row[row.length - 1];
        const [got] = run(
          name,
          dtype,
          1,
          row.slice(0, -1).map((x) => [x]),
        ); // prettier-ignore
        if (!Object.is(got, want)) throw new Error(`${name}(${row.slice(0, -1)}) is ${got}, want ${want}`);
      }
    });
  }
}

test('the same bits wherever an element stands: in a vector, alone at the end, in a row with strides', () =>
  property(
    fc.record({
      name: fc.constantFrom(...NAMES),
      dtype: fc.constantFrom<Float>('f64', 'f32'),
      n: fc.integer({ min: 1, max: 11 }),
      strides: fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })),
      from: fc.nat(150),
    }),
    ({ name, dtype, n, strides, from }) => {
      const lists = golden[dtype][name];
      const operands = [lists.x, lists.y ?? lists.x].map((list) => {
        const all = decoded(dtype, list);
        const start = Math.min(from, all.length - 40);
        return all.slice(start, start + 40);
      });
      const got = run(name, dtype, n, operands, strides);
      for (let i = 0; i < n; i++) {
        const alone = operands.map((x, k) => [x[i * strides[k]]]);
        assert.is(got[i], run(name, dtype, 1, alone)[0], `${name} of ${alone}`);
      }
    },
    300,
  ));

test('a row longer than a piece, and rows of a matrix whose columns are walked', () => {
  const n = 9001;
  const x = Array.from({ length: n }, (_, i) => i / 1000 - 4);
  const long = run('exp', 'f64', n, [x]);
  for (const i of [0, 4095, 4096, 8191, 8192, 9000]) assert.is(long[i], run('exp', 'f64', 1, [[x[i]]])[0]);
  const meta = kernels.alloc(40);
  withRaw('f64', (place) => {
    const [a, out] = [place(x.slice(0, 15)), place(new Float64Array(15))];
    kernels.i32(meta, 10).set([5, 3, 1, 5, 0, 0, 0, 0, 0, 0]); // the transpose of 3 x 5
    kernels.exp_f64(2, meta, out.address, a.address);
    for (let i = 0; i < 5; i++) for (let j = 0; j < 3; j++) assert.is(out.data[3 * i + j], long[5 * j + i]);
  });
  kernels.free(meta);
});

test.run();
