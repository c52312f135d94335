// The GPU path in a browser page: the same checks on WebGL2 and on WebGPU. Bundled and run by browser.test.ts.
import { valueAndGrad } from '#src/autodiff/grad.js';
import { compile } from '#src/compiler/compile.js';
import { tensor } from '#src/core/create.js';
import { random } from '#src/core/random/generator.js';
import { apply } from '#src/givens/apply.js';
import { obstacleOf } from '#src/gpu/calibration/types.js';
import * as gpu from '#src/gpu/index.js';
import { device } from '#src/gpu/session.js';
import { activation } from '#src/nn/layers/activation.js';
import { dense } from '#src/nn/layers/dense.js';
import { crossEntropy } from '#src/nn/layers/losses.js';
import { sequential } from '#src/nn/layers/sequential.js';
import { type AdamState, adam } from '#src/optim/stochastic/adam.js';
import { deviceOf, parallelMatmul } from '#src/parallel.js';
import { convolution } from './portable/convolution.js';
import { elementwise } from './portable/elementwise.js';
import { ensembles } from './portable/lorenz96.js';
import { reductions } from './portable/reductions.js';
import { transport } from './portable/sinkhorn.js';
import { assertWithinBound, integers, noise, product } from './reference.js';

export interface Outcome {
  name: string;
  ok: boolean;
  detail: string;
}

type Backend = 'webgl2' | 'webgpu';

async function compare(
  m: number,
  k: number,
  n: number,
  transposeA: boolean,
  transposeB: boolean,
): Promise<void> {
  const a = noise(m * k, 1);
  const b = noise(k * n, 2);
  const hosts = [
    tensor(a, { shape: transposeA ? [k, m] : [m, k] }),
    tensor(b, { shape: transposeB ? [n, k] : [k, n] }),
  ];
  const [left, right] = hosts.map(gpu.upload);
  const out = gpu.matmul(left, right, { transposeA, transposeB });
  const back = await out.download();
  const wanted = product(
    m,
    n,
    k,
    (i, p) => (transposeA ? a[p * m + i] : a[i * k + p]),
    (p, j) => (transposeB ? b[j * k + p] : b[p * n + j]),
  );
  assertWithinBound(back.data(), wanted, k, `${m} x ${k} x ${n} ${transposeA} ${transposeB}`);
  for (const x of [...hosts, left, right, out, back]) x.dispose();
}

function equal(got: ArrayLike<number>, wanted: ArrayLike<number>): void {
  for (let i = 0; i < wanted.length; i++) {
    if (got[i] !== wanted[i] && !(Number.isNaN(got[i]) && Number.isNaN(wanted[i])))
      throw new Error(`entry ${i} is ${got[i]}, not ${wanted[i]}`);
  }
}

/** Counts what WebGL holds from here on. */
function watchTextures(): { count(): number; stop(): void } {
  const prototype = WebGL2RenderingContext.prototype as unknown as Record<
    string,
    (...args: unknown[]) => unknown
  >;
  const saved = prototypeMethods(prototype);
  let count = 0;
  for (const [name, method] of Object.entries(saved)) {
    prototype[name] = function (...args) {
      count += name.startsWith('create') ? 1 : -1;
      return method.apply(this, args);
    };
  }
  return { count: () => count, stop: () => Object.assign(prototype, saved) };
}

function prototypeMethods<T>(prototype: Record<string, T>): Record<string, T> {
  const names = ['Texture', 'Framebuffer', 'Buffer'].flatMap((kind) => [`create${kind}`, `delete${kind}`]);
  return Object.fromEntries(names.map((name) => [name, prototype[name]]));
}

