// What the iterative solvers share: memory that iterations do not add to, blocks against their columns, and broken operators.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  ConvergenceError,
  div,
  eye,
  matmul,
  memory,
  mul,
  scope,
  sub,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { cg } from '#src/linalg/iterative/cg.js';
import { gmres } from '#src/linalg/iterative/gmres.js';
import { lsmr } from '#src/linalg/iterative/lsmr.js';
import { minres } from '#src/linalg/iterative/minres.js';
import { near, numbers, rejects } from '../support/check.js';
import { heapUse } from '../support/heap.js';

type Float = 'f64' | 'f32';
type Options = Parameters<typeof cg>[2];

const square = { cg, minres, gmres };
/** Every solver on a square operator; the matrices are symmetric, so that A is its own transpose. */
const solvers: Record<
  string,
  (A: Tensor | ((x: Tensor) => Tensor), b: Tensor, o?: Options) => ReturnType<typeof cg>
> = {
  ...square,
  lsmr: (A, b, o) => lsmr(typeof A === 'function' ? { apply: A, applyTranspose: A } : A, b, o),
};

const random = (shape: number[], seed: number, dtype: Float = 'f64') =>
  tensor(
    Float64Array.from(
      numbers(
        shape.reduce((p, q) => p * q, 1),
        seed,
      ),
    ),
    { shape, dtype },
  );

/** B Bᵀ / n + shift I. */
function symmetric(n: number, shift: number, seed: number, dtype: Float = 'f64'): Tensor {
  const b = random([n, n], seed, dtype);
  return add(div(matmul(b, b, { transposeB: true }), n), mul(eye(n, n, { dtype }), shift));
}

const columnOf = (x: Tensor, c: number) =>
  tensor(
    x.data().filter((_, i) => i % x.shape[1] === c),
    { dtype: x.dtype },
  );

test('iterations take no memory: the peak is the same after 5 and after 200, for a matrix and a function', () =>
  scope(() => {
    const [n, k] = [60, 3];
    // So badly conditioned that nothing converges.
    const a = symmetric(n, 1e-9, 3);
    const twice = (x: Tensor) => mul(matmul(a, x), 2);
    const diagonal = add(mul(random([n], 8), 0.1), 2);
    const scaling = (r: Tensor) => (r.ndim === 1 ? mul(diagonal, r) : mul(r, 2));
    for (const [name, solve] of Object.entries(solvers)) {
      for (const A of [a, twice]) {
        for (const b of [random([n], 4), random([n, k], 4)]) {
          const x0 = mul(b, 0.5);
          for (const options of [{}, { x0 }, ...(name === 'lsmr' ? [] : [{ x0, preconditioner: scaling }])]) {
            const use = (maxIterations: number) =>
              heapUse(() => {
                const result = solve(A, b, { ...options, maxIterations, tolerance: 0, throws: false });
                assert.ok(result.iterations > maxIterations / 2, `${name}: ${result.iterations} iterations`);
                return result;
              });
            const before = memory();
            const [few, many] = [use(5), use(60)];
            assert.equal(few.peak, many.peak, `${name}: the peak grows with the iterations`);
            assert.is(few.kept, many.kept);
            assert.is(few.kept, 64 * Math.ceil((8 * b.size) / 64), `${name} keeps more than x`);
            assert.equal(memory(), before, `${name} leaks`);
          }
        }
      }
    }
  }));

test('an operator that is a matrix makes no tensors: a product is one allocation of workspace', () =>
  scope(() => {
    const [a, b] = [symmetric(40, 1e-9, 5), random([40], 6)];
    for (const [name, solve] of Object.entries(solvers)) {
      const calls = (maxIterations: number) =>
        heapUse(() => solve(a, b, { maxIterations, tolerance: 0, throws: false })).calls;
      const products = name === 'lsmr' ? 2 : 1;
      // gmres: 25 iterations lie within one restart.
      assert.is(calls(25) - calls(5), 20 * products, name);
    }
  }));

