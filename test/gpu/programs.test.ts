// Compiled programs on the GPU: where they run, what they move and hold, what happens to results, and what goes wrong.
import * as assert from 'uvu/assert';
import { flatten } from '#src/core/tree.js';
import type { WebGpuAccess } from '#src/gpu/backend.js';
import * as gpu from '#src/gpu/index.js';
import { device } from '#src/gpu/session.js';
import {
  ArgumentError,
  add,
  astype,
  compile,
  constant,
  DeviceError,
  DisposedError,
  defineOp,
  grad,
  linalg,
  matmul,
  memory,
  mul,
  nn,
  ones,
  random,
  reshape,
  slice,
  sub,
  sum,
  type Tensor,
  take,
  tanh,
  tensor,
  trace,
  transpose,
  valueAndGrad,
  zeros,
} from '#src/index.js';
import { assertClose } from './both-devices.js';
import { gpuSuite, options } from './device.js';
import { rejection, watched } from './watch.js';

const test = await gpuSuite('gpu programs');
const dice = random(3);
const normal = (...shape: number[]): Tensor => dice.normal(shape, { dtype: 'f32' });
const f32 = (values: number[]): Tensor => tensor(values, { dtype: 'f32' });
const i32 = (values: number[]): Tensor => tensor(values, { dtype: 'i32' });
const numbers = async (x: gpu.GpuTensor): Promise<number[]> => {
  const read = await x.download();
  const values = Array.from(read.data());
  read.dispose();
  return values;
};

async function rejects(
  work: () => Promise<unknown>,
  type: new (message: string) => Error,
  text: RegExp,
): Promise<void> {
  const error = await rejection(work());
  assert.instance(error, type, error.stack);
  assert.match(error.message, text);
}

const layer = (x: Tensor, w: Tensor, b: Tensor) => tanh(add(matmul(x, w), b));

test('results are on the GPU, belong to the plan, and are overwritten by the next call', async () => {
  const plan = compile(layer, { device: 'gpu' });
  const [x, w, b] = [normal(4, 3), normal(3, 5), normal(5)];
  const y = (await plan(x, w, b)) as gpu.GpuTensor;
  assert.instance(y, gpu.GpuTensor);
  assert.equal([y.dtype, y.shape], ['f32', [4, 5]]);
  assertClose(await y.download(), layer(x, w, b), 1e-6, 'the first call');
  y.dispose();
  assert.not(y.isDisposed, 'a result belongs to the plan');
  const again = await plan(x, w, zeros([5], { dtype: 'f32' }));
  assert.is(again, y, 'the same tensor');
  assertClose(await y.download(), layer(x, w, zeros([5], { dtype: 'f32' })), 1e-6, 'overwritten');
  assert.is(plan.device, 'gpu');
  assert.ok(plan.bytes > 4 * 20);
  plan.dispose();
  assert.ok(y.isDisposed);
  await rejects(() => y.download(), DisposedError, /plan of the GpuTensor of shape \[4, 5\]/);
  await rejects(() => plan(x, w, b), DisposedError, /plan has been disposed/);
});

test('a run is one submission, whatever its steps', async () => {
  const loss = (p: { w: Tensor; b: Tensor }, x: Tensor, t: Tensor) => nn.crossEntropy(layer(x, p.w, p.b), t);
  const plan = compile(valueAndGrad(loss), { device: 'gpu' });
  const p = { w: normal(3, 5), b: normal(5) };
  const [x, t] = [normal(4, 3), i32([0, 4, 2, 2])];
  await plan(p, x, t);
  const { submissions, made } = await watched(async () => {
    await plan(p, x, t);
  });
  assert.equal([submissions, made], [1, 0]);
  assert.ok(plan.kernels > 5);
  assert.is(plan.report.length, 1);
  plan.dispose();
});

test('results are arguments of the next call: nothing is copied, and two sets take turns', async () => {
  const plan = compile((w: Tensor, x: Tensor) => sub(w, mul(x, 0.5)), { device: 'gpu' });
  const [w, x] = [f32([1, 2, 3]), f32([2, 4, 8])];
  const seen = new Set<unknown>();
  let at: unknown = await plan(gpu.upload(w), x);
  for (let i = 0; i < 4; i++) {
    seen.add(at);
    at = await plan(at as Tensor, x);
  }
  assert.equal(await numbers(at as gpu.GpuTensor), [-4, -8, -17]);
  assert.is(seen.size, 2);
  const { made } = await watched(async () => {
    for (let i = 0; i < 10; i++) at = await plan(at as Tensor, x);
  });
  assert.is(made, 0);
  assert.equal(await numbers(at as gpu.GpuTensor), [-14, -28, -57]);
  plan.dispose();
});

