// lorenz96_f64, lorenz96_tangent_f64, lorenz96_adjoint_f64 and their like in f32 on addresses: random windows against plain loops and differences of them; tapes and
// workspaces have the bytes that are asked for, and nothing else is written.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { lorenz96 } from '#src/generated/lorenz96.js';
import { EPSILON, near, numbers, property } from '../support/check.js';
import { drawnState, states } from '../support/dynamics/lorenz96.js';
import { doubles, floats, withBlocks } from '../support/givens/blocks.js';

const { exports: kernels } = lorenz96;

const window = fc.record({
  K: fc.integer({ min: 4, max: 21 }),
  inner: fc.integer({ min: 1, max: 3 }),
  intervals: fc.integer({ min: 0, max: 3 }),
  batch: fc.integer({ min: 0, max: 3 }),
  euler: fc.boolean(),
  all: fc.boolean(),
  taped: fc.boolean(),
  dtype: fc.constantFrom('f64' as const, 'f32' as const),
  seed: fc.integer({ min: 1, max: 1e6 }),
});
const [F, DT] = [8, 0.02];

test('windows, tangents and adjoints', () => {
  property(window, ({ K, inner, intervals, batch, euler, all, taped, dtype, seed }) =>
    withBlocks(({ take, f64, f32 }) => {
      const view = dtype === 'f64' ? doubles : floats;
      const place = (values: number[]) => (dtype === 'f64' ? f64 : f32)(values);
      const size = dtype === 'f64' ? 8 : 4;
      const steps = inner * intervals;
      const x = Array.from({ length: batch }, (_, i) => drawnState(K, seed + i)).flat();
      const rows = all ? intervals + 1 : 1;
      const count = batch * rows * K;
      const at = place(x);
      const given = Array.from(view(at, x.length));
      const tape = taped ? take(batch * kernels[`lorenz96_tape_${dtype}_work`](K, steps, euler as never)) : 0;
      const work = take(kernels[`lorenz96_${dtype}_work`](K));
      const head = [batch, K, F, DT, inner, intervals, euler] as const;
      const out = take(size * count);
      kernels[`lorenz96_${dtype}`](...(head as never as Head), at, out, all as never, tape, work);
      const model = { K, F, dt: DT, euler };
      const of = (list: number[]) =>
        Array.from({ length: batch }, (_, i) => {
          const whole = states(list.slice(i * K, i * K + K), model, inner, intervals);
          return all ? whole : whole.slice(-K);
        }).flat();
      near(view(out, count), of(given), 2000 * EPSILON[dtype], 'states');

      const v = numbers(x.length, seed + 5);
      const along = place(v);
      const tangent = take(size * count);
      kernels[`lorenz96_tangent_${dtype}`](
        ...(head as never as Head),
        at,
        along,
        tangent,
        all as never,
        work,
      );
      const h = 1e-5;
      const [up, down] = [h, -h].map((e) => of(given.map((s, i) => s + e * v[i])));
      const slopes = up.map((s, i) => (s - down[i]) / (2 * h));
      near(view(tangent, count), slopes, dtype === 'f64' ? 1e-8 : 3e-5, 'tangent');

      const ct = numbers(count, seed + 6);
      const bytes = kernels[`lorenz96_adjoint_${dtype}_work`](K, steps, euler as never, taped as never);
      const pulled = take(size * x.length);
      kernels[`lorenz96_adjoint_${dtype}`](
        ...(head as never as Head),
        ...([at, tape, place(ct), all as never, pulled, take(bytes)] as const),
      );
      // Row by row <ct, J v> = <Jᵀ ct, v>; the tangent is right by now.
      const [jv, jt] = [view(tangent, count), view(pulled, x.length)];
      for (let i = 0; i < batch; i++) {
        let [a, b, total] = [0, 0, 0];
        for (let k = i * rows * K; k < (i + 1) * rows * K; k++) {
          a += ct[k] * jv[k];
          total += Math.abs(ct[k] * jv[k]);
        }
        for (let k = i * K; k < (i + 1) * K; k++) b += jt[k] * v[k];
        assert.ok(Math.abs(a - b) <= 200 * EPSILON[dtype] * total + 1e-300, `${a} ${b}`);
      }
      near(view(at, x.length), given, 0, 'x is as it was');
    }),
  );
});

type Head = [number, number, number, number, number, number, never];

test.run();
