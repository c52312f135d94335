// The small eigen solver of the rules: residuals, order, and what is not finite.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { eigenvaluesOf } from '#src/linalg/rules/small-eigen.js';
import { near, numbers, property } from '../support/check.js';
import { withSpectrum } from '../support/spectrum.js';

test('A V = V Λ and VᵀV = I, ascending, for any scale and repeated values', () =>
  property(
    fc.tuple(fc.integer({ min: 1, max: 9 }), fc.nat(1e6), fc.integer({ min: -300, max: 290 }), fc.boolean()),
    ([n, seed, power, repeats]) => {
      const scale = 2 ** power;
      const values = numbers(n, seed)
        .map((v) => scale * (repeats ? Math.round(2 * v) : v))
        .sort((a, b) => a - b);
      const a = Float64Array.from(withSpectrum(n, (i) => values[i]));
      const v = new Float64Array(n * n);
      const got = eigenvaluesOf(a.slice(), n, v);
      near(got, values, 1e-14 * n * scale, 'values');
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          let [product, dot] = [0, 0];
          for (let k = 0; k < n; k++) {
            product += a[i * n + k] * v[k * n + j];
            dot += v[k * n + i] * v[k * n + j];
          }
          near([product], [v[i * n + j] * got[j]], 1e-14 * n * scale, 'A V');
          near([dot], [i === j ? 1 : 0], 1e-14 * n, 'VᵀV');
        }
      }
    },
  ));

test('NaN and Infinity give NaN, nothing gives nothing', () => {
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const v = new Float64Array(4);
    assert.ok(eigenvaluesOf(Float64Array.of(1, bad, bad, 2), 2, v).every(Number.isNaN));
    assert.ok(v.every(Number.isNaN));
  }
  assert.equal(eigenvaluesOf(new Float64Array(0), 0), []);
});

test.run();
