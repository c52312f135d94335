// Preconditioning by a covariance with eigenvalues far apart: the start of a minimisation is the x0 that was given, to rounding.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  assimilation,
  astype,
  type DType,
  div,
  dynamics,
  linalg,
  matmul,
  mul,
  random,
  reshape,
  scope,
  sqrt,
  type Tensor,
  tensor,
} from '#src/index.js';
import { seed } from '../support/check.js';

const { covariance, fourDVar } = assimilation;

/** Orthogonal columns, and eigenvalues from 100 down to `least`. */
function spectrum(m: number, least: number, dtype: DType): { Q: Tensor; values: Tensor } {
  const { q } = linalg.qr(random(seed).normal([m, m]));
  const values = tensor(Array.from({ length: m }, (_, i) => (i < m / 2 ? 100 : least)));
  return { Q: astype(q, dtype), values: astype(values, dtype) };
}

/** How far the start of a minimisation lies from x0. */
function moved(dtype: 'f32' | 'f64', C: assimilation.Covariance, m: number): number {
  const system = dynamics.system({ stateShape: [m], dtype, advance: (x) => mul(x, 0.5) });
  const observations = astype(random(seed + 1).normal([1, m]), dtype);
  const x0 = astype(random(seed + 2).normal([m]), dtype);
  const problem = { system, operator: assimilation.identity(), observations };
  const { x } = fourDVar(problem, x0, undefined, { precondition: C, maxIterations: 0, throws: false });
  const [a, b] = [x.data(), x0.data()];
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i])));
}

test('a dense covariance: L⁻¹ by one triangular system', () =>
  scope(() => {
    const m = 8;
    const { Q, values } = spectrum(m, 1e-10, 'f64');
    const C = covariance.dense(matmul(mul(Q, values), Q, { transposeB: true }));
    assert.ok(moved('f64', C, m) < 1e-13, `[SEED=${seed}]`);
  }));

test('functions in f32: with `inverseSqrt` the start is kept, from Lᵀ C⁻¹ it is not', () =>
  scope(() => {
    const m = 8;
    const { Q, values } = spectrum(m, 1e-6, 'f32');
    const by = (x: Tensor, f: (z: Tensor) => Tensor): Tensor =>
      reshape(matmul(f(matmul(reshape(x, [-1, m]), Q)), Q, { transposeB: true }), x.shape);
    const root = (x: Tensor) => by(x, (z) => mul(z, sqrt(values)));
    const parts = { sqrt: root, sqrtTranspose: root, solve: (x: Tensor) => by(x, (z) => div(z, values)) };
    const inverseSqrt = (x: Tensor) => by(x, (z) => div(z, sqrt(values)));
    const [with_, without] = [{ ...parts, inverseSqrt }, parts].map((functions) =>
      moved('f32', covariance.operators(functions), m),
    );
    assert.ok(with_ < 1e-2, `${with_} [SEED=${seed}]`);
    assert.ok(without > 10 * with_, `${with_}, ${without} [SEED=${seed}]`);
    // The same of an object with these methods.
    const own = { ...covariance.operators(parts), inverseSqrt };
    assert.ok(moved('f32', own, m) < 1e-2, `[SEED=${seed}]`);
  }));

test.run();
