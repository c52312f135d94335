// npm run bench:autodiff: gradients and compiled programs, against other libraries and variants; in one process,
// alternating.
//   node build/bench/peers/autodiff.js [--only network,hessian,own,programs] [--seconds 2]

import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import * as ct from 'cotangent';
import { normals, toTensor } from '../cases/operands.js';
import { comparing } from './compare.js';
import type { DuelOptions } from './duel.js';
import { installPeers } from './install.js';
import { jaxNetwork, loss, ourNetwork, type Params, tfNetwork } from './network.js';
import { load, type Peer, version } from './others.js';
import { programs } from './programs.js';

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', default: 'network,hessian,own,programs' },
    seconds: { type: 'string', default: '2' },
  },
});
const groups = flags.only.split(',');
const options: DuelOptions = { seconds: Number(flags.seconds), minRounds: 3 };

const compare = comparing(options);

async function network(): Promise<void> {
  const { params, x, hot } = ourNetwork();
  const step = ct.compile(ct.valueAndGrad(loss));
  const ours = { name: 'cotangent', run: () => step(params, x, hot) };
  const peers = [await jaxNetwork(), await tfNetwork()];
  const value = (step(params, x, hot) as { value: ct.Tensor }).value.item();
  for (const peer of peers) {
    if (Math.abs(peer.value() - value) > 1e-4 * Math.abs(value))
      throw new Error(`${peer.name} computes ${peer.value()}, we ${value}`);
  }
  await compare('loss and gradient, 784-256-128-10, f32, batch 128', [ours, ...peers], 'at least 2');
  const forward = ct.compile(loss);
  await compare(
    'the same, against the value alone',
    [ours, { name: 'value', run: () => forward(params, x, hot) }],
    'at most 3.5',
    true,
  );
  const eager = ct.valueAndGrad(loss);
  await compare(
    'the same, compiled against eager',
    [ours, { name: 'eager', run: () => ct.scope(() => void eager(params, x, hot)) }],
    '',
  );
  // The first line gives the planned bytes, and the most bytes alive at a time, a lower bound for any plan.
  console.log(`\n${String(step).split('\n')[0]}; ${step.kernels} kernel calls`);
}

/** The averaged Rosenbrock function (dissertation, equation (15)). */
function rosenbrock(z: ct.Tensor): ct.Tensor {
  const n = z.size;
  const [head, tail] = [ct.slice(z, [0], [n - 1]), ct.slice(z, [1], [n])];
  const curved = ct.square(ct.sub(tail, ct.square(head)));
  return ct.mean(ct.add(ct.mul(curved, 100), ct.square(ct.sub(1, head))));
}

async function hessians(): Promise<void> {
  const n = 200;
  const start = normals(n, 'f32', 3) as Float32Array;
  const x = toTensor(start, [n]);
  const jax = await load('@jax-js/jax');
  await jax.init('wasm');
  jax.defaultDevice('wasm');
  const { numpy: np } = jax;
  const theirs = np.array(start);
  const f = (z: Peer) => {
    const head = z.ref.slice([0, n - 1]);
    const tail = z.slice([1, n]);
    const curved = np.square(tail.sub(np.square(head.ref)));
    return curved
      .mul(100)
      .add(np.square(np.array(1).sub(head)))
      .mean();
  };
  const h = jax.jit(jax.hessian(f));
  const ours = ct.hessian(rosenbrock);
  const compiled = ct.compile(ours);
  const mine = ct.scope(() => (ours(x) as ct.Tensor).toTypedArray() as Float32Array);
  const other = h(theirs.ref).dataSync() as Float32Array;
  const worst = mine.reduce((m, v, i) => Math.max(m, Math.abs(v - other[i])), 0);
  if (!(worst < 1e-2)) throw new Error(`the Hessians differ by ${worst}`);
  await compare(
    'Hessian of Rosenbrock, n = 200, f32',
    [
      { name: 'cotangent, compiled', run: () => compiled(x) },
      { name: `jax-js ${version('@jax-js/jax')}, jit`, run: () => h(theirs.ref).dataSync() },
    ],
    'at least 2',
  );
  const z = toTensor(normals(1000, 'f64', 4), [1000]);
  const v = toTensor(normals(1000, 'f64', 5), [1000]);
  const product = ct.compile((a: ct.Tensor, b: ct.Tensor) => ct.hvp(rosenbrock, a, b));
  const gradient = ct.compile(ct.grad(rosenbrock));
  await compare(
    'hvp of Rosenbrock, n = 1000, against its gradient, compiled',
    [
      { name: 'hvp', run: () => product(z, v) },
      { name: 'gradient', run: () => gradient(z) },
    ],
    'at most 3',
    true,
  );
  const { params, x: input, hot } = ourNetwork();
  const hv = ct.compile((p: Params, d: Params) => ct.hvp((q: Params) => loss(q, input, hot), p, d));
  const g = ct.compile(ct.grad((q: Params) => loss(q, input, hot)));
  await compare(
    'hvp of the network against its gradient, compiled',
    [
      { name: 'hvp', run: () => hv(params, params) },
      { name: 'gradient', run: () => g(params) },
    ],
    'at most 3',
    true,
  );
}

