// What is known of Fourier transforms: of deltas, constants, tones and Gaussians; Parseval, convolution, shifts, reversal, linearity.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fft, scope, tensor } from '#src/index.js';
import { EPSILON, near, property } from '../support/check.js';
import { bound, distance, drawn, type Parts, unit } from '../support/fft/direct.js';

const plain = ({ re, im }: fft.Complex): [Float64Array, Float64Array] => [re.toTypedArray(), im.toTypedArray()] as [Float64Array, Float64Array]; // biome-ignore format: short
const complex = ([re, im]: Parts): fft.Complex => ({ re: tensor(Float64Array.from(re)), im: tensor(Float64Array.from(im)) }); // biome-ignore format: short
const forward = (z: Parts) => scope(() => ({ y: plain(fft.fft(complex(z))) })).y;
const length = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.constantFrom(256, 343, 509, 630, 1000, 2048));
const problem = fc.record({ n: length, k: fc.nat(), seed: fc.integer({ min: 1, max: 1e6 }) });
const of = (n: number, f: (j: number) => number) => Float64Array.from({ length: n }, (_, j) => f(j));
/** Of how many roundings at most, relative in the Euclidean norm. */
const same = (got: Parts, want: Parts, n: number, times = 2) => {
  const error = distance(got, want);
  assert.ok(error <= times * bound(n) * EPSILON.f64, `n = ${n}: ${error / EPSILON.f64} eps`);
};

test('a delta gives a wave, a constant a delta, a wave a delta', () =>
  property(problem, ({ n, k: at }) => {
    const k = at % n;
    const zero = new Float64Array(n);
    const delta = of(n, (j) => (j === k ? 1 : 0));
    const wave = [of(n, (j) => unit((j * k) % n, n)[0]), of(n, (j) => unit((j * k) % n, n)[1])] as const;
    same(forward([delta, zero]), wave, n);
    same(forward([wave[0], wave[1].map((v) => -v)]), [delta.map((v) => n * v), zero], n);
    same(forward([zero.map(() => 1), zero]), [of(n, (j) => (j === 0 ? n : 0)), zero], n);
  }));

test('a cosine gives two entries, a Gaussian a Gaussian', () =>
  scope(() => {
    for (const n of [12, 25, 64, 97]) {
      const y = plain(fft.rfft(tensor(of(n, (j) => unit((3 * j) % n, n)[0]))));
      near(y[0], of(y[0].length, (k) => (k === 3 ? n / 2 : 0)), 1e-14 * n); // biome-ignore format: short
      near(y[1], new Float64Array(y[1].length), 1e-14 * n);
      // exp(-π t²) at steps of 1/√n, both as wide as each other: what it is beyond n/2 is less than rounding for n >= 64.
      if (n < 64) continue;
      const bell = of(n, (j) => Math.exp((-Math.PI * Math.min(j, n - j) ** 2) / n));
      same(forward([bell, new Float64Array(n)]), [bell.map((v) => v * Math.sqrt(n)), new Float64Array(n)], n);
    }
  }));

test("Parseval's theorem", () =>
  property(problem, ({ n, seed }) => {
    const z = [drawn(n, seed), drawn(n, seed + 1)] as const;
    const energy = (p: Parts) => Array.from(p[0], (v, j) => v * v + p[1][j] ** 2).reduce((s, v) => s + v, 0);
    const [a, b] = [energy(z), energy(forward(z)) / n];
    assert.ok(Math.abs(a - b) <= 1e-14 * a, `${n}: ${a} ${b}`);
  }));

test('the transform of a cyclic convolution is the product of transforms', () =>
  property(
    problem,
    ({ n, seed }) => {
      const [a, b] = [0, 2].map((s) => [drawn(n, seed + s), drawn(n, seed + s + 1)] as const);
      const times = (p: Parts, q: Parts) =>
        [
          of(n, (k) => p[0][k] * q[0][k] - p[1][k] * q[1][k]),
          of(n, (k) => p[0][k] * q[1][k] + p[1][k] * q[0][k]),
        ] as const;
      const c = [new Float64Array(n), new Float64Array(n)] as const;
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) {
          const at = (i + j) % n;
          c[0][at] += a[0][i] * b[0][j] - a[1][i] * b[1][j];
          c[1][at] += a[0][i] * b[1][j] + a[1][i] * b[0][j];
        }
      const got = scope(() => ({ y: plain(fft.ifft(complex(times(forward(a), forward(b))))) })).y;
      same(got, c, n, 6);
    },
    40,
  ));

test('a shift multiplies by a wave; a reversal reverses; a conjugate conjugates', () =>
  property(problem, ({ n, k: by, seed }) => {
    const z = [drawn(n, seed), drawn(n, seed + 1)] as const;
    const y = forward(z);
    const k = by % n;
    const turn = (j: number) => unit((j * k) % n, n);
    const shifted = forward([of(n, (j) => z[0][(j - k + n) % n]), of(n, (j) => z[1][(j - k + n) % n])]);
    same(shifted, [of(n, (j) => y[0][j] * turn(j)[0] - y[1][j] * turn(j)[1]), of(n, (j) => y[0][j] * turn(j)[1] + y[1][j] * turn(j)[0])], n); // biome-ignore format: short
    const back = (p: ArrayLike<number>) => of(n, (j) => p[(n - j) % n]);
    same(forward([back(z[0]), back(z[1])]), [back(y[0]), back(y[1])], n);
    same(forward([z[0], z[1].map((v) => -v)]), [back(y[0]), back(y[1]).map((v) => -v)], n);
  }));

test('sums and multiples; i times z turns its transform', () =>
  property(problem, ({ n, seed }) => {
    const [z, w] = [0, 2].map((s) => [drawn(n, seed + s), drawn(n, seed + s + 1)] as const);
    const [y, v] = [forward(z), forward(w)];
    const mix = (p: Parts, q: Parts) => [0, 1].map((s) => of(n, (j) => 3 * p[s][j] - 0.7 * q[s][j])) as unknown as Parts; // biome-ignore format: short
    same(forward(mix(z, w)), mix(y, v), n);
    assert.equal(
      forward([z[0].map((x) => 4 * x), z[1].map((x) => 4 * x)]),
      y.map((p) => p.map((x) => 4 * x)),
    );
    same(forward([z[1].map((x) => -x), z[0]]), [y[1].map((x) => -x), y[0]], n);
  }));

test.run();
