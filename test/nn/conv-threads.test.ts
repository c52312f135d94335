// Convolution in threads: the same bits for every number of them, in all three operations and both algorithms; in a process of its own,
// because a shared memory must be asked for first.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { relaxedSimdIsSupported } from '#src/core/wasm/features.js';
import { program } from '../support/program.js';

/** Digests of y and both gradients. Shapes: more images than threads, fewer, one; small images, which are taken together; one axis. */
const LAYERS = `
const { nn, vjp } = cotangent;
const hash = (x) => new Int32Array(x.toTypedArray().buffer).reduce((h, v) => (Math.imul(h, 31) + v) | 0, 7);
const shapes = [
  [[7, 12, 20, 21], 21, [3, 5], {}],
  [[2, 24, 24, 24], 18, [3, 3], { padding: 'same' }],
  [[1, 16, 31, 33], 30, [4, 3], { padding: 'periodic' }],
  [[90, 20, 6, 5], 19, [3, 3], { padding: 2 }],
  [[9, 10, 1500], 11, [9], { padding: 'same' }],
  [[5, 16, 30, 30], 33, [3, 3], { padding: 1, stride: 2 }],
];
const digests = (algorithm, dtype) => scope(() => shapes.flatMap(([shape, out, kernel, options]) => {
  const layer = nn.conv(out, kernel, { ...options, algorithm, bias: false });
  const params = layer.init(random(1), shape.slice(1), { dtype });
  const x = random(2).normal(shape, { dtype });
  const { value, pullback } = vjp((p, z) => layer.apply(p, z), params, x);
  const [w, image] = pullback(value);
  return [hash(value), hash(w.weight), hash(image)];
}));
`;

for (const variant of relaxedSimdIsSupported() ? ['simd', 'relaxed'] : ['simd']) {
  test(`convolutions and their gradients have the same bits for every number of threads (${variant})`, () => {
    const { digests, used, before, after } = program<{
      digests: number[][];
      used: number[];
      before: object;
      after: object;
    }>(`${LAYERS}
      let calls = 0;
      const { notify } = Atomics;
      Atomics.notify = (...args) => { calls++; return notify(...args); };
      const all = [], used = [];
      for (const threads of [3, 2, 1]) {
        await init({ threads, variant: '${variant}' });
        const before = calls;
        all.push(['auto', 'direct'].flatMap((algorithm) => ['f64', 'f32'].flatMap((dtype) => digests(algorithm, dtype))));
        used.push(calls - before);
      }
      await init({ threads: 2 });
      digests('auto', 'f32');
      const before = memory();
      digests('auto', 'f64');
      report({ digests: all, used, before, after: memory() });`);
    assert.equal(digests[0], digests[2]);
    assert.equal(digests[1], digests[2]);
    // Of every operation parts were given away, but for adjoints of a single image; none with one thread.
    assert.ok(used[1] >= 4 * (3 * 6 - 2) && used[0] > used[1], used.join());
    assert.is(used[2], 0);
    assert.equal(after, before);
  });
}

test('workers that were started with one’s own WASM have all kernels', () => {
  const [one, two] = program<number[][]>(`${LAYERS}
    const { readFileSync } = await import('node:fs');
    const wasm = readFileSync(new URL('build/wasm/cotangent.simd.wasm', root));
    await init({ threads: 2, wasm });
    const two = digests('auto', 'f32');
    await init({ threads: 1 });
    report([digests('auto', 'f32'), two]);`);
  assert.equal(two, one);
});

test.run();