const checks: Record<string, (backend: Backend) => Promise<string>> = {
  async 'says which device it found'(backend) {
    const answer = await gpu.available({ backend, allowSoftware: true });
    if (!answer.available || answer.backend !== backend) throw new Error(JSON.stringify(answer));
    const info = await gpu.init({ backend, allowSoftware: true });
    if (info.backend !== backend || info.software !== answer.software) throw new Error(JSON.stringify(info));
    return `${info.adapter}${info.software ? ' (software)' : ''}`;
  },
  async 'odd sizes, long sums and transposes'() {
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        for (const [m, k, n] of [
          [1, 1, 1],
          [2, 3, 4],
          [37, 61, 5],
          [33, 66, 35],
          [3, 1001, 6],
          [5, 2500, 9],
        ]) {
          await compare(m, k, n, transposeA, transposeB);
        }
      }
    }
    return '24 products within the bound';
  },
  async 'batches broadcast'() {
    const [m, k, n] = [3, 5, 6];
    const a = integers(2 * m * k, 3);
    const b = integers(3 * k * n, 4);
    const hosts = [tensor(a, { shape: [2, 1, m, k] }), tensor(b, { shape: [3, k, n] })];
    const [left, right] = hosts.map(gpu.upload);
    const out = gpu.matmul(left, right);
    const back = await out.download();
    if (String(back.shape) !== `2,3,${m},${n}`) throw new Error(`shape ${back.shape}`);
    for (let z = 0; z < 6; z++) {
      const at = Math.floor(z / 3);
      const wanted = product(
        m,
        n,
        k,
        (i, p) => a[at * m * k + i * k + p],
        (p, j) => b[(z % 3) * k * n + p * n + j],
      );
      equal(back.data().subarray(z * m * n, (z + 1) * m * n), wanted.values);
    }
    for (const x of [...hosts, left, right, out, back]) x.dispose();
    return '[2, 1] by [3]';
  },
  async 'products chain, and their operands may go at once'() {
    const n = 13;
    const [a, b] = [integers(n * n, 8), integers(n * n, 9)];
    const at = (x: ArrayLike<number>) => (i: number, j: number) => x[i * n + j];
    const ab = product(n, n, n, at(a), at(b)).values;
    const wanted = product(n, n, n, (i, p) => ab[p * n + i], at(ab)).values;
    const hosts = [a, b].map((values) => tensor(values, { shape: [n, n] }));
    const [x, y] = hosts.map(gpu.upload);
    const xy = gpu.matmul(x, y);
    const last = gpu.matmul(xy, xy, { transposeA: true });
    for (const used of [...hosts, x, y, xy]) used.dispose();
    const back = await last.download();
    equal(back.data(), wanted);
    for (const used of [last, back]) used.dispose();
    return '(A B)ᵀ (A B)';
  },
  async 'rotations, with a signed permutation and back'() {
    const [d, m] = [9, 6];
    const x = tensor(noise(2 * d * m, 5), { shape: [2, d, m] });
    const i = [0, 3, 7, 0, 8, 2, 5, 0];
    const j = [1, 8, 2, 4, 0, 6, 3, 1];
    const angles = [0.3, -2, 1, 0.5, 3, -0.7, 1.9, 0.1];
    const permutation = [2, 0, 8, 1, 3, 5, 4, 7, 6];
    const f = { i, j, angles, permutation, signs: [1, -1, 1, 1, -1, -1, 1, 1, -1] };
    const uploaded = gpu.upload(x);
    const turned = gpu.applyGivens(uploaded, f);
    const returned = gpu.applyGivens(turned, f, { transpose: true });
    const [got, back] = [await turned.download(), await returned.download()];
    const wanted = apply(f, x);
    for (let k = 0; k < x.size; k++) {
      if (!(Math.abs(got.data()[k] - wanted.data()[k]) <= 1e-5)) throw new Error(`${k}: ${got.data()[k]}`);
      if (!(Math.abs(back.data()[k] - x.data()[k]) <= 1e-5)) throw new Error(`back, ${k}: ${back.data()[k]}`);
    }
    for (const used of [x, uploaded, turned, returned, got, back, wanted]) used.dispose();
    return '8 rotations of [2, 9, 6]';
  },
  ...Object.fromEntries(
    [elementwise, reductions, convolution, transport, ensembles].flatMap((portable) =>
      Object.entries(portable).map(([name, check]) => [name, () => check().then(() => 'as on the CPU')]),
    ),
  ),
  async 'NaN and infinity pass through'() {
    const host = tensor(Float32Array.of(1, Number.NaN, Number.POSITIVE_INFINITY, 2), { shape: [2, 2] });
    const one = tensor(Float32Array.of(1, 2), { shape: [2, 1] });
    const [a, b] = [host, one].map(gpu.upload);
    const c = gpu.matmul(a, b);
    const back = await c.download();
    equal(back.data(), [Number.NaN, Number.POSITIVE_INFINITY]);
    for (const used of [host, one, a, b, c, back]) used.dispose();
    return 'both';
  },
  async 'a matrix larger than any side of a texture is refused or right'() {
    const n = 40_000;
    const host = tensor(integers(n, 10), { shape: [n, 1] });
    const one = tensor(Float32Array.of(3), { shape: [1, 1] });
    const [a, b] = [host, one].map(gpu.upload);
    let detail = 'right';
    try {
      const c = gpu.matmul(a, b);
      const back = await c.download();
      equal(
        back.data(),
        [...host.data()].map((x) => 3 * x),
      );
      for (const used of [c, back]) used.dispose();
    } catch (error) {
      detail = (error as Error).message;
      if ((error as Error).name !== 'DeviceError' || !detail.includes('split the work')) throw error;
    }
    for (const used of [host, one, a, b]) used.dispose();
    return detail;
  },
  async 'parallelMatmul says where it ran'(backend) {
    const host = tensor(integers(20 * 20, 11), { shape: [20, 20] });
    const got = await parallelMatmul(host, host, { device: 'gpu' });
    const report = deviceOf(got);
    if (report?.backend !== backend) throw new Error(JSON.stringify(report));
    const cpu = await parallelMatmul(host, host, { device: 'cpu' });
    equal(got.data(), cpu.data());
    for (const used of [host, got, cpu]) used.dispose();
    return report.reason;
  },
  async 'calibrates, keeps it in IndexedDB, and init reads it'(backend) {
    const found = await gpu.calibrate({ quick: true });
    const { where, reason } = gpu.calibration();
    if (where !== 'IndexedDB, cotangent' || obstacleOf(found) !== undefined) throw new Error(reason);
    if ((await gpu.calibrate({ quick: true, file: false })) === found) throw new Error('not measured again');
    await gpu.destroy();
    await gpu.init({ backend, allowSoftware: true });
    const kept = gpu.calibration();
    if (JSON.stringify(kept.calibration) !== JSON.stringify(found)) throw new Error(kept.reason);
    await gpu.init({ backend, allowSoftware: true, calibration: false });
    return `${kept.reason}, by ${found.clock}`;
  },
  async 'compiled training steps'(backend) {
    const model = sequential([dense(6), activation('tanh'), dense(3)]);
    const optimizer = adam({ learningRate: 0.05 });
    const dice = random(4);
    const x = dice.normal([5, 4], { dtype: 'f32' });
    const labels = dice.integers([5], 0, 3);
    const loss = (params: unknown[]) => crossEntropy(model.apply(params, x), labels);
    const step = (params: unknown[], state: AdamState) => {
      const { value, grad } = valueAndGrad(loss)(params);
      return { value, ...optimizer.update(params, grad, state) };
    };
    const begin = () => {
      const params = model.init(random(5), [4], { dtype: 'f32' });
      return { params, state: optimizer.init(params), value: x };
    };
    const plan = compile(step, { device: 'gpu' });
    if (backend === 'webgl2') {
      const error = await plan(begin().params, begin().state).catch((reason: Error) => reason);
      if (!/programs need WebGPU, and webgl2 is open/.test(error.message)) throw error;
      return error.message;
    }
    const onCpu = compile(step);
    let [there, here] = [await plan(begin().params, begin().state), onCpu(begin().params, begin().state)];
    for (let k = 0; k < 4; k++) {
      there = await plan(there.params, there.state);
      here = onCpu(here.params, here.state);
    }
    const [got, want] = [(await there.value.download()).item(), here.value.item()];
    plan.dispose();
    onCpu.dispose();
    if (!(Math.abs(got - want) < 1e-5)) throw new Error(`a loss of ${got}, on the CPU ${want}`);
    return `a loss of ${got} after five steps`;
  },
  async 'sync, and nothing left behind'() {
    const host = tensor(integers(64, 12), { shape: [8, 8] });
    const live = watchTextures();
    const counts: number[] = [];
    for (let round = 0; round < 30; round++) {
      const a = gpu.upload(host);
      const c = gpu.matmul(a, a, { transposeA: round % 2 === 0, transposeB: round % 3 === 0 });
      a.dispose();
      if (round % 5 === 0) (await c.download()).dispose();
      c.dispose();
      counts.push(live.count());
    }
    await gpu.sync();
    live.stop();
    host.dispose();
    const { tensors, bytes } = gpu.memory();
    if (tensors !== 0 || bytes !== 0) throw new Error(`${tensors} tensors of ${bytes} bytes are left`);
    if (counts[29] !== counts[6])
      throw new Error(`textures and buffers went from ${counts[6]} to ${counts[29]}`);
    return `${counts[29]} more textures and buffers than before`;
  },
  async 'a loss is an error, and init opens another device'(backend) {
    const host = tensor(integers(9, 13), { shape: [3, 3] });
    const a = gpu.upload(host);
    const c = gpu.matmul(a, a);
    device('test').simulateLoss();
    const error = await c.download().then(
      () => new Error('no error after the loss'),
      (reason: Error) => reason,
    );
    if (error.name !== 'DeviceError' || !error.message.includes('lost')) throw error;
    for (const used of [a, c]) used.dispose();
    await gpu.init({ backend, allowSoftware: true });
    const again = gpu.upload(host);
    const square = gpu.matmul(again, again);
    const back = await square.download();
    const values = host.data();
    const entry = (i: number, j: number) => values[3 * i + j];
    equal(back.data(), product(3, 3, 3, entry, entry).values);
    for (const used of [host, again, square, back]) used.dispose();
    await gpu.destroy();
    return error.message;
  },
};

