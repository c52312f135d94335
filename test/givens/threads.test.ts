// Any number of threads gives the same bits: searches, rotations of many columns and angles. In a process of its own, whose memory is shared.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { relaxedSimdIsSupported } from '#src/core/wasm/features.js';
import { program } from '../support/program.js';

const DIGESTS = `
  const { givens } = cotangent;
  const hash = (x) => new Int32Array(x.toTypedArray().buffer).reduce((h, v) => (Math.imul(h, 31) + v) | 0, 7);
  const digestsOf = (f) => ['i', 'j', 'angles', 'permutation', 'signs', 'errors'].map((key) => hash(f[key]));
  const U = scope(() => givens.planted(random(1), 470, 6000).matrix);
  const run = () => scope(() => {
    const list = [{ factors: 8 }, { factors: 240, parallel: true, errorPeriod: 50 }, { factors: 3, beam: 2 }, { factors: 4, method: 'greedy' }]
      .flatMap((options) => { const f = givens.factorize(U, options); return [...digestsOf(f), ...Object.values(f.pairs ?? {})]; });
    const { i, j, angles } = givens.planted(random(2), 500, 5001);
    const P = { permutation: random(3).permutation(500), signs: Array.from({ length: 500 }, (_, k) => (k % 3 ? 1 : -1)) };
    for (const dtype of ['f64', 'f32'])
      for (const shape of [[500, 301], [5, 500, 70], [500]])
        for (const transpose of [false, true]) list.push(hash(givens.apply({ i, j, angles, ...P }, random(4).normal(shape, { dtype }), { transpose })));
    list.push(hash(givens.apply({ i, j, angles, ...P }, random(4).normal([3, 301, 500]), { side: 'right' })));
    return list;
  });`;

for (const variant of relaxedSimdIsSupported() ? ['simd', 'relaxed'] : ['simd'])
  test(`factorizations and applications have the same bits for every number of threads (${variant})`, () => {
    const { digests, used } = program<{ digests: number[][]; used: number[] }>(
      `await init({ threads: 3, variant: '${variant}' }); ${DIGESTS}
      let calls = 0;
      const { notify } = Atomics;
      Atomics.notify = (...args) => { calls++; return notify(...args); };
      const digests = [], used = [];
      for (const threads of [3, 2, 1]) {
        await init({ threads });
        const before = calls;
        digests.push(run());
        used.push(calls - before);
      }
      report({ digests, used });`,
    );
    assert.equal(digests[0], digests[2]);
    assert.equal(digests[1], digests[2]);
    // Work was given away, and none where there is one thread.
    assert.ok(used[0] > used[1] && used[1] > 20, used.join());
    assert.is(used[2], 0);
  });

test.run();
