// One object for every factorization: each verb against its meaning, for every kind, dtype and batch.
// It defines the kernels F_rcond_T, estimates of a condition, which have no twin.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { eye, linalg, matmul, scope, type Tensor, tensor, zeros } from '#src/index.js';
import { EPSILON, near, numbers } from '../support/check.js';

type Float = 'f64' | 'f32';
type Kind = 'cholesky' | 'lu' | 'qr' | 'ldlt';
const KINDS: Kind[] = ['cholesky', 'lu', 'qr', 'ldlt'];
const BATCHES = [[], [1], [3], [2, 3], [0]];
const VERBS = ['inverse', 'det', 'logAbsDet', 'signDet', 'rcond', 'reconstruct'] as const;

/** Whole matrices for a kind: positive definite, general, or symmetric with the diagonal of both signs. */
function matrices(kind: Kind, count: number, n: number, seed: number): number[] {
  const all: number[] = [];
  for (let matrix = 0; matrix < count; matrix++) {
    const x = numbers(n * n, seed + 31 * matrix);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const lower = x[Math.max(i, j) * n + Math.min(i, j)];
        const diagonal = Number(i === j);
        if (kind === 'cholesky') all.push(lower + 2 * n * diagonal);
        else if (kind === 'ldlt') all.push(lower * (1 - diagonal));
        else all.push(x[i * n + j]);
      }
    }
  }
  return all;
}

/** What a kind must not read is NaN. */
const unread = (kind: Kind, values: number[], n: number) =>
  kind === 'lu' || kind === 'qr'
    ? values
    : values.map((v, t) => (t % n > Math.floor(t / n) % n ? Number.NaN : v));

/** Sign and logarithm of the determinant by elimination with full pivoting, in double precision. */
function eliminated(values: number[], n: number): { sign: number; log: number } {
  const a = Array.from({ length: n }, (_, i) => values.slice(i * n, (i + 1) * n));
  let [sign, log] = [1, 0];
  for (let k = 0; k < n; k++) {
    let [p, q] = [k, k];
    for (let i = k; i < n; i++)
      for (let j = k; j < n; j++) if (Math.abs(a[i][j]) > Math.abs(a[p][q])) [p, q] = [i, j];
    if (p !== k) sign = -sign;
    if (q !== k) sign = -sign;
    [a[k], a[p]] = [a[p], a[k]];
    for (const row of a) [row[k], row[q]] = [row[q], row[k]];
    sign *= Math.sign(a[k][k]);
    log += Math.log(Math.abs(a[k][k]));
    for (let i = k + 1; i < n; i++) {
      const f = a[i][k] / a[k][k];
      for (let j = k; j < n; j++) a[i][j] -= f * a[k][j];
    }
  }
  return { sign, log };
}

const norm1 = (x: ArrayLike<number>, n: number) => {
  let most = 0;
  for (let j = 0; j < n; j++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += Math.abs(x[i * n + j]);
    most = Math.max(most, sum);
  }
  return most;
};

