// The built package in whatever runtime this is started with: a product, threads, and a process that ends by itself.
import { init, matmul, memory, random, scope, tensor } from 'cotangent';

const { threads, threadsReason, variant } = await init({ threads: 2 });
if (threads !== 2) throw new Error(`no threads: ${threadsReason}`);
// In a scope: tensors that nobody disposes are collected at some later time, which would change the count below.
const product = scope(() => matmul(tensor([[1, 2]]), tensor([[3], [4]])).toArray());
if (JSON.stringify(product) !== '[[11]]') throw new Error('a wrong product');
const a = random(1).normal([300, 300]);
const before = memory().bytes;
const both = scope(() => matmul(a, a).toTypedArray());
await init({ threads: 1 });
if (scope(() => matmul(a, a).toTypedArray()).some((x, i) => x !== both[i]))
  throw new Error('threads change the bits');
const { bytes } = memory();
if (bytes !== before) throw new Error(`${bytes} bytes in use, ${before} before`);
console.log(`ok: 2 threads, build ${variant}`);