test('a block is its columns: x, iterations, and the worst status and residual', () =>
  scope(() => {
    const n = 12;
    const a = symmetric(n, 0.2, 7);
    const b = random([n, 4], 8);
    // The second column is zero, the third is solved by the start.
    const start = random([n, 4], 9);
    const product = matmul(a, columnOf(start, 2)).data();
    for (let i = 0; i < n; i++) {
      b.data()[4 * i + 1] = 0;
      b.data()[4 * i + 2] = product[i];
    }
    for (const [name, solve] of Object.entries(solvers)) {
      for (const options of [{}, { x0: start }, { x0: start, maxIterations: 3 }]) {
        const block = solve(a, b, options);
        const each = [0, 1, 2, 3].map((c) =>
          solve(a, columnOf(b, c), { ...options, ...('x0' in options && { x0: columnOf(start, c) }) }),
        );
        each.forEach((one, c) => {
          near(columnOf(block.x, c).data(), one.x.data(), 1e-7, `${name}, column ${c}`);
        });
        const most = Math.max(...each.map((one) => one.iterations));
        assert.is(block.iterations, most, `${name}: iterations`);
        assert.is(
          block.converged,
          each.every((one) => one.converged),
          name,
        );
        near([block.residual], [Math.max(...each.map((one) => one.residual))], 1e-7, name);
        if (name !== 'lsmr') near(columnOf(block.x, 1).data(), new Float64Array(n), 0, `${name}: b = 0`);
      }
      const none = solve(a, zeros([n, 0]));
      assert.equal(
        [none.x.shape, none.converged, none.iterations, none.residual],
        [[n, 0], true, 0, 0],
        name,
      );
    }
  }));

test('the worst column counts, wherever it stands: NaN before a limit, a limit before success', () =>
  scope(() => {
    const n = 12;
    const a = symmetric(n, 1e-3, 7);
    for (const [name, solve] of Object.entries(solvers)) {
      for (const broken of [0, 1, 2]) {
        const b = random([n, 3], 8);
        b.data()[broken] = Number.NaN;
        b.data().forEach((_, i, all) => {
          if (i % 3 === (broken + 1) % 3) all[i] = 0;
        });
        const result = solve(a, b, { maxIterations: 1, throws: false });
        assert.equal([result.status, result.converged], ['notFinite', false], `${name}, column ${broken}`);
        assert.ok(Number.isNaN(result.residual), name);
        b.data()[broken] = 1;
        const { status, residual, ...rest } = solve(a, b, { maxIterations: 1 });
        assert.equal([status, residual > 0], ['maxIterations', true], name);
        if (name === 'lsmr') assert.ok((rest as { normalResidual?: number }).normalResidual, 'of the worst');
      }
    }
  }));

test('a warm start has less to do, and nothing at the solution; x0 is not changed; dtype stays', () =>
  scope(() => {
    for (const dtype of ['f64', 'f32'] as const) {
      const n = 30;
      const a = symmetric(n, 0.05, 2, dtype);
      const b = random([n], 3, dtype);
      const tolerance = dtype === 'f64' ? 1e-10 : 1e-4;
      for (const [name, solve] of Object.entries(solvers)) {
        const cold = solve(a, b, { tolerance });
        const close = add(cold.x, mul(random([n], 4, dtype), 10 * tolerance));
        const kept = close.toTypedArray();
        const warm = solve(a, b, { tolerance: 10 * tolerance, x0: close });
        assert.ok(warm.iterations < cold.iterations, `${name}: ${warm.iterations} of ${cold.iterations}`);
        near(close.data(), kept, 0, 'x0 was changed');
        assert.is(warm.x.dtype, dtype);
        const r = sub(b, matmul(a, warm.x)).data();
        assert.ok(Math.hypot(...r) <= 50 * tolerance * Math.hypot(...b.data()), name);
      }
      for (const [name, solve] of Object.entries(square)) {
        const solved = solve(a, b, { tolerance });
        const again = solve(a, b, { tolerance: 10 * tolerance, x0: solved.x });
        assert.equal([again.iterations, again.converged], [0, true], name);
      }
    }
  }));

