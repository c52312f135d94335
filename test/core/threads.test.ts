// Threads: the same bits for every number of them, in products and in all that is built on products; no deadlock, no leak.
// Each case runs in a process of its own, because a shared memory must be asked for first.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { relaxedSimdIsSupported } from '#src/core/wasm/features.js';
import { program } from '../support/program.js';

const PRODUCT = `
const bits = (m, n, k, dtype) => scope(() => {
  const a = random(1).normal([m, k], { dtype }), b = random(2).normal([k, n], { dtype });
  return Array.from(new Int32Array(matmul(a, b).toTypedArray().buffer));
});
const digest = (x) => x.reduce((h, v) => (Math.imul(h, 31) + v) | 0, 7);
`;

for (const variant of relaxedSimdIsSupported() ? ['simd', 'relaxed'] : ['simd']) {
  test(`products have the same bits for every number of threads (${variant})`, () => {
    const result = program<{ threads: number[]; digests: number[][] }>(`${PRODUCT}
      const threads = [], digests = [];
      for (const n of [3, 2, 1]) {
        threads.push((await init({ threads: n, variant: '${variant}' })).threads);
        const batch = scope(() => digest(Array.from(new Int32Array(matmul(random(3).normal([40, 50, 60]), random(4).normal([40, 60, 70])).toTypedArray().buffer))));
        digests.push([
          ...[[500, 130, 257], [130, 500, 557], [400, 400, 300], [4000, 1, 1500], [1, 4000, 1500]].flatMap((s) => ['f64', 'f32'].map((d) => digest(bits(...s, d)))),
          scope(() => digest(Array.from(new Int32Array(matmul(random(5).normal([300, 400]), random(6).normal([350, 300]), { transposeA: true, transposeB: true }).toTypedArray().buffer)))),
          batch,
        ]);
      }
      report({ threads, digests });`);
    assert.equal(result.threads, [3, 2, 1]);
    assert.equal(result.digests[0], result.digests[2]);
    assert.equal(result.digests[1], result.digests[2]);
  });
}

test('two thousand products in threads: each is right, no deadlock, no leak, and the process ends by itself', () => {
  const [before, after, wrong] = program<[object, object, number]>(`
    await init({ threads: 2 });
    const n = 170, a = random(1).normal([n, n], { dtype: 'f32' });
    const right = scope(() => matmul(a, a).toTypedArray());
    // The same bits with one thread.
    await init({ threads: 1 });
    const alone = scope(() => matmul(a, a).toTypedArray());
    await init({ threads: 2 });
    let wrong = right.every((v, i) => v === alone[i]) ? 0 : 1;
    const before = memory();
    for (let i = 0; i < 2000; i++) scope(() => { const c = matmul(a, a).data(); if (!right.every((v, k) => v === c[k])) wrong++; });
    report([before, memory(), wrong]);`);
  assert.equal(after, before);
  assert.is(wrong, 0);
});

/** Digests of everything in `results`, computed with 3, 2 and 1 threads. */
const FACTORIZATIONS = `
  const hash = (x) => new Int32Array(x.toTypedArray().buffer).reduce((h, v) => (Math.imul(h, 31) + v) | 0, 7);
  const run = (n, dtype) => scope(() => {
    const a = random(1).normal([n, n], { dtype }), b = random(2).normal([n, 100], { dtype });
    const g = matmul(a, a, { transposeB: true });
    const data = g.data(), s = new Int32Array(n * 40).map((_, i) => (i * 7) % n);
    for (let i = 0; i < n; i++) data[i * (n + 1)] += n;
    const { l, u, p } = linalg.lu(a), { q, r } = linalg.qr(a), e = linalg.eigh(g), d = linalg.svd(a);
    const rotations = { i: s, j: s.map((x) => (x + 1) % n), angles: Array.from(s, (x) => x / 3) };
    const results = [linalg.cholesky(g), l, u, p, q, r, e.values, e.vectors, d.u, d.s, d.vt, linalg.solve(a, b), linalg.inv(a),
      linalg.solve(g, b, { assume: 'positiveDefinite' }), linalg.lstsq(a, b).x, linalg.applyGivens(a, rotations),
      linalg.applyGivens(b, rotations, { transpose: true }), linalg.applyGivens(random(3).normal([9, n, 70], { dtype }), rotations)];
    return results.map(hash);
  });`;

for (const variant of relaxedSimdIsSupported() ? ['simd', 'relaxed'] : ['simd']) {
  test(`factorizations, eigenvectors, solutions and rotations have the same bits for every number of threads (${variant})`, () => {
    const { digests, used } = program<{ digests: number[][]; used: number[] }>(`${FACTORIZATIONS}
      let calls = 0;
      const { notify } = Atomics;
      Atomics.notify = (...args) => { calls++; return notify(...args); };
      const digests = [], used = [];
      for (const threads of [3, 2, 1]) {
        await init({ threads, variant: '${variant}' });
        const before = calls;
        digests.push([...run(500, 'f64'), ...run(515, 'f32')]);
        used.push(calls - before);
      }
      report({ digests, used });`);
    assert.equal(digests[0], digests[2]);
    assert.equal(digests[1], digests[2]);
    // Work was given away, more of it to more threads, and none where there is one.
    assert.ok(used[0] > used[1] && used[1] > 50, used.join());
    assert.is(used[2], 0);
  });
}

test('a solve in threads that fails leaks nothing, and the next one works', () => {
  const [message, before, after, finite] = program<[string, object, object, boolean]>(`
    await init({ threads: 2 });
    const a = random(1).normal([400, 400]), singular = zeros([400, 400]);
    linalg.solve(a, a).dispose();
    const before = memory();
    const message = caught(() => linalg.solve(singular, a));
    const after = memory();
    report([message, before, after, linalg.solve(a, a).toTypedArray().every(Number.isFinite)]);`);
  assert.match(message, /SingularMatrixError/);
  assert.equal(after, before);
  assert.ok(finite);
});

test('addresses above 2 GiB work in threads, too', () => {
  const [largest, distance] = program<[number, number]>(`
    await init({ threads: 2 });
    const big = zeros([2 ** 28 + 2 ** 24]);
    const a = random(1).normal([300, 300]);
    const x = linalg.solve(a, a), data = x.data();
    let distance = 0;
    for (let i = 0; i < data.length; i++) distance = Math.max(distance, Math.abs(data[i] - Number(i % 301 === 0)));
    report([x.address, distance]);`);
  assert.ok(largest > 2 ** 31);
  assert.ok(distance < 1e-9, String(distance));
});

test.run();
