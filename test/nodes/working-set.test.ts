// The kernel programs_f64: its solutions satisfy the optimality conditions and are those of the interior point method; what it must
// leave to others it says; its inverses are inverses; the bytes around its arguments stay.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { allocate } from '#src/core/tensor.js';
import { program } from '#src/generated/program.js';
import { optim, scope, type Tensor, tensor } from '#src/index.js';
import { drawing, near, property } from '../support/check.js';

interface Program {
  n: number;
  p: number;
  q: number;
  P: number[];
  c: number[];
  G: number[];
  h: number[];
  A: number[];
  b: number[];
}

/** What stands behind each result, to see that it stays. */
const GUARD = 1234.5;

function run({ n, p, q, ...data }: Program, { limit = 1000, wantsZ = true } = {}) {
  return scope<Record<string, number[]>>(() => {
    const { exports } = program;
    const N = n + p + q;
    const given = [data.P, data.c, data.G, data.h, data.A, data.b].map((values) =>
      tensor([...values, GUARD]),
    );
    const make = (size: number) => tensor(new Array(size).fill(-7).concat(GUARD));
    const [x, lambda, nu, Z] = [make(n), make(p), make(q), make(N * N)];
    const active = tensor(new Array(p).fill(-7).concat(77), { dtype: 'i32' });
    const infos = tensor([-1, -1, 77], { dtype: 'i32' });
    const bytes = exports.programs_f64_work(n, p, q);
    const work = allocate([Math.ceil(bytes / 8) + 1], 'f64');
    work.data().fill(GUARD);
    exports.programs_f64(
      1,
      ...[n, p, q, limit],
      ...(given.map(({ address }) => address) as [number, number, number, number, number, number]),
      ...([x.address, lambda.address, nu.address, active.address, wantsZ ? Z.address : 0] as const),
      infos.address,
      work.address,
    );
    for (const y of [...given, x, lambda, nu, Z]) assert.is(y.data()[y.size - 1], GUARD, 'a number behind');
    assert.is(work.data()[work.size - 1], GUARD, 'the number behind the workspace');
    assert.is(active.data()[p], 77);
    assert.is(infos.data()[2], 77);
    const list = (y: Tensor) => Array.from(y.toTypedArray()).slice(0, -1);
    return {
      x: list(x),
      lambda: list(lambda),
      nu: list(nu),
      Z: list(Z),
      active: list(active),
      infos: list(infos),
    };
  });
}

const row = (M: readonly number[], i: number, n: number) => M.slice(i * n, (i + 1) * n);
const inner = (x: readonly number[], y: readonly number[]) =>
  x.reduce((sum, value, i) => sum + value * y[i], 0);

/** A definite program with a feasible point in the interior; the matrix is not symmetric, so that its symmetric part counts. */
function drawn(seed: number, n: number, p: number, q: number): Program {
  const next = drawing(seed);
  const numbers = (size: number) => Array.from({ length: size }, next);
  const L = numbers(n * n);
  const skew = numbers(n * n);
  const P = Array.from({ length: n * n }, (_, k) => {
    const [i, j] = [Math.floor(k / n), k % n];
    const product = inner(row(L, i, n), row(L, j, n)) + (i === j ? 0.1 : 0);
    return product + skew[i * n + j] - skew[j * n + i];
  });
  const inside = numbers(n);
  const [G, A] = [numbers(p * n), numbers(q * n)];
  return {
    ...{ n, p, q, P, G, A },
    c: numbers(n).map((value) => 5 * value),
    h: Array.from({ length: p }, (_, i) => inner(row(G, i, n), inside) + 0.2),
    b: Array.from({ length: q }, (_, i) => inner(row(A, i, n), inside)),
  };
}