for (const dtype of ['f64', 'f32'] as const satisfies Float[]) {
  const eps = EPSILON[dtype];
  for (const kind of KINDS) {
    test(`${kind} in ${dtype}: every verb, for one matrix and for stacks`, () => {
      for (const n of [0, 1, 2, 3, 5, 16, 17, 33, 48, 70]) {
        for (const batch of n > 17 ? [[], [2, 3]] : BATCHES) {
          scope(() => {
            const count = batch.reduce((p, q) => p * q, 1);
            // A diagonal of zeros is singular where it is all there is.
            const own = kind === 'ldlt' && n === 1 ? 'lu' : kind;
            const a = tensor(matrices(own, count, n, n), { shape: [...batch, n, n], dtype });
            const values = Array.from(a.data());
            const input = tensor(unread(kind, values, n), { shape: a.shape, dtype });
            using f = linalg.factor(input, { kind });
            const results = Object.fromEntries(VERBS.map((verb) => [verb, f[verb]()]));
            for (const verb of VERBS) {
              const wanted = verb === 'inverse' || verb === 'reconstruct' ? a.shape : batch;
              assert.equal([...results[verb].shape], wanted, `${verb} of ${n}, [${batch}]`);
              assert.is(results[verb].dtype, dtype);
            }
            for (let i = 0; i < count; i++) {
              const part = (x: Tensor) => Array.from(x.data()).slice(i * n * n, (i + 1) * n * n);
              const one = part(a);
              const [size, what] = [norm1(one, n), `${kind} ${n} [${batch}] ${i}`];
              near(part(results.reconstruct), one, 20 * n * eps * size, `${what} again`);
              const inverse = part(results.inverse);
              const condition = size * norm1(inverse, n);
              const product = matmul(tensor(one, { shape: [n, n] }), tensor(inverse, { shape: [n, n] }));
              near(product.data(), eye(n).data(), 20 * n * eps * condition, `${what} A A⁻¹`);
              if (kind === 'cholesky' || kind === 'ldlt') {
                for (const x of [inverse, part(results.reconstruct)]) {
                  assert.ok(
                    x.every((v, t) => v === x[(t % n) * n + Math.floor(t / n)]),
                    `${what} is symmetric`,
                  );
                }
              }
              const { sign, log } = eliminated(one, n);
              assert.is(results.signDet.data()[i], sign, `${what} sign`);
              const slack = 20 * n * eps * Math.max(1, condition);
              near([results.logAbsDet.data()[i]], [log], slack + 4 * eps * Math.abs(log), `${what} log`);
              const exact = sign * Math.exp(log);
              const det = dtype === 'f32' ? Math.fround(exact) : exact;
              near(
                [results.det.data()[i]],
                [det],
                Math.abs(det) * slack + 1e-12 * Math.abs(det),
                `${what} det`,
              );
              const rcond = results.rcond.data()[i];
              if (n === 0) assert.is(rcond, Number.POSITIVE_INFINITY);
              else {
                // A lower bound of ||A⁻¹||, but for rounding; within three of it.
                const ratio = rcond * condition;
                assert.ok(ratio > 1 - 100 * n * eps * condition && ratio < 3, `${what} rcond: ${ratio}`);
              }
            }
          });
        }
      }
    });

    test(`${kind} in ${dtype}: A X = B and Aᵀ X = B, where stacks meet right sides of every shape`, () => {
      for (const n of [1, 4, 40]) {
        for (const lead of [[], [3], [2, 1], [4, 1, 3]]) {
          for (const columns of [0, 1, 5, 17]) {
            if (columns === 0 && lead.length > 0) continue;
            scope(() => {
              const values = matrices(n === 1 ? 'cholesky' : kind, 6, n, 7);
              using f = linalg.factor(tensor(values, { shape: [2, 3, n, n], dtype }), { kind });
              const shape = columns === 0 ? [n] : [...lead, n, columns];
              const k = Math.max(1, columns);
              const sides = lead.reduce((p, q) => p * q, 1);
              const b = tensor(numbers(sides * n * k, 3), { shape, dtype });
              const bs = b.data();
              for (const transpose of [false, true]) {
                const x = transpose ? f.solveTranspose(b) : f.solve(b);
                const outer = lead.length === 3 ? [4] : [];
                assert.equal(x.shape, columns === 0 ? [2, 3, n] : [...outer, 2, 3, n, k]);
                const xs = x.data();
                for (let s = 0; s * n * k < xs.length; s++) {
                  const [o, i, j] = [Math.floor(s / 6), Math.floor(s / 3) % 2, s % 3];
                  const side =
                    lead.length === 3 ? o * 3 + j : lead.length === 2 ? i : lead.length === 1 ? j : 0;
                  const A = values.slice((s % 6) * n * n, ((s % 6) + 1) * n * n);
                  for (let c = 0; c < k; c++) {
                    let largest = 0;
                    for (let q = 0; q < n; q++)
                      largest = Math.max(largest, Math.abs(xs[(s * n + q) * k + c]));
                    for (let p = 0; p < n; p++) {
                      let sum = -bs[(side * n + p) * k + c];
                      for (let q = 0; q < n; q++) {
                        sum += A[transpose ? q * n + p : p * n + q] * xs[(s * n + q) * k + c];
                      }
                      const bound = 20 * n * eps * (norm1(A, n) * largest + 1);
                      assert.ok(
                        Math.abs(sum) < bound,
                        `${n} [${shape}] ${transpose} ${s}: ${sum} > ${bound}`,
                      );
                    }
                  }
                }
              }
            });
          }
        }
      }
    });
  }

  test(`rcond in ${dtype}: for a stack what it is for each, whatever the factorization`, () =>
    scope(() => {
      const n = 20;
      const values = matrices('cholesky', 4, n, 5);
      // The third is singular but for rounding, the fourth holds a NaN.
      for (let j = 0; j < n; j++)
        values[2 * n * n + n + j] = values[2 * n * n + j * n + 1] = Number(j === 1) * 1e-30;
      values[3 * n * n] = Number.NaN;
      const stack = tensor(values, { shape: [2, 2, n, n], dtype });
      const all = linalg.rcond(stack) as Tensor;
      assert.equal(all.shape, [2, 2]);
      for (const kind of ['qr', 'ldlt'] as const) {
        using f = linalg.factor(stack, { kind });
        near(f.rcond().data(), all.data(), (i) => 1e-4 * all.data()[i], kind);
      }
      for (let i = 0; i < 4; i++) {
        const one = tensor(values.slice(i * n * n, (i + 1) * n * n), { shape: [n, n], dtype });
        near([linalg.rcond(one) as number], [all.data()[i]], 0);
      }
      assert.ok(all.data()[2] < 1e-28 && Number.isNaN(all.data()[3]));
      assert.equal((linalg.rcond(zeros([0, 2, 2], { dtype })) as Tensor).shape, [0]);
      assert.is(linalg.rcond(zeros([0, 0], { dtype })), Number.POSITIVE_INFINITY);
      assert.is(linalg.rcond(zeros([3, 3], { dtype })), 0);
    }));
}

test.run();
