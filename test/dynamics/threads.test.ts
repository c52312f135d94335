// Threads: the same bits for every number of them.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { program } from '../support/program.js';

test('members of a batch are shared without changing a bit', () => {
  const { threads, digests } = program<{ threads: number[]; digests: number[][] }>(`
    const { dynamics, grad, jvp, square } = cotangent;
    const hash = (x) => new Int32Array(x.toTypedArray().buffer).reduce((h, v) => (Math.imul(h, 31) + v) | 0, 7);
    const run = (dtype) => scope(() => {
      const system = dynamics.lorenz96({ dtype });
      const x = random(1).normal([67, 40], { mean: 2, std: 3, dtype });
      const window = (y) => dynamics.trajectory(system, y, { steps: 20 });
      return [
        window(x), system.advance(x), grad((y) => sum(square(window(y))))(x), jvp(window, [x], [x]).tangent,
        dynamics.sample(system, random(2), { count: 1000, steps: 3 }),
      ].map(hash);
    });
    const threads = [], digests = [];
    for (const n of [2, 3, 1]) {
      threads.push((await init({ threads: n, variant: 'simd' })).threads);
      digests.push([...run('f64'), ...run('f32')]);
    }
    report({ threads, digests });`);
  assert.equal(threads, [2, 3, 1]);
  assert.equal(digests[1], digests[0]);
  assert.equal(digests[2], digests[0]);
});

test.run();
