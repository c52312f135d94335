// Random initial velocities: no divergence, no mean, the largest speed, the spectrum, seeds, batches, dtypes, errors.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Generator } from '#src/core/random/generator.js';
import { ArgumentError, dynamics, fft, mean, random, reshape, ShapeError, scope } from '#src/index.js';
import { near, rejects, seed } from '../../support/check.js';

const { filteredVelocityField } = dynamics;

for (const [n, peakWavenumber] of [[2, 1], [3, 1], [4, 2], [5, 1.5], [16, 4], [31, 3], [64, 6]]) // biome-ignore format: short
  test(`n = ${n}, around ${peakWavenumber}`, () =>
    scope(() => {
      const batch = [2, 2];
      const x = filteredVelocityField(random(seed), { n, maxVelocity: 5, peakWavenumber, batch });
      assert.equal(x.shape, [2, 2, 2, n, n]);
      const d = x.data();
      for (let b = 0; b < 4; b++) {
        const at = (c: number, i: number, j: number) => d[((2 * b + c) * n + ((i + n) % n)) * n + ((j + n) % n)]; // biome-ignore format: short
        let [divergence, speed] = [0, 0];
        for (let i = 0; i < n; i++)
          for (let j = 0; j < n; j++) {
            divergence = Math.max(divergence, Math.abs(at(0, i, j) - at(0, i - 1, j) + at(1, i, j) - at(1, i, j - 1))); // biome-ignore format: short
            speed = Math.max(speed, Math.hypot(at(0, i, j), at(1, i, j)));
          }
        assert.ok(divergence < 1e-13, `${divergence} [SEED=${seed}]`);
        assert.ok(Math.abs(speed - 5) < 1e-14 * 5, `${speed} [SEED=${seed}]`);
      }
      near(mean(x, { axis: [3, 4] }).data(), new Array(8).fill(0), 1e-14);
      assert.not.equal(d[0], d[2 * n * n], 'members differ');
    }));

test('most of the energy lies around the wavenumber', () =>
  scope(() => {
    const n = 64;
    for (const peak of [3, 4, 8]) {
      const x = filteredVelocityField(random(seed), { n, peakWavenumber: peak, batch: [8] });
      const { re, im } = fft.rfft2(reshape(x, [16, n, n]));
      const [a, b] = [re.data(), im.data()];
      const shells = new Array<number>(64).fill(0);
      a.forEach((v, k) => {
        const [i, j] = [Math.floor(k / 33) % n, k % 33];
        const shell = Math.round(Math.hypot(Math.min(i, n - i), j));
        shells[shell] += (v * v + b[k] * b[k]) * (j === 0 || j === 32 ? 1 : 2);
      });
      const total = shells.reduce((s, v) => s + v);
      const centre = shells.reduce((s, v, k) => s + v * k, 0) / total;
      assert.ok(Math.abs(centre - peak) < 1.5, `${centre} for ${peak} [SEED=${seed}]`);
      const largest = shells.indexOf(Math.max(...shells));
      assert.ok(Math.abs(largest - peak) <= 0.35 * peak + 1, `the peak is ${largest} for ${peak} [SEED=${seed}]`); // biome-ignore format: short
    }
  }));

test('a seed gives one field, in both dtypes; the defaults', () =>
  scope(() => {
    const x = filteredVelocityField(random(3), { n: 12 });
    near(filteredVelocityField(random(3), { n: 12 }).data(), x.data(), 0);
    const single = filteredVelocityField(random(3), { n: 12, dtype: 'f32' });
    assert.is(single.dtype, 'f32');
    near(single.data(), x.data(), 1e-6);
    const standard = filteredVelocityField(random(1));
    assert.equal(standard.shape, [2, 64, 64]);
    const [u, v] = [standard.data().slice(0, 4096), standard.data().slice(4096)];
    assert.ok(Math.abs(Math.max(...u.map((a: number, k: number) => Math.hypot(a, v[k]))) - 7) < 1e-13);
    assert.equal(filteredVelocityField(random(1), { n: 4, batch: [0] }).shape, [0, 2, 4, 4]);
  }));

test('errors', () => {
  const of =
    (options: object, generator: unknown = random(1)) =>
    () =>
      filteredVelocityField(generator as Generator, options as object);
  for (const n of [1, 0, -2, 2.5, Number.NaN, '8', 1e9]) rejects(of({ n }), ArgumentError, /n must be/);
  for (const maxVelocity of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '7'])
    rejects(of({ maxVelocity }), ArgumentError, /maxVelocity/);
  for (const peakWavenumber of [0, 0.5, 33, Number.NaN, '4'])
    rejects(of({ peakWavenumber }), ArgumentError, /peakWavenumber/);
  rejects(of({ peak: 4 }), ArgumentError, /peak/);
  rejects(of({ dtype: 'i32' }), ArgumentError, /dtype/);
  rejects(of({ batch: [-1] }), ShapeError, /-1/);
  rejects(of({}, 5), ArgumentError, /generator/);
});

test.run();
