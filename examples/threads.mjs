// The same product on one thread and on all: the bits are the same. Threads are asked for before the first tensor.
import { availableParallelism } from 'node:os';
import { init, matmul, random } from 'cotangent';

const { threads, threadsReason, variant } = await init({ threads: availableParallelism() });
console.log(threadsReason ?? `${threads} threads, build ${variant}`);

const generator = random(1);
const [a, b] = [generator.normal([1000, 1000]), generator.normal([1000, 1000])];
const time = () => {
  for (let i = 0; i < 3; i++) matmul(a, b).dispose();
  const start = performance.now();
  const product = matmul(a, b);
  console.log(`${(2e9 / (performance.now() - start) / 1e6).toFixed(1)} GFLOP/s`);
  return product.toTypedArray();
};
const all = time();
await init({ threads: 1 });
const one = time();
console.log(one.every((value, i) => value === all[i]) ? 'the same bits' : 'other bits');