test('arguments of both sets of results', async () => {
  const plan = compile((a: Tensor, b: Tensor) => add(mul(a, 10), b), { device: 'gpu' });
  const one = (await plan(f32([1, 2]), f32([3, 4]))) as Tensor; // 13, 24
  const two = (await plan(one, f32([0, 1]))) as Tensor; // 130, 241
  const three = await plan(one, two); // 260, 481
  assert.equal(await numbers(three), [260, 481]);
  plan.dispose();
});

test('uploaded tensors, products whose rows have gaps, and integers are arguments', async () => {
  const [a, b] = [normal(5, 7), normal(7, 3)];
  const uploaded = [a, b].map((x) => gpu.upload(x));
  // A portable product pads its rows to four columns.
  const product = gpu.matmul(uploaded[0], uploaded[1], { kernel: 'portable' });
  const plan = compile((x: Tensor, k: Tensor) => take(mul(x, 2), k, 1), { device: 'gpu' });
  const at = gpu.upload(i32([2, 0]));
  assert.is(at.dtype, 'i32');
  assertClose(
    await (await plan(product, at)).download(),
    take(mul(matmul(a, b), 2), [2, 0], 1),
    1e-5,
    'padded',
  );
  assert.throws(() => gpu.matmul(at, at), /must be f32, got i32/);
  plan.dispose();
  for (const x of [...uploaded, product, at]) x.dispose();
});

test('downloaded results belong to the caller', async () => {
  const plan = compile((x: Tensor) => ({ twice: mul(x, 2), same: x }), { device: 'gpu', download: true });
  const x = f32([1, 2]);
  const first = await plan(x);
  const second = await plan(f32([3, 4]));
  assert.equal([...first.twice.data(), ...first.same.data()], [2, 4, 1, 2]);
  assert.equal([...second.twice.data(), ...second.same.data()], [6, 8, 3, 4]);
  plan.dispose();
  assert.equal([...first.twice.data()], [2, 4]);
});

