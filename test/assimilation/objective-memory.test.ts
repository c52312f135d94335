// The memory of long windows: O(√T) states in gradients and a few in values, whatever is observed; nothing is left behind.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  assimilation,
  compile,
  dynamics,
  grad,
  memory,
  mul,
  random,
  scope,
  sin,
  slice,
  type Tensor,
  zeros,
} from '#src/index.js';
import { near } from '../support/check.js';
import { heapUse } from '../support/heap.js';

const { identity, objective } = assimilation;
const K = 4096;
const T = [256, 1024];
const BYTES = K * 8;
const system = dynamics.system({ stateShape: [K], advance: (x) => sin(x) });
/** What is observed is small, so that it does not count. */
const operator = assimilation.subsample(K / 4);
const first = (x: Tensor) => slice(x, [0], [4]);

const cases: [string, (t: number) => Partial<assimilation.Problem> & { rows: number }][] = [
  ['the end', (t) => ({ rows: 1, observationSteps: [t] })],
  ['every interval', (t) => ({ rows: t + 1 })],
  ['every 40th', (t) => ({ rows: Math.floor(t / 40), observationSteps: Array.from({ length: Math.floor(t / 40) }, (_, i) => 40 * (i + 1)) })], // biome-ignore format: short
  ['a few, at no distance', (t) => ({ rows: 4, observationSteps: [0, 3, t / 2, t] })],
  ['the end, by a function', (t) => ({ rows: 1, observationSteps: [t], operator: first })],
  ['squares, by a function', (t) => {
    const observationSteps = Array.from({ length: Math.floor(Math.sqrt(t)) }, (_, i) => i * i);
    return { rows: observationSteps.length, observationSteps, operator: first };
  }], // biome-ignore format: short
];

for (const [name, make] of cases)
  test(`observed: ${name}`, () => {
    const x = random(1).normal([K]);
    const [values, gradients] = [[], []] as number[][];
    for (const t of T) {
      const { rows, ...more } = make(t);
      const observations = zeros([rows, 4]);
      const J = objective({ system, operator, observations, ...more });
      const before = memory();
      values.push(heapUse(() => J(x)).peak / BYTES);
      gradients.push(heapUse(() => grad(J)(x)).peak / BYTES);
      assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
      observations.dispose();
    }
    const what = `values ${values.map((v) => v.toFixed(0))}, gradients ${gradients.map((v) => v.toFixed(0))} states`;
    // Four times the intervals: twice the states, and what does not grow.
    if (process.env.VERBOSE) console.log(name, what);
    assert.ok(values[1] < 12, what);
    assert.ok(gradients[1] < 2.4 * gradients[0], what);
    assert.ok(gradients[1] < 6 * Math.sqrt(T[1]), what);
    x.dispose();
  });

test('plans of long windows hold O(√T) states, and give the same', () => {
  const x = random(1).normal([K]);
  const bytes: number[] = [];
  for (const t of T)
    scope(() => {
      const J = objective({ system, operator, observations: zeros([t + 1, 4]) });
      const plan = compile(grad(J));
      near(plan(x).toTypedArray(), grad(J)(x).toTypedArray(), 1e-12);
      bytes.push(plan.bytes / BYTES);
      plan.dispose();
    });
  assert.ok(bytes[1] < 2.4 * bytes[0] && bytes[1] < 6 * Math.sqrt(T[1]), `${bytes}`);
  x.dispose();
});

test('Lorenz96: windows that are too long for one kernel', () => {
  const wide = dynamics.lorenz96({ K: 2048, interval: 0.01, innerSteps: 1 });
  const x = random(1).normal([2048]);
  const peaks: number[] = [];
  for (const t of T)
    scope(() => {
      const J = objective({ system: wide, operator: identity(), observations: zeros([1, 2048]), observationSteps: [t] }); // biome-ignore format: short
      peaks.push(heapUse(() => grad(J)(x)).peak / 2048 / 8);
    });
  assert.ok(peaks[1] < 2.4 * peaks[0] && peaks[1] < 360, `${peaks}`);
  x.dispose();
});

test('objectives hold nothing of their own', () => {
  const observations = zeros([3, 10]);
  const before = memory();
  for (let i = 0; i < 3; i++) objective({ system: dynamics.lorenz96(), operator: assimilation.subsample(4), observations, mask: observations }); // biome-ignore format: short
  assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
  const x = mul(observations, 0);
  x.dispose();
  observations.dispose();
});

test.run();
