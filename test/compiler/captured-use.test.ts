// Captured tensors in use: constant, disposal, models that are trained, losses and objectives, functions that read values.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  compile,
  constant,
  DisposedError,
  grad,
  jvp,
  linalg,
  memory,
  mul,
  nn,
  ones,
  optim,
  random,
  scope,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  trace,
  zeros,
} from '#src/index.js';
import { near, rejects } from '../support/check.js';

const values = (x: Tensor) => Array.from(x.data());

/** Values changed in place. */
function change(...xs: Tensor[]): void {
  for (const x of xs) {
    const data = x.data();
    for (let i = 0; i < data.length; i++)
      data[i] = x.dtype === 'i32' ? (data[i] === 0 ? -1 : 0) : 1.7 * data[i] + 0.3;
  }
}

function clean(work: () => void): void {
  const before = memory();
  scope(work);
  const after = memory();
  assert.equal([after.tensors, after.bytes], [before.tensors, before.bytes], 'nothing is left behind');
}

test('constant freezes a tensor or a tree at the time of the trace', () =>
  clean(() => {
    const w = { a: tensor([1, 2]), b: [tensor(3)] };
    const f = (y: Tensor) => {
      const { a, b } = constant(w);
      return mul(add(y, a), b[0]);
    };
    using plan = compile(f);
    using graph = trace(f, ones([2]));
    assert.equal(plan(ones([2])).toArray(), [6, 9]);
    change(w.a, w.b[0]);
    assert.equal(plan(ones([2])).toArray(), [6, 9]);
    assert.equal((graph.run(ones([2])) as Tensor).toArray(), [6, 9]);
    // A tensor of its own.
    const copy = constant(w.a);
    change(w.a);
    assert.not.equal(copy.toArray(), w.a.toArray());
  }));

test('constant has no derivative, is an error for what is computed, and takes nothing but trees', () =>
  clean(() => {
    const f = (y: Tensor) => sum(mul(constant(y), y));
    assert.equal((grad(f)(tensor([2, 3])) as Tensor).toArray(), [2, 3]);
    assert.equal(jvp(f, [tensor([2, 3])], [ones([2])]).tangent.toArray(), 5);
    const at = tensor([1, 2]);
    rejects(() => compile((y: Tensor) => constant(y))(at), ArgumentError, /constant|compile/);
    rejects(() => compile((y: Tensor) => constant(mul(y, at)))(at), ArgumentError, /constant|compile/);
    rejects(() => constant(3 as unknown as Tensor), ArgumentError, /constant: x must be a tensor/);
  }));

test('captured tensors that are disposed of later stay readable to the plan', () =>
  clean(() => {
    const w = tensor([1, 2, 3]);
    using plan = compile((y: Tensor) => mul(y, w));
    assert.equal(plan(ones([3])).toArray(), [1, 2, 3]);
    w.dispose();
    assert.equal(plan(ones([3])).toArray(), [1, 2, 3]);
    const gone = tensor([1]);
    gone.dispose();
    const result = plan(ones([3]));
    rejects(() => compile((y: Tensor) => mul(y, gone))(result), DisposedError, /disposed/);
  }));

test('a compiled predict follows parameters that an optimizer moves in place', () =>
  clean(() => {
    const model = nn.sequential([nn.dense(4), nn.batchNorm(), nn.activation('tanh'), nn.dense(2)]);
    const params = model.init(random(1), [3]);
    const optimizer = optim.sgd({ learningRate: 0.3 });
    const state = optimizer.init(params);
    const data = random(2).normal([5, 3], { dtype: 'f32' });
    const predict = (y: Tensor) => model.apply(params, y) as Tensor;
    using plan = compile(predict);
    const first = values(plan(data));
    const loss = (p: typeof params) => sum(square(sub(model.apply(p, data) as Tensor, 1)));
    for (let i = 0; i < 3; i++) optimizer.step(params, grad(loss)(params) as typeof params, state);
    near(values(plan(data)), values(predict(data)), 1e-6);
    assert.not.equal(values(plan(data)), first);
    // Running statistics begin as zeros and ones.
    const running = (params as unknown as Record<string, Tensor>[])[1];
    change(running.runningMean, running.runningVariance);
    near(values(plan(data)), values(predict(data)), 1e-6);
  }));

test('a loss in fit follows weights and a temperature that change meanwhile', async () => {
  const [temperature, weights] = [tensor(1), tensor([1, 1])];
  const losses: number[] = [];
  const data = { x: ones([4, 2]), y: zeros([4, 2]) };
  const params = { w: ones([2]) };
  await nn.fit(
    (p: { w: Tensor }, batch: { x: Tensor; y: Tensor }) =>
      sum(mul(mul(weights, temperature), square(sub(mul(p.w, batch.x), batch.y)))),
    params,
    data,
    {
      epochs: 3,
      batchSize: 4,
      optimizer: optim.sgd({ learningRate: 0 }),
      onEpoch: ({ loss }: { loss: number }) => {
        losses.push(loss);
        temperature.data()[0] *= 2;
        weights.data()[1] += 1;
      },
    } as never,
  );
  assert.equal(losses, [8, 24, 64]);
});

test('an objective of minimize that captures an annealed scalar', () =>
  clean(() => {
    const target = tensor(1);
    const f = (y: Tensor) => sum(square(sub(y, target)));
    for (const value of [1, -2, 5]) {
      target.data()[0] = value;
      near(values(optim.minimize(f, zeros([2]), optim.lbfgs()).x), [value, value], 1e-6);
    }
  }));

test('functions of the library that read values do not freeze what is captured', () =>
  clean(() => {
    const [a, b] = [random(7).normal([4, 3]), random(8).normal([4])];
    const f = (y: Tensor) => mul(linalg.lsmr(a, b).x, y);
    const two = tensor(2);
    rejects(() => compile(f)(two), ArgumentError, /lsmr: .*read at every run.*constant\(x\)/);
    using frozen = compile((y: Tensor) => mul(linalg.lsmr(constant(a), constant(b)).x, y));
    near(values(frozen(tensor(2))), values(f(tensor(2))), 1e-12);
  }));

test.run();
