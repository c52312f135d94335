// The spectral form against a sum over pairs of waves, at odd and even sizes; what it conserves; its rows and their derivatives.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { vorticityAdjointOp, vorticitySlopeOp, vorticityStageOp } from '#src/dynamics/flow/vorticity-rows.js';
import { compile, dynamics, fft, jvp, mul, random, scope, square, stack, sum, type Tensor, tensor, vjp } from '#src/index.js'; // biome-ignore format: short
import { apply } from '#src/ops/op.js';
import { near, seed } from '../../support/check.js';
import { checkDerivatives, inner } from '../../support/derivatives.js';
import { vorticityTendency } from '../../support/flow/definition.js';

const T = (shape: number[], from = 1) => random(seed + from).normal(shape);
const flow = (n: number, more: dynamics.KolmogorovFlowOptions = {}) =>
  dynamics.kolmogorovFlow({ form: 'spectral', n, wavenumber: 2, viscosity: 0.03, damping: 0.2, amplitude: 0.7, dt: 0.05, innerSteps: 3, ...more }); // biome-ignore format: short
const NUMBERS = { dt: 0.05, viscosity: 0.03, damping: 0.2, amplitude: 0.7, wavenumber: 2 };

for (const n of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12])
  test(`dω/dt and a step of RK4 with n = ${n}`, () =>
    scope(() => {
      const system = flow(n);
      const x = T([2, n, n], n);
      const rows = [x.data().slice(0, n * n), x.data().slice(n * n)];
      const slope = (w: ArrayLike<number>) => vorticityTendency(w, n, NUMBERS);
      const what = `[SEED=${seed}]`;
      near(system.tendency?.(x).data() ?? [], rows.flatMap((w) => [...slope(w)]), 1e-12, `tendency ${what}`); // biome-ignore format: short
      const moved = (w: ArrayLike<number>, k: ArrayLike<number>, by: number) => Array.from(w, (v, i) => v + by * k[i]); // biome-ignore format: short
      const want = rows.flatMap((w) => {
        const { dt } = NUMBERS;
        const a = slope(w);
        const b = slope(moved(w, a, dt / 2));
        const c = slope(moved(w, b, dt / 2));
        const d = slope(moved(w, c, dt));
        return Array.from(w, (v, i) => v + (dt / 6) * (a[i] + 2 * b[i] + 2 * c[i] + d[i]));
      });
      near(system.step(x).data(), want, 1e-13 * 20, `step ${what}`);
      const apart = system.step(system.step(system.step(x)));
      near(system.advance(x).data(), apart.data(), 1e-13 * 20, `interval ${what}`);
    }));

test('forces with more waves than the grid shows are what the grid sees of them', () =>
  scope(() => {
    for (const n of [4, 5, 6])
      for (let wavenumber = 1; wavenumber <= 2 * n + 1; wavenumber++) {
        const x = T([n, n]);
        const want = vorticityTendency(x.data(), n, { ...NUMBERS, wavenumber });
        near(flow(n, { wavenumber }).tendency?.(x).data() ?? [], want, 1e-11, `${n}, ${wavenumber}`);
      }
  }));

test('the flux form is the advective form, -u ω_x - v ω_y with five transforms', () =>
  scope(() => {
    for (const n of [15, 16]) {
      const cut = Math.ceil(n / 3) - 1;
      const half = Math.floor(n / 2) + 1;
      const x = T([n, n]);
      const { re, im } = fft.rfft2(x);
      const plane = (f: (p: number, q: number) => number) =>
        tensor(
          Array.from({ length: n * half }, (_, k) => {
            const [i, q] = [Math.floor(k / half), k % half];
            const p = 2 * i < n ? i : i - n;
            return Math.abs(p) > cut || q > cut ? 0 : f(p, q);
          }),
          { shape: [n, half] },
        );
      // i f times the vorticity.
      const field = (f: (p: number, q: number) => number) => {
        const by = plane(f);
        return fft.irfft2({ re: mul(mul(by, im), -1), im: mul(by, re) }, { s: [n, n] }).data();
      };
      const k2 = (p: number, q: number) => Math.max(1, p * p + q * q);
      const [u, v] = [field((p, q) => q / k2(p, q)), field((p, q) => -p / k2(p, q))];
      const [wx, wy] = [field((p) => p), field((_, q) => q)];
      const product = fft.rfft2(tensor(Array.from(u, (a, k) => -a * wx[k] - v[k] * wy[k]), { shape: [n, n] })); // biome-ignore format: short
      const one = plane(() => 1);
      const want = fft.irfft2({ re: mul(one, product.re), im: mul(one, product.im) }, { s: [n, n] });
      const system = flow(n, { viscosity: 0, damping: 0, amplitude: 0 });
      near(system.tendency?.(x).data() ?? [], want.data(), 1e-13 * 20, `n = ${n} [SEED=${seed}]`);
    }
  }));