async function own(): Promise<void> {
  const small = ct.tensor([1, 2, 3, 4]);
  const chain = (length: number) =>
    ct.compile((x: ct.Tensor) => {
      // Each addition of the last two: nothing can be fused away or folded.
      let [a, b] = [x, ct.neg(x)];
      for (let i = 0; i < length; i++) [a, b] = [ct.add(a, b), a];
      return a;
    });
  const [long, short] = [chain(1000), chain(1)];
  const [ms, base] = await compare(
    'replay of 1,000 additions of 4 elements',
    [
      { name: 'chain', run: () => long(small) },
      { name: 'chain of one', run: () => short(small) },
    ],
    '',
    true,
  );
  console.log(`\nreplay: ${((ms - base) * 1000) / 1000} us a node (asked: under 0.5)`);
  const reps = 1000;
  const [eagerMs] = await compare(
    'eager: 1,000 additions of 4 elements',
    [
      {
        name: 'eager',
        run: () =>
          ct.scope(() => {
            for (let i = 0; i < reps; i++) ct.add(small, small);
          }),
      },
      { name: 'chain, compiled', run: () => long(small) },
    ],
    '',
    true,
  );
  console.log(`\neager: ${eagerMs} us an operation (asked: under 3)`);
  const big = toTensor(normals(1e6, 'f64', 6), [1e6]);
  const ten = (x: ct.Tensor) => {
    let y = x;
    for (let i = 0; i < 5; i++) y = ct.add(ct.mul(y, 0.5), x);
    return y;
  };
  const fused = ct.compile(ten);
  const first = ct.compile((y: ct.Tensor) => ct.mul(y, 0.5));
  const second = ct.compile((y: ct.Tensor, x: ct.Tensor) => ct.add(y, x));
  await compare(
    'ten elementwise operations on 1e6 elements, fused against one by one',
    [
      { name: 'fused', run: () => fused(big) },
      {
        name: 'one by one, compiled',
        run: () => {
          let y = big;
          for (let i = 0; i < 5; i++) y = second(first(y), big) as ct.Tensor;
        },
      },
      { name: 'eager', run: () => ct.scope(() => void ten(big)) },
    ],
    'at least 3',
  );
}

const { variant } = await ct.init();
console.log(`Node ${process.version}, ${cpus()[0]?.model.trim()}, kernels: ${variant}, one thread each\n`);
console.log('| what | ms | against | ms | ratio (middle half) | asked |\n|---|--:|---|--:|--:|---|');
if (groups.includes('network') || groups.includes('hessian')) installPeers();
if (groups.includes('network')) await network();
if (groups.includes('hessian')) await hessians();
if (groups.includes('own')) await own();
if (groups.includes('programs')) await programs(compare);