for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
  test(`an operator or a preconditioner that begins to give ${bad} ends the solve, x as it was before`, () =>
    scope(() => {
      const n = 20;
      const a = symmetric(n, 1e-3, 11);
      const right = random([n], 12);
      /** x -> A x, at the k-th call with one entry that is not finite, and ever after. */
      const failing = (k: number, by: Tensor | number) => {
        let calls = 0;
        return (x: Tensor) => {
          const y = typeof by === 'number' ? mul(x, by) : matmul(by, x);
          if (++calls > k) y.data()[n / 2] = bad;
          return y;
        };
      };
      for (const [name, solve] of Object.entries(solvers)) {
        for (const b of [right, matmul(right, eye(n))]) {
          for (let k = 1; k < 7; k++) {
            const cases: [string, () => ReturnType<typeof cg>][] = [
              ['A', () => solve(failing(k, a), b, { throws: false })],
            ];
            if (name !== 'lsmr') {
              const preconditioner = () => failing(k, 1);
              cases.push(['M', () => solve(a, b, { preconditioner: preconditioner(), throws: false })]);
            }
            for (const [which, run] of cases) {
              const { x, status, converged, iterations } = run();
              const what = `${name}, ${which} broken from call ${k} on: ${status}`;
              assert.equal([status, converged], ['notFinite', false], what);
              assert.ok(x.data().every(Number.isFinite), `${what}, x has ${x.data().join()}`);
              assert.ok(iterations <= 31, what);
            }
          }
        }
        rejects(() => solve(failing(3, a), right), ConvergenceError, /NaN or an Infinity has come up/);
        rejects(() => solve(failing(0, a), right, { maxIterations: 5 }), ConvergenceError, /NaN or an Inf/);
      }
    }));
}

test('gmres: condition 1e12 is not taken for singular; n steps are backward stable', () =>
  scope(() => {
    const n = 40;
    // Q D Q with a reflection Q, eigenvalues in geometric sequence.
    const v = random([n, 1], 21);
    const dyad = matmul(v, v, { transposeB: true });
    const q = sub(eye(n), mul(div(dyad, matmul(v, v, { transposeA: true })), 2));
    const d = tensor(Array.from({ length: n }, (_, i) => 10 ** ((-12 * i) / (n - 1))));
    const a = matmul(mul(q, d), q);
    const b = random([n], 22);
    const { x } = gmres(a, b, { restart: n, tolerance: 0, maxIterations: n, throws: false });
    // The normwise backward error; ‖A‖ is 1.
    const error = Math.hypot(...sub(b, matmul(a, x)).data()) / Math.hypot(...x.data());
    assert.ok(error < 1e-15, `backward error ${error}`);
  }));

test('gmres: on a singular matrix the residual is the smallest there is, not more than at the start', () =>
  scope(() => {
    const n = 12;
    for (const rank of [0, 1, 5, 11]) {
      const a = eye(n);
      for (let i = rank; i < n; i++) a.data()[i * (n + 1)] = 0;
      for (let i = 0; i < rank; i++) a.data()[i * (n + 1)] = i + 1;
      const b = tensor(new Array(n).fill(1));
      const { x, residual, status } = gmres(a, b, { throws: false });
      assert.is.not(status, 'converged');
      near([residual], [Math.sqrt((n - rank) / n)], 1e-12, `rank ${rank}`);
      assert.ok(Math.hypot(...x.data()) < 2 * n, `rank ${rank}: x has grown`);
    }
  }));

test('an operator that throws in the middle leaves nothing behind', () => {
  const [a, b] = scope(() => [symmetric(20, 1e-3, 13), random([20, 2], 14)]);
  class Mine extends ConvergenceError {}
  for (const [name, solve] of Object.entries(solvers)) {
    for (const late of [1, 4]) {
      let calls = 0;
      const operator = (x: Tensor) => {
        const y = matmul(a, x);
        if (++calls > late) throw new Mine('mine', 0, 0);
        return mul(y, 1);
      };
      rejects(() => solve(operator, b), Mine, /mine/);
      assert.is(calls, late + 1, name);
    }
  }
  for (const t of [a, b]) t.dispose();
});

test.run();