test('random programs: optimality conditions, the interior point method, and inverses', () => {
  let solved = 0;
  property(
    fc.record({
      seed: fc.nat(1e6),
      n: fc.integer({ min: 1, max: 9 }),
      p: fc.integer({ min: 0, max: 14 }),
      q: fc.integer({ min: 0, max: 3 }),
    }),
    ({ seed, n, p, q: equalities }) => {
      const q = Math.min(equalities, n - 1);
      const given = drawn(seed, n, p, q);
      const { P, c, G, h, A, b } = given;
      const { x, lambda, nu, active, Z, infos } = run(given);
      if (infos[0] !== 0) return;
      solved++;
      const symmetric = (i: number, j: number) => 0.5 * (P[i * n + j] + P[j * n + i]);
      for (let i = 0; i < n; i++) {
        let force = c[i];
        for (let j = 0; j < n; j++) force += symmetric(i, j) * x[j];
        for (let j = 0; j < p; j++) force += G[j * n + i] * lambda[j];
        for (let j = 0; j < q; j++) force += A[j * n + i] * nu[j];
        near([force], [0], 1e-10 * (1 + Math.max(...lambda.map(Math.abs), ...nu.map(Math.abs), 5)), 'force');
      }
      const size = 1 + Math.max(...x.map(Math.abs));
      for (let i = 0; i < p; i++) {
        const slack = h[i] - inner(row(G, i, n), x);
        assert.ok(slack >= -1e-11 * size, `slack ${slack}`);
        assert.ok(lambda[i] >= 0);
        assert.is(active[i], lambda[i] > 0 ? 1 : 0);
        if (lambda[i] > 0) near([slack], [0], 1e-11 * size);
      }
      for (let i = 0; i < q; i++) near([inner(row(A, i, n), x)], [b[i]], 1e-11 * size);
      scope(() => {
        const problem = {
          P: tensor(P, { shape: [n, n] }),
          q: tensor(c),
          ...(p > 0 && { G: tensor(G, { shape: [p, n] }), h: tensor(h) }),
          ...(q > 0 && { A: tensor(A, { shape: [q, n] }), b: tensor(b) }),
        };
        near(x, optim.quadraticProgram(problem).x.toTypedArray(), 1e-7 * size, 'interior point');
      });
      // K Z is the identity on the rows that count.
      const N = n + p + q;
      const entry = (i: number, j: number): number => {
        if (i < n && j < n) return symmetric(i, j);
        if (i >= n && j >= n) return 0;
        if (i < n) return entry(j, i);
        return i < n + p ? active[i - n] * G[(i - n) * n + j] : A[(i - n - p) * n + j];
      };
      const counts = (i: number) => i < n || i >= n + p || active[i - n] === 1;
      const largest = Math.max(1, ...Z.map(Math.abs));
      for (let i = 0; i < N; i++) {
        for (let j = 0; j < N; j++) {
          let sum = 0;
          for (let k = 0; k < N; k++) sum += entry(i, k) * Z[k * N + j];
          near([sum], [i === j && counts(i) ? 1 : 0], 1e-10 * largest * N, 'K Z');
        }
      }
      const [without] = [run(given, { wantsZ: false })];
      assert.equal([without.x, without.lambda], [x, lambda]);
    },
    60,
  );
  assert.ok(solved > 30, `${solved} of 60 solved`);
});

test('what is left to others: an indefinite matrix, contradictions, dependent equalities, too many changes, doubtful constraints', () => {
  const base: Program = { n: 2, p: 0, q: 0, P: [1, 0, 0, 1], c: [-1, -1], G: [], h: [], A: [], b: [] };
  const info = (change: Partial<Program>, options = {}) => run({ ...base, ...change }, options).infos[0];
  assert.is(info({}), 0);
  assert.is(info({ P: [1, 2, 2, 1] }), 1);
  assert.is(info({ P: [0, 0, 0, 0] }), 1);
  assert.is(info({ P: [Number.NaN, 0, 0, 1] }), 1);
  assert.is(info({ p: 2, G: [1, 0, -1, 0], h: [-1, -1] }), 2);
  assert.is(info({ q: 2, A: [1, 1, 2, 2], b: [1, 2] }), 3);
  assert.is(info({ q: 3, A: [1, 0, 0, 1, 1, 1], b: [1, 1, 2] }), 3);
  assert.is(info({ p: 2, G: [1, 0, 0, 1], h: [0, 0] }, { limit: 1 }), 4);
  // Twice the same row; the second holds with equality beside the working set.
  assert.is(info({ p: 2, G: [1, 0, 1, 0], h: [0, 0] }), 5);
  // Weakly active: the unconstrained solution lies on the boundary.
  assert.is(info({ p: 1, G: [1, 0], h: [1] }), 5);
  assert.is(info({ p: 1, G: [1, 0], h: [Number.POSITIVE_INFINITY] }), 0);
});

test.run();