test('advection keeps energy, enstrophy and the mean', () =>
  scope(() => {
    for (const n of [15, 16]) {
      const none = { viscosity: 0, damping: 0, amplitude: 0 };
      const system = flow(n, { ...none, dt: 0.002, innerSteps: 5 });
      // Without waves beyond the cut, which would not move.
      const x = system.initial(random(seed));
      const low = system.advance(x);
      const slope = flow(n, none).tendency?.(low) as Tensor;
      const { size, value } = inner([low], [slope]);
      assert.ok(Math.abs(value) <= 1e-13 * size, `enstrophy [SEED=${seed}]`);
      const [velocity, change] = [system.velocity(low), system.velocity(slope)];
      const energy = inner([velocity], [change]);
      assert.ok(Math.abs(energy.value) <= 1e-12 * energy.size, `energy [SEED=${seed}]`);
      assert.ok(Math.abs(sum(slope).item()) <= 1e-9);
    }
  }));

test('velocity has the vorticity as its curl, and no divergence and no mean', () =>
  scope(() => {
    for (const n of [9, 12]) {
      const system = flow(n);
      const wave = (i: number, j: number) => Math.cos((2 * Math.PI * (2 * i - j)) / n + 0.4);
      const x = tensor(Array.from({ length: n * n }, (_, k) => wave(Math.floor(k / n), k % n)), { shape: [n, n] }); // biome-ignore format: short
      // ω = cos(2x - y + c): ψ = -ω/5 with Δψ = ω; u = -∂ψ/∂y, v = ∂ψ/∂x.
      const sine = (i: number, j: number) => Math.sin((2 * Math.PI * (2 * i - j)) / n + 0.4);
      const cells = Array.from({ length: n * n }, (_, k) => sine(Math.floor(k / n), k % n));
      near(system.velocity(x).data(), [...cells.map((s) => s / 5), ...cells.map((s) => (2 * s) / 5)], 1e-14); // biome-ignore format: short
      near(system.vorticity(x).data(), x.data(), 0);
      near(system.velocity(stack([x, mul(x, 2)], 0)).data().slice(2 * n * n), mul(system.velocity(x), 2).data(), 1e-14); // biome-ignore format: short
    }
  }));

test('the rows: <u, J v> = <Jᵀ u, v> on planes of any numbers, and derivatives to second order', () => {
  for (const n of [1, 2, 3, 4, 5, 7, 8]) {
    const shape = [2, n, Math.floor(n / 2) + 1];
    const common = { n, cut: Math.ceil(n / 3) - 1, viscosity: 0.1, damping: 0.3, scale: 0.8 / n ** 2 };
    const stage = (base: Tensor, x: Tensor) => apply(vorticityStageOp, [base, x], { ...common, wave: 1 % shape[2], force: 2 }); // biome-ignore format: short
    scope(() => {
      const [base, x, v, u] = [1, 2, 3, 4].map((k) => T([3, ...shape], k));
      const f = (y: Tensor) => stage(base, y);
      const [there, again] = [inner([u], [jvp(f, [x], [v]).tangent]), inner(vjp(f, x).pullback(u), [v])];
      assert.ok(Math.abs(there.value - again.value) <= 1e-13 * (there.size + again.size), `n = ${n} [SEED=${seed}]`); // biome-ignore format: short
    });
    if (n > 5) continue;
    const [a, b] = [T(shape, 5), T(shape, 6)];
    checkDerivatives((p: Tensor, q: Tensor) => square(stage(p, q)), [a, b]);
    for (const op of [vorticitySlopeOp, vorticityAdjointOp])
      for (const linear of [true, false])
        checkDerivatives((p: Tensor, q: Tensor) => apply(op, [p, q], { ...common, advection: 1.5, linear }), [a, b]); // biome-ignore format: short
  }
});

test('laminar flow decays and is driven as the equation says', () =>
  scope(() => {
    // u = A sin(2y): dA/dt = amplitude - (damping + 4 viscosity) A; RK4 of a linear equation is known.
    const n = 9;
    const [system, rate] = [flow(n), -(0.2 + 4 * 0.03) * 0.05];
    const growth = 1 + rate + rate ** 2 / 2 + rate ** 3 / 6 + rate ** 4 / 24;
    const limit = 0.7 / (0.2 + 4 * 0.03);
    const state = (A: number) => Array.from({ length: n * n }, (_, k) => -2 * A * Math.cos((4 * Math.PI * (k % n)) / n)); // biome-ignore format: short
    const y = system.step(tensor(state(0.3), { shape: [n, n] }));
    near(y.data(), state(limit + (0.3 - limit) * growth), 1e-14);
  }));

test('plans and batches give the same, f32 is near', () =>
  scope(() => {
    const n = 10;
    const system = flow(n);
    const x = T([2, 3, n, n]);
    const want = system.advance(x).data();
    const plan = compile((y: Tensor) => system.advance(y));
    near(plan(x).data(), want, 1e-13);
    plan.dispose();
    const single = flow(n, { dtype: 'f32' }).advance(tensor(x.toTypedArray(), { shape: x.shape, dtype: 'f32' })); // biome-ignore format: short
    assert.is(single.dtype, 'f32');
    near(single.data(), want, 3e-5);
    const last = tensor(x.data().slice(-n * n), { shape: [n, n] });
    near(system.advance(last).data(), want.slice(-n * n), 0);
  }));

test.run();