test('all kinds of results: arguments, constants, views, nothing, f64, the same twice', async () => {
  const c = f32([7, 8]);
  const f = (x: Tensor, wide: Tensor) => {
    const y = mul(x, 3);
    return {
      x,
      y,
      again: y,
      reshaped: reshape(y, [2, 2]),
      part: slice(x, [1], [3]),
      column: transpose(reshape(x, [2, 2])),
      frozen: constant(c),
      captured: c,
      none: slice(x, [2], [2]),
      wide,
      doubled: mul(wide, 2),
      narrow: astype(wide, 'f32'),
      whole: astype(x, 'i32'),
      total: sum(x),
    };
  };
  const plan = compile(f, { device: 'gpu' });
  const check = async (x: Tensor, wide: Tensor) => {
    const there = (await plan(x, wide)) as Record<string, Tensor | gpu.GpuTensor>;
    const here = f(x, wide) as Record<string, Tensor>;
    for (const [name, want] of Object.entries(here)) {
      const got = there[name];
      assert.is(got instanceof gpu.GpuTensor, want.dtype !== 'f64', `${name} is where it can be`);
      const read = got instanceof gpu.GpuTensor ? await got.download() : got;
      assertClose(read, want, 0, name);
    }
  };
  await check(f32([1, 2, 3, 4]), tensor([0.1, 0.2]));
  c.data()[0] = 70;
  const text = String(plan);
  // What is frozen was traced before.
  const now = (await plan(f32([4, 3, 2, 1]), tensor([0.3, 0.4]))) as Record<string, gpu.GpuTensor>;
  assert.equal(await numbers(now.captured), [70, 8]);
  assert.equal(await numbers(now.frozen), [7, 8]);
  assert.match(text, /on the CPU \(f64, which WGSL does not have/);
  plan.dispose();
});

test('what has no kernel runs on the CPU, with its transfers', async () => {
  const cube = defineOp({
    name: 'mul',
    shape: ([x]) => x,
    run: (y: Tensor, [x]: readonly Tensor[]) => y.data().set(x.data().map((v) => v ** 3)),
  });
  const f = (a: Tensor, b: Tensor) => {
    const y = cube(mul(a, 2)); // a user's row, although it has the name of ours
    const z = linalg.solve(add(matmul(y, transpose(y)), eye), b);
    return { z: mul(z, y), y };
  };
  const eye = mul(
    ones([3, 3], { dtype: 'f32' }),
    tensor(
      [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ],
      { dtype: 'f32' },
    ),
  );
  const plan = compile(f, { device: 'gpu' });
  const [a, b] = [normal(3, 3), normal(3, 3)];
  const check = async (x: Tensor | gpu.GpuTensor) => {
    const { z, y } = await plan(x, b);
    const want = f(a, b);
    assertClose(await z.download(), want.z, 1e-3, 'z');
    assertClose(await y.download(), want.y, 1e-6, 'y');
  };
  await check(a);
  assert.equal(
    plan.report.map(({ device: place }) => place),
    ['gpu', 'cpu', 'gpu', 'cpu', 'gpu'],
  );
  assert.ok(plan.report[1].bytesIn === 36 && /no kernel for mul/.test(plan.report[1].reason), String(plan));
  const there = gpu.upload(a);
  await check(there);
  // A step on the CPU that reads an argument from the GPU.
  const first = compile((x: Tensor) => mul(cube(x), 2), { device: 'gpu' });
  assert.equal(await numbers(await first(gpu.upload(f32([1, 2])))), [2, 16]);
  plan.dispose();
  first.dispose();
});

test('captured tensors are read at every run', async () => {
  const w = f32([1, 2]);
  const plan = compile((x: Tensor) => mul(x, w), { device: 'gpu' });
  assert.equal(await numbers(await plan(f32([3, 3]))), [3, 6]);
  w.data()[1] = 20;
  assert.equal(await numbers(await plan(f32([3, 3]))), [3, 60]);
  plan.dispose();
});

test('an index out of range is an error of what is read, and the next run is right', async () => {
  const plan = compile((x: Tensor, k: Tensor) => take(x, k), { device: 'gpu' });
  const x = f32([1, 2, 3]);
  const y = await plan(x, i32([0, 2, 3, 7]));
  await rejects(
    () => y.download(),
    ArgumentError,
    /take: indices must be from -3 to 2, got one out of range at position 2/,
  );
  assert.equal(await numbers(await plan(x, i32([0, -1, 2, 1]))), [1, 3, 3, 2]);
  const loss = compile((l: Tensor, t: Tensor) => nn.crossEntropy(l, t), { device: 'gpu', download: true });
  await rejects(
    () => loss(normal(2, 3), i32([0, 3])),
    ArgumentError,
    /labels must be from 0 to 2, got one out of range at 1/,
  );
  assert.ok((await loss(normal(2, 3), i32([0, 2]))).item() > 0);
  plan.dispose();
  loss.dispose();
});

test('groups with more arrays than a kernel may bind are cut', async () => {
  const inputs = Array.from({ length: 15 }, () => normal(6));
  const f = (...xs: Tensor[]) => {
    const sums: Tensor[] = [];
    for (const x of xs) sums.push(sums.length ? add(mul(x, 2), sums[sums.length - 1]) : x);
    return sums;
  };
  const plan = compile(f, { device: 'gpu', download: true });
  const [there, here] = [await plan(...inputs), f(...inputs)];
  there.forEach((y: Tensor, i: number) => {
    assertClose(y, here[i], 0, `sum ${i}`);
  });
  const most = (device('test').webgpu as WebGpuAccess).device.limits.maxStorageBuffersPerShaderStage;
  assert.ok(plan.kernels >= Math.ceil(30 / most), `${plan.kernels} kernels, at most ${most} arrays each`);
  plan.dispose();
});

test('10,000 operations end with the buffers and the memory that they began with', async () => {
  const before = [memory(), gpu.memory()];
  const { made, destroyed } = await watched(async () => {
    const plan = compile(
      (x: Tensor) => {
        let y = x;
        for (let i = 0; i < 100; i++) y = add(mul(tanh(y), 0.5), i % 3 === 0 ? sum(y) : y);
        return y;
      },
      { device: 'gpu', download: true },
    );
    const x = normal(5);
    for (let i = 0; i < 50; i++) (await plan(x)).dispose();
    x.dispose();
    plan.dispose();
  });
  assert.is(made, destroyed);
  // Fewer if tensors of earlier tests were collected meanwhile.
  for (const [i, now] of [memory(), gpu.memory()].entries()) assert.ok(now.tensors <= before[i].tensors);
});

test('calls run in their order, awaited or not', async () => {
  const plan = compile((x: Tensor) => mul(x, 2), { device: 'gpu', download: true });
  const results = await Promise.all([1, 2, 3].map((v) => plan(f32([v]))));
  assert.equal(
    results.map((y) => y.item()),
    [2, 4, 6],
  );
  const failing = compile((x: Tensor, k: Tensor) => take(x, k), { device: 'gpu', download: true });
  const [first, second] = await Promise.allSettled([
    failing(f32([1]), i32([5])),
    failing(f32([1]), i32([0])),
  ]);
  assert.equal([first.status, second.status], ['rejected', 'fulfilled']);
  plan.dispose();
  failing.dispose();
});

test('auto leaves a software adapter alone, and says why', async () => {
  const plan = compile(layer, { device: 'auto' });
  const [x, w, b] = [normal(4, 3), normal(3, 5), normal(5)];
  const y = await plan(gpu.upload(x), w, b);
  assertClose(y, layer(x, w, b), 0, 'on the CPU');
  assert.is(plan.device, 'cpu');
  assert.is(plan.report.length, 1);
  assert.match(plan.report[0].reason, /emulated on the CPU; predicted: .* ms on the CPU, .* ms on the GPU/);
  const owned = compile(layer, { device: 'auto', download: true });
  const result = await owned(x, w, b);
  owned.dispose();
  assertClose(result, layer(x, w, b), 0, 'a copy');
  plan.dispose();
});

test('what cannot be: no GPU, wrong options, traced or differentiated plans, disposed tensors', async () => {
  const plan = compile(layer, { device: 'gpu' });
  const args = [normal(4, 3), normal(3, 5), normal(5)];
  const gone = normal(4, 3);
  gone.dispose();
  await rejects(
    () => plan(gone, args[1], args[2]),
    DisposedError,
    /tensor 0 in the arguments, of shape \[4, 3\]/,
  );
  const remote = gpu.upload(args[0]);
  remote.dispose();
  await rejects(() => plan(remote, args[1], args[2]), DisposedError, /tensor 0 in the arguments/);
  assert.throws(
    () => trace((x: Tensor) => plan(x, args[1], args[2]), args[0]),
    /cannot be called in a function that is traced/,
  );
  let failure: Promise<unknown> = Promise.resolve();
  grad((x: Tensor) => {
    failure = plan(x, args[1], args[2]);
    return sum(x);
  })(args[0]);
  await rejects(() => failure, ArgumentError, /cannot be differentiated/);
  assert.throws(() => compile(layer, { device: 'tpu' as never }), /device must be 'cpu', 'gpu' or 'auto'/);
  assert.throws(() => compile(layer, { download: true }), /download is for device 'gpu' and 'auto'/);
  assert.throws(() => compile(layer, { devise: 'gpu' } as never), /did you mean 'device'/);
  assertClose(
    await (await plan(...args)).download(),
    layer(args[0], args[1], args[2]),
    1e-6,
    'works after all of that',
  );
  await gpu.destroy();
  await rejects(() => plan(...args), DeviceError, /no GPU is open; await gpu.init\(\) first/);
  await gpu.init(options);
  assertClose(
    await (await plan(...args)).download(),
    layer(args[0], args[1], args[2]),
    1e-6,
    'on another device',
  );
  plan.dispose();
});

test('after a loss the call is tried once more on the next device, if nothing of its arguments was on the lost one', async () => {
  const plan = compile(layer, { device: 'gpu' });
  const args = [normal(4, 3), normal(3, 5), normal(5)];
  const y = await plan(...args);
  device('test').simulateLoss();
  await new Promise((resume) => setTimeout(resume, 50));
  await rejects(() => y.download(), DeviceError, /was lost/);
  assertClose(await (await plan(...args)).download(), layer(args[0], args[1], args[2]), 1e-6, 'anew');
  await rejects(() => plan(y, args[1], args[2]), Error, /shape|belongs to a device that is closed|lost/);
  // In the middle of a run.
  const own = (device('test').webgpu as WebGpuAccess).device;
  const { submit } = own.queue;
  own.queue.submit = function (...commands) {
    own.destroy();
    return submit.apply(this, commands);
  };
  const download = compile(layer, { device: 'gpu', download: true });
  assertClose(await download(...args), layer(args[0], args[1], args[2]), 1e-6, 'in the middle');
  assert.is.not((device('test').webgpu as WebGpuAccess).device, own, 'another device');
  plan.dispose();
  download.dispose();
});

test('auto goes on without the device, with the reason', async () => {
  const plan = compile(layer, { device: 'auto' });
  const args = [normal(4, 3), normal(3, 5), normal(5)];
  await gpu.destroy();
  assertClose(await plan(...args), layer(args[0], args[1], args[2]), 0, 'on the CPU');
  assert.match(plan.report[0].reason, /no GPU is open/);
  await gpu.init(options);
  await plan(...args);
  assert.match(plan.report[0].reason, /emulated/);
  plan.dispose();
});

test('structures of trees, and values of both kinds in one argument', async () => {
  const plan = compile(
    (p: { list: Tensor[]; scale: number }) => ({ deep: [{ y: mul(p.list[0], p.scale) }, p.list[1]], n: 3 }),
    { device: 'gpu' },
  );
  const a = gpu.upload(f32([1, 2]));
  const result = await plan({ list: [a, f32([3])], scale: 2 });
  assert.equal(await numbers(result.deep[0].y), [2, 4]);
  assert.equal(await numbers(result.deep[1]), [3]);
  assert.is(result.n, 3);
  const other = await plan({ list: [f32([5, 6]), a], scale: 10 });
  assert.equal(await numbers(other.deep[0].y), [50, 60]);
  assert.equal(flatten(other).leaves.length, 0);
  plan.dispose();
});

test.run();
