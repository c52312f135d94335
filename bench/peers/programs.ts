// Variants of programs: captured tensors or arguments, scan or a loop, the gradient of scan, planning by size.
import * as ct from 'cotangent';
import { normals, toTensor } from '../cases/operands.js';

/** One thing that is timed. */
export interface Side {
  name: string;
  run(): unknown;
}

/** Prints a row that compares the first side with each other one, and gives the medians in ms. */
export type Compare = (
  what: string,
  sides: readonly Side[],
  asked: string,
  invert?: boolean,
) => Promise<number[]>;

/** Replay of a plan whose 1,000 tensors are captured, or arguments. */
async function captured(compare: Compare): Promise<void> {
  const tensors = Array.from({ length: 1000 }, (_, i) => toTensor(normals(8, 'f64', i), [8]));
  const chained = (list: readonly ct.Tensor[], x: ct.Tensor) =>
    list.reduce((y, w) => ct.add(ct.mul(y, 0.5), w), x);
  const x = toTensor(normals(8, 'f64', 1000), [8]);
  const [inside, outside] = [
    ct.compile((z: ct.Tensor) => chained(tensors, z)),
    ct.compile((z: ct.Tensor, ...list: ct.Tensor[]) => chained(list, z)),
  ];
  await compare(
    'replay of a plan with 1,000 tensors of 8 elements',
    [
      { name: 'captured', run: () => inside(x) },
      { name: 'as arguments', run: () => outside(x, ...tensors) },
    ],
    'at most 1.05',
    true,
  );
}

/** s' = tanh(w s + x), for 8 numbers, 10,000 steps. */
async function scans(compare: Compare): Promise<void> {
  const steps = 10_000;
  const xs = toTensor(normals(8 * steps, 'f64', 1), [steps, 8]);
  const [w, s0] = [toTensor(normals(8, 'f64', 2), [8]), ct.zeros([8])];
  const next = (s: ct.Tensor, x: ct.Tensor, k: ct.Tensor) => ct.tanh(ct.add(ct.mul(s, k), x));
  const rows = Array.from({ length: steps }, (_, i) => toTensor(normals(8, 'f64', i), [8]));
  const last = (s: ct.Tensor, x: ct.Tensor, k: ct.Tensor) =>
    ct.scan((c: ct.Tensor, row: ct.Tensor) => ({ carry: next(c, row, k) }), s, x).carry;
  const loss = (s: ct.Tensor, x: ct.Tensor, k: ct.Tensor) => ct.sum(ct.square(last(s, x, k)));
  const [forward, gradient] = [ct.compile(loss), ct.compile(ct.grad(loss, [0, 1, 2]))];
  const plan = ct.compile(last);
  const eager = () =>
    ct.scope(() => {
      let s = s0;
      for (const row of rows) {
        const before = s;
        s = ct.scope(() => next(before, row, w));
        if (before !== s0) before.dispose();
      }
      return s.item === undefined;
    });
  await compare(
    'scan of 10,000 steps of an 8-vector',
    [
      { name: 'scan, compiled', run: () => plan(s0, xs, w) },
      { name: 'eager loop', run: eager },
    ],
    'at least 5',
  );
  await compare(
    'gradient of that scan in its start, its inputs and a constant',
    [
      { name: 'gradient', run: () => gradient(s0, xs, w) },
      { name: 'value', run: () => forward(s0, xs, w) },
    ],
    'at most 5',
    true,
  );
  const shorter = ct.compile(ct.grad((s: ct.Tensor) => loss(s, ct.slice(xs, [0], [100]), w)));
  const longer = ct.compile(ct.grad((s: ct.Tensor) => loss(s, xs, w)));
  for (const p of [shorter, longer]) p(s0);
  console.log(
    `\nmemory of the gradient: ${shorter.bytes} B for 100 steps, ${longer.bytes} B for 10,000 (asked: as the root)`,
  );
}

/** Planning of graphs of n nodes that cannot be fused. */
async function planning(): Promise<void> {
  const x = ct.mul(ct.eye(2), 0.5);
  const times = [10_000, 16_000, 100_000].map((nodes) => {
    const f = (z: ct.Tensor) => {
      let y = z;
      for (let i = 0; i < nodes / 2; i++) y = ct.tanh(ct.matmul(y, z));
      return y;
    };
    const start = performance.now();
    const graph = ct.trace(f, x);
    const traced = performance.now() - start;
    graph.dispose();
    const plan = ct.compile(f);
    plan(x);
    const both = performance.now() - start - traced;
    plan.dispose();
    return { nodes, traced, planned: both - traced };
  });
  for (const { nodes, traced, planned } of times)
    console.log(
      `planning ${nodes} nodes: ${planned.toFixed(0)} ms beyond the ${traced.toFixed(0)} ms of the trace`,
    );
  const results = (z: ct.Tensor) => Array.from({ length: 30_000 }, (_, i) => ct.matmul(z, ct.mul(z, i + 2)));
  let start = performance.now();
  ct.compile(results)(x);
  console.log(`30,000 results: ${(performance.now() - start).toFixed(0)} ms with the trace`);
  const loop = ct.compile(
    ct.grad((z: ct.Tensor) => {
      let y = z;
      for (let i = 0; i < 20_000; i++) y = ct.tanh(ct.matmul(y, z));
      return ct.sum(y);
    }),
  );
  start = performance.now();
  loop(x);
  console.log(
    `the gradient of a loop of 20,000 steps: ${(performance.now() - start).toFixed(0)} ms with the trace`,
  );
}

/** All of them. */
export async function programs(compare: Compare): Promise<void> {
  await captured(compare);
  await scans(compare);
  await planning();
}
