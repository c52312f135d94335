// Every length up to 130 and many larger, in both dtypes, against direct sums: errors relative to log₂(n) roundings.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fft, scope, tensor } from '#src/index.js';
import { EPSILON, seed } from '../support/check.js';
import { binsOf, bound, direct, distance, drawn, type Parts } from '../support/fft/direct.js';

const upTo = (n: number) => Array.from({ length: n }, (_, k) => k + 1);
const plain = ({ re, im }: fft.Complex): Parts => [re.toTypedArray(), im.toTypedArray()];
const conjugate = ([re, im]: Parts): Parts => [re, Array.from(im, (v) => -v)];

/** Of powers of the radices, products of them, squares and doubles of primes, primes around powers. */
const MORE = [
  [144, 180, 196, 210, 225, 240, 243, 245, 256, 315, 343, 375, 420, 480, 512, 625, 630, 729, 840, 1024],
  [121, 169, 289, 361, 11 * 13, 2 * 127, 2 * 131, 4 * 67, 3 * 101, 7 * 37, 257, 509, 521, 1023, 1031],
];

for (const dtype of ['f64', 'f32'] as const) {
  const eps = EPSILON[dtype];
  let worst = 0;
  /** Fails where got is further from want than a transform may be; notes the worst. */
  const close = (what: string, n: number, got: Parts, want: Parts) => {
    const error = distance(got, want) / eps / bound(n);
    worst = Math.max(worst, error);
    if (!(error <= 1)) throw new Error(`${what}, n = ${n} ${dtype}: ${error} bounds [SEED=${seed}]`);
  };

  test(`fft, ifft, rfft, irfft of every length, ${dtype}`, () => {
    for (const n of [...upTo(130), ...MORE.flat()])
      scope(() => {
        const m = Math.floor(n / 2) + 1;
        const [a, b] = [drawn(n, seed + n, dtype), drawn(n, seed + 7 * n + 1, dtype)];
        const [re, im] = [tensor(a, { dtype }), tensor(b, { dtype })];
        const want = direct([a, b]);
        close('fft', n, plain(fft.fft({ re, im })), want);
        const back = direct([a, b], 1).map((part) => part.map((v) => v / n)) as [number[], number[]];
        close('ifft', n, plain(fft.ifft({ re, im })), back);
        // The transform of real numbers is the part of this one that is conjugate to its own reversal.
        const real = want.map((part, k) => part.map((v, j) => (v + (1 - 2 * k) * part[(n - j) % n]) / 2));
        const half = real.map((part) => part.slice(0, m)) as [number[], number[]];
        const got = plain(fft.rfft(re));
        close('rfft', n, got, half);
        assert.is(got[1][0], 0);
        if (n % 2 === 0) assert.is(got[1][m - 1], 0);
        close('fft of real numbers', n, plain(fft.fft(re)), real as [number[], number[]]);
        close('ifft of real numbers', n, conjugate(plain(fft.ifft(re, { norm: 'forward' }))), real as [number[], number[]]); // biome-ignore format: short
        // Of n/2 + 1 entries that are no transform of real numbers: the ends' imaginary parts do not count.
        const z = { re: tensor(a.slice(0, m), { dtype }), im: tensor(b.slice(0, m), { dtype }) };
        const whole: [number[], number[]] = [[], []];
        for (let k = 0; k < n; k++) {
          whole[0].push(a[k < m ? k : n - k]);
          whole[1].push(k === 0 || 2 * k === n ? 0 : k < m ? b[k] : -b[n - k]);
        }
        const numbers = fft.irfft(z, { n }).toTypedArray();
        const [sums] = direct(whole, 1);
        close('irfft', n, [numbers, []], [sums.map((v) => v / n), []]);
      });
    if (process.env.VERBOSE) console.log(`\n  the worst error: ${worst.toFixed(2)} of the bound, ${dtype}`);
  });
}

/** Long ones: of one column as a matrix or in stages, and as convolutions; of several side by side never as a matrix. */
const LONG = [
  [1331, 2048, 2187, 2401, 2 * 1009, 3125, 4096, 8191, 8192, 10007, 16383, 16384, 16385, 16807, 17010],
  [3 * 2 ** 13, 5 * 3 ** 8, 2 * 8209, 3 * 2 ** 14, 2 ** 16, 65537, 10 ** 5, 210 ** 2, 2 * 7 ** 5, 131 ** 2],
  [2 ** 17, 2 ** 17 + 2 ** 14, 3 ** 11, 5 ** 7, 7 ** 6, 2 ** 3 * 16807, 17 * 2 ** 13],
];

for (const dtype of ['f64', 'f32'] as const)
  test(`long transforms, ${dtype}: some entries against sums, there and back`, () => {
    const eps = EPSILON[dtype];
    for (const n of LONG.flat())
      scope(() => {
        const [a, b] = [drawn(n, seed + n, dtype), drawn(n, seed + n + 1, dtype)];
        const [re, im] = [tensor(a, { dtype }), tensor(b, { dtype })];
        const bins = [0, 1, n - 1, (seed * 31) % n, (seed * 17) % (Math.floor(n / 2) + 1)];
        const zero = new Float64Array(n);
        const y = fft.fft({ re, im });
        const r = fft.rfft(re);
        const check = (what: string, got: Parts, want: Parts, size: number) => {
          // Entries of a transform of numbers of this size; each may be smaller than the others.
          const error = Math.max(...[0, 1].map((p) => Math.max(...Array.from(want[p], (v, i) => Math.abs(got[p][i] - v))))); // biome-ignore format: short
          const limit = 3 * bound(n) * eps * size;
          if (!(error <= limit)) throw new Error(`${what}, n = ${n} ${dtype}: ${error} > ${limit} [SEED=${seed}]`); // biome-ignore format: short
        };
        const pick = (z: fft.Complex, at: number[]): Parts => {
          const [p, q] = plain(z);
          return [at.map((k) => p[k]), at.map((k) => q[k])];
        };
        const low = bins.filter((k) => 2 * k <= n);
        check('fft', pick(y, bins), binsOf([a, b], bins), Math.sqrt(n));
        check('rfft', pick(r, low), binsOf([a, zero], low), Math.sqrt(n));
        const back = distance(plain(fft.ifft(y)), [a, b]);
        const again = distance([fft.irfft(r, { n }).toTypedArray(), []], [a, []]);
        for (const error of [back, again])
          if (!(error <= 2 * bound(n) * eps)) throw new Error(`and back, n = ${n} ${dtype}: ${error / eps} eps [SEED=${seed}]`); // biome-ignore format: short
      });
  });

test.run();