/** A function each: WebGPU has them all in Node, on the same adapter. */
const FUNCTION = /^(map|zip) \w+$/;
/** What a brief run has of the portable kernels: each of them once. */
const BRIEF = [
  ...['map tanh', 'zip div', 'results are operands, whatever is disposed of'],
  ...['logsumexp and softmax against f64', 'an infinite weight makes NaN of the zeros around an image'],
  ...['steps go on from potentials', 'a few steps against f64'],
];
const PORTABLE = [elementwise, reductions, convolution, transport, ensembles].flatMap(Object.keys);

/** Runs the checks on both backends. */
export async function run({ isBrief }: { isBrief: boolean }): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const backend of ['webgl2', 'webgpu'] as const) {
    for (const name of Object.keys(checks)) {
      const isLeftOut = isBrief ? PORTABLE.includes(name) : backend === 'webgpu' && FUNCTION.test(name);
      if (isLeftOut && !BRIEF.includes(name)) continue;
      const check = checks[name];
      try {
        outcomes.push({ name: `${backend}: ${name}`, ok: true, detail: await check(backend) });
      } catch (error) {
        outcomes.push({
          name: `${backend}: ${name}`,
          ok: false,
          detail: String((error as Error).stack ?? error),
        });
      }
    }
    await gpu.destroy();
  }
  return outcomes;
}
