// Numbers of other programs (test/fixtures/kolmogorov.json names them) after one interval at 64 x 64: of the same finite volumes, and of a spectral solution of twice the resolution.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { dynamics, mean, scope, square, stack, sum, type Tensor, tensor } from '#src/index.js';
import { near } from '../../support/check.js';

interface Mode {
  p: number;
  q: number;
  a: number;
  phase: number;
}
const golden = JSON.parse(
  readFileSync(new URL('../../../../test/fixtures/kolmogorov.json', import.meta.url), 'utf8'),
) as {
  n: number;
  dt: number;
  interval: number;
  modes: Mode[];
  velocity: { u: number[]; v: number[] };
  vorticity: number[];
  energy: { t0: number; t1: number };
  volumes: { u: number[] };
};

const { n } = golden;
const h = (2 * Math.PI) / n;
const sampled = (x: ArrayLike<number>, from = 0): number[] =>
  Array.from({ length: 64 }, (_, k) => x[from + (3 + 8 * Math.floor(k / 8)) * n + 5 + 8 * (k % 8)]);
/** A field of the modes at ((i + dx) h, (j + dy) h). */
const field = (f: (m: Mode, angle: number) => number, dx = 0, dy = 0): Tensor =>
  tensor(
    Array.from({ length: n * n }, (_, k) => {
      const [x, y] = [(Math.floor(k / n) + dx) * h, ((k % n) + dy) * h];
      return golden.modes.reduce((s, m) => s + f(m, m.p * x + m.q * y + m.phase), 0);
    }),
    { shape: [n, n] },
  );
const U = (m: Mode, angle: number) => -m.a * m.q * Math.sin(angle);
const V = (m: Mode, angle: number) => m.a * m.p * Math.sin(angle);
const W = (m: Mode, angle: number) => m.a * (m.p ** 2 + m.q ** 2) * Math.cos(angle);

test('the spectral form after an interval', () =>
  scope(() => {
    const flow = dynamics.kolmogorovFlow({ form: 'spectral' });
    assert.ok(Math.abs(flow.dt - golden.dt) < 1e-15 && Math.abs(flow.interval - golden.interval) < 1e-14);
    const x = field(W);
    const velocity = flow.velocity(x).data();
    near(sampled(velocity), golden.velocity.u, 1e-13, 'u');
    near(sampled(velocity, n * n), golden.velocity.v, 1e-13, 'v');
    const y = flow.advance(x);
    near(sampled(y.data()), golden.vorticity, 1e-5, 'vorticity');
    const energy = (w: Tensor) => mean(square(flow.velocity(w))).item();
    near([energy(x), energy(y)], [golden.energy.t0, golden.energy.t1], 1e-7, 'energy');
  }));

test('the finite volumes after an interval', () =>
  scope(() => {
    const flow = dynamics.kolmogorovFlow();
    const y = flow.advance(stack([field(U, 1, 0.5), field(V, 0.5, 1)], 0));
    near(sampled(y.data()), golden.volumes.u, 1e-11, 'u');
    // Of second order, and on corners one cell further on.
    const corners = flow.vorticity(y).data();
    const moved = Array.from({ length: n * n }, (_, k) => corners[((Math.floor(k / n) + n - 1) % n) * n + (((k % n) + n - 1) % n)]); // biome-ignore format: short
    near(sampled(moved), golden.vorticity, 0.4, 'vorticity');
    const rms = Math.sqrt(sampled(moved).reduce((s, v, k) => s + (v - golden.vorticity[k]) ** 2, 0) / 64);
    assert.ok(rms < 0.06, `${rms}`);
    assert.ok(Math.abs(sum(y).item()) < 1e-9);
  }));

test.run();
