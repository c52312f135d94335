// Short rows are transformed several at a time: each has the bits that it has alone, and they are right.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fft, random, scope, slice, type Tensor } from '#src/index.js';
import { bitsOf, EPSILON, near, seed } from '../support/check.js';

const LENGTHS = [
  ...Array.from({ length: 36 }, (_, i) => i + 1),
  ...[45, 49, 64, 81, 100, 105, 128, 135, 192, 210, 243, 256, 257, 384, 500, 512, 514, 600],
];
const row = (y: Tensor, i: number) => slice(y, [i], [i + 1]);

for (const dtype of ['f64', 'f32'] as const)
  test(`a row among others and alone (${dtype})`, () => {
    for (const n of LENGTHS)
      for (const rows of n < 12 ? [7, 8, 16, 37] : [37])
        scope(() => {
          const x = random(seed + n).normal([rows, n], { dtype });
          const z = { re: x, im: random(seed + n + 1).normal([rows, n], { dtype }) };
          const [half, whole, back] = [fft.rfft(x), fft.fft(z), fft.ifft(z)];
          const real = fft.irfft(half, { n });
          const largest = Math.sqrt(n) * 8 * EPSILON[dtype] * Math.max(1, Math.log2(n));
          near(real.data(), x.data(), largest, `irfft of rfft, n = ${n}, seed ${seed}`);
          for (const i of [0, 3, 7, 15, 31, rows - 1].filter((k) => k < rows)) {
            const one = { re: row(z.re, i), im: row(z.im, i) };
            const alone = [
              fft.rfft(row(x, i)),
              fft.fft(one),
              fft.ifft(one),
              { re: fft.irfft({ re: row(half.re, i), im: row(half.im, i) }, { n }), im: one.im },
            ];
            [half, whole, back, { re: real, im: z.im }].forEach((all, k) => {
              assert.equal(bitsOf(row(all.re, i)), bitsOf(alone[k].re), `${k}, n = ${n}, row ${i}`);
              assert.equal(bitsOf(row(all.im, i)), bitsOf(alone[k].im), `${k}, n = ${n}, row ${i}`);
            });
          }
        });
  });

test.run();
