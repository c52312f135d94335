// A program that computes a little of everything below and above 2 GiB, and prints whether the bits are the same. A process of its
// own, because its memory stays as large as it was.
import * as assert from 'uvu/assert';
import { runtime } from '#src/core/runtime.js';
import { flatten } from '#src/core/tree.js';
import {
  add,
  compile,
  cumsum,
  div,
  exp,
  grad,
  hessian,
  linalg,
  matmul,
  mul,
  nn,
  optim,
  random,
  scope,
  slice,
  softmax,
  square,
  sub,
  sum,
  type Tensor,
  take,
  transpose,
} from '#src/index.js';

const HIGH = 2 ** 31;

/** A little of everything, from fresh tensors, as numbers. */
function everything(): number[][] {
  return scope(() => {
    const draw = random(5);
    const [a, b] = [draw.normal([40, 40]), draw.normal([40, 40])];
    const x = draw.normal([3000]);
    const images = draw.normal([2, 3, 9, 9]);
    const model = nn.sequential([nn.conv(4, [3, 3]), nn.maxPool(2), nn.flatten(), nn.dense(5)]);
    const params = model.init(draw, [3, 9, 9], { dtype: 'f64' });
    const chain = (z: Tensor) => sum(square(sub(mul(add(mul(z, z), 3), z), div(z, 7))));
    const banana = (z: Tensor) =>
      sum(
        add(
          mul(square(sub(slice(z, [1], [9]), square(slice(z, [0], [8])))), 9),
          square(sub(slice(z, [0], [8]), 1)),
        ),
      );
    const definite = add(matmul(a, a, { transposeB: true }), linalg.expm(mul(a, 0.01)));
    const plans = [
      compile(chain),
      compile(grad(chain)),
      compile(hessian(banana)),
      compile((z: Tensor) => linalg.solve(definite, z)),
    ];
    const [start, rows] = [slice(x, [0], [9]), slice(x, [0], [40])];
    const results = [
      matmul(a, b),
      ...[linalg.svd(a), linalg.eigh(definite), linalg.qr(a), linalg.lu(a), linalg.lstsq(a, b)],
      ...[exp(x), softmax(a, { axis: 0 }), cumsum(x), transpose(a), take(a, [3, 1], 1)],
      grad((p: typeof params) => sum(square(model.apply(p, images))))(params),
      plans[0](x),
      plans[1](x),
      plans[2](start),
      plans[3](rows),
      optim.minimize(banana, start, optim.lbfgs(), { maxIterations: 20 }).x,
      optim.adam().update(x, x, optim.adam().init(x)).params,
    ];
    const numbers = results.flatMap((result) => flatten(result).leaves.map((t) => Array.from(t.data())));
    for (const plan of plans) plan.dispose();
    return numbers;
  });
}

const low = everything();
const { heap, memory } = runtime();
// Not touched, so that it costs address space and no memory.
const block = heap.allocate(HIGH);
if (block === 0) throw new Error(`no room for 2 GiB: the memory has ${memory.buffer.byteLength} bytes`);
// What is free below is taken as well.
const small: number[] = [];
for (let bytes = 2 ** 26; bytes >= 64; bytes /= 2) {
  for (;;) {
    const address = heap.allocate(bytes);
    if (address === 0) break;
    if (address >= HIGH) {
      heap.release(address);
      break;
    }
    small.push(address);
  }
}
try {
  const probe = heap.allocate(64);
  assert.ok(probe >= HIGH, `${probe}`);
  heap.release(probe);
  assert.equal(everything(), low);
} finally {
  for (const address of [block, ...small]) heap.release(address);
}
console.log('the same bits');
