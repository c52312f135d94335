// Powers and cosines of numbers: those of Math, to a few roundings, by sums and products alone.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cosPi, power } from '#src/solve/powers.js';
import { near, property } from '../support/check.js';

test('whole powers, also of negative numbers; others by the kernel of pow', () => {
  property(
    fc.tuple(fc.double({ min: -2, max: 2, noNaN: true }), fc.nat({ max: 300 })),
    ([x, k]) => near([power(x, k)], [x ** k], 2e-16 * (k + 1) * Math.abs(x ** k)),
    300,
  );
  assert.equal([power(0, 0), power(3, 1), power(-2, 3), power(0.999, 1e6) > 0], [1, 3, -8, false]);
  assert.equal([power(4, 0.5), power(2, -1)], [2, 0.5]);
});

test('cosines of multiples of π, exact at whole and half ones', () => {
  property(
    fc.double({ min: -20, max: 20, noNaN: true }),
    (t) => near([cosPi(t)], [Math.cos(Math.PI * t)], 2e-15 * (1 + Math.abs(t))),
    500,
  );
  assert.equal([0, 1, 2, -3].map(cosPi), [1, -1, 1, -1]);
  near([cosPi(0.5), cosPi(1.5)], [0, 0], 1e-16);
  near([cosPi(1 / 3)], [0.5], 2e-16);
});

test.run();
