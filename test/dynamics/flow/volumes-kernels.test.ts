// volumes_step_f64, volumes_tangent_f64, volumes_adjoint_f64 and their like in f32 on addresses: steps against the definition at every small size, derivatives against differences,
// the adjoint as the transpose entry by entry, what is not finite; in the bytes that they ask for.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { flow } from '#src/generated/flow.js';
import { drawing, seed } from '../../support/check.js';
import { distance, explicitStep, type Numbers } from '../../support/flow/definition.js';
import { type Blocks, doubles, floats, withBlocks } from '../../support/givens/blocks.js';

type Float = 'f64' | 'f32';
const { exports: kernels } = flow;
const ROUNDING = { f64: 2e-14, f32: 6e-6 };
const NUMBERS: Numbers = { dt: 0.05, viscosity: 0.03, damping: 0.2, amplitude: 0.7, wavenumber: 3 };

const drawn = (count: number, from: number): Float64Array => {
  const next = drawing(seed + from);
  return Float64Array.from({ length: count }, () => Math.fround(2 * next()));
};
const place = (dtype: Float, { f64, f32 }: Blocks, values: ArrayLike<number>) =>
  dtype === 'f64' ? f64(values) : f32(values);
const view = (dtype: Float, at: number, count: number) =>
  Float64Array.from((dtype === 'f64' ? doubles : floats)(at, count));

/** The numbers that kernels take. */
function scalars(n: number): readonly [number, number, number] {
  const { dt, viscosity, damping } = NUMBERS;
  const h = (2 * Math.PI) / n;
  return [dt / h, (dt * viscosity) / h ** 2, dt * damping];
}
const forceOf = (n: number): Float64Array => {
  const { dt, amplitude, wavenumber } = NUMBERS;
  return Float64Array.from({ length: n }, (_, j) => dt * amplitude * Math.sin((wavenumber * (j + 0.5) * 2 * Math.PI) / n)); // biome-ignore format: short
};

/** Runs a kernel on states and a second operand, or the force. */
function run(
  kind: 'step' | 'tangent' | 'adjoint',
  dtype: Float,
  n: number,
  x: ArrayLike<number>,
  other: ArrayLike<number>,
): Float64Array {
  let result = new Float64Array(0);
  withBlocks((blocks) => {
    const members = x.length / (2 * n * n);
    const [a, b, y] = [x, other, new Float64Array(x.length).fill(7)].map((v) => place(dtype, blocks, v));
    const work = blocks.take(kernels[`volumes_${dtype}_work`](n));
    if (kind === 'step') kernels[`volumes_step_${dtype}`](members, n, ...scalars(n), b, a, y, work);
    else kernels[`volumes_${kind}_${dtype}`](members, n, ...scalars(n), a, b, y, work);
    const stored = (values: ArrayLike<number>) =>
      Array.from(dtype === 'f64' ? values : Float32Array.from(values));
    assert.equal(Array.from(view(dtype, a, x.length)), stored(x), 'operands are only read');
    assert.equal(Array.from(view(dtype, b, other.length)), stored(other), 'operands are only read');
    result = view(dtype, y, x.length);
  });
  return result;
}

for (const dtype of ['f64', 'f32'] as const) {
  test(`volumes_step_${dtype}: the definition, at every size, for batches`, () => {
    for (let n = 1; n <= 13; n++)
      for (const members of [0, 1, 3]) {
        const size = 2 * n * n;
        const x = drawn(members * size, n);
        const y = run('step', dtype, n, x, forceOf(n));
        for (let k = 0; k < members; k++) {
          const want = explicitStep(x.subarray(k * size, (k + 1) * size), n, NUMBERS);
          const error = distance(y.subarray(k * size, (k + 1) * size), want);
          assert.ok(error <= ROUNDING[dtype], `n = ${n}, member ${k}: ${error} [SEED=${seed}]`);
        }
      }
  });

  test(`volumes_tangent_${dtype} and volumes_adjoint_${dtype}: one matrix and its transpose`, () => {
    for (const n of [1, 2, 3, 4, 5]) {
      const size = 2 * n * n;
      const x = drawn(size, 50 + n);
      const unit = (k: number) => new Float64Array(size).fill(0).with(k, 1);
      const columns = Array.from({ length: size }, (_, k) => run('tangent', dtype, n, x, unit(k)));
      const rows = Array.from({ length: size }, (_, k) => run('adjoint', dtype, n, x, unit(k)));
      const transposed = rows.map((_, k) => rows.map((row) => row[k]));
      const error = Math.max(...columns.map((column, k) => distance(column, transposed[k])));
      assert.ok(error <= ROUNDING[dtype], `n = ${n}: ${error} [SEED=${seed}]`);
    }
  });

  test(`volumes_${dtype}: what is not finite stays in its member, and spreads there`, () => {
    const n = 6;
    const size = 2 * n * n;
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const x = drawn(2 * size, 90);
      const clean = run('step', dtype, n, x, forceOf(n));
      x[9] = bad;
      const y = run('step', dtype, n, x, forceOf(n));
      assert.ok(Number.isNaN(y[9]) || !Number.isFinite(y[9]), 'the cell itself');
      assert.equal(y.subarray(size), clean.subarray(size), 'the other member');
      for (const kind of ['tangent', 'adjoint'] as const) {
        const z = run(kind, dtype, n, x, drawn(2 * size, 91));
        assert.ok(
          z.subarray(0, size).some((v) => !Number.isFinite(v)),
          kind,
        );
        assert.ok(z.subarray(size).every(Number.isFinite), kind);
      }
    }
  });

  test(`volumes_${dtype}: finite derivatives where nothing varies, and of very small and large numbers`, () => {
    const n = 5;
    const size = 2 * n * n;
    for (const scale of [0, 1, dtype === 'f64' ? 1e-160 : 1e-22, dtype === 'f64' ? 1e70 : 1e9]) {
      for (const x of [new Float64Array(size).fill(scale), drawn(size, 70).map((v) => v * scale)]) {
        for (const kind of ['tangent', 'adjoint'] as const) {
          const y = run(kind, dtype, n, x, drawn(size, 71));
          assert.ok(y.every(Number.isFinite), `${kind} at ${scale} [SEED=${seed}]`);
          assert.ok(y.some((v) => v !== 0));
        }
      }
    }
  });
}

test('volumes_tangent_f64: differences of the definition', () => {
  for (const n of [1, 2, 3, 5, 8]) {
    const size = 2 * n * n;
    const [x, v] = [drawn(size, 20 + n), drawn(size, 30 + n)];
    const y = run('tangent', 'f64', n, x, v);
    const at = (e: number) =>
      explicitStep(
        x.map((p, k) => p + e * v[k]),
        n,
        NUMBERS,
      );
    const e = 1e-6;
    const [up, down] = [at(e), at(-e)];
    // Where a limiter has a kink between the two points, one-sided differences lie on both sides.
    const middle = at(0);
    let kinks = 0;
    for (let k = 0; k < size; k++) {
      const [ahead, behind] = [(up[k] - middle[k]) / e, (middle[k] - down[k]) / e];
      if (Math.abs(ahead - behind) > 1e-3) kinks++;
      else assert.ok(Math.abs(y[k] - (ahead + behind) / 2) < 1e-7, `n = ${n}, ${k} [SEED=${seed}]`);
    }
    assert.ok(kinks <= size / 10, `${kinks} kinks of ${size}`);
  }
});

test.run();
