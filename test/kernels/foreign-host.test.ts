// The file cotangent.simd.wasm in a host that knows docs/kernels.md and nothing of the library: a memory, a `gemm_parallel`
// that returns 0, addresses above 65,536, descriptors written by hand.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

type Kernels = Record<string, (...args: (number | boolean)[]) => number | undefined>;

async function host() {
  const memory = new WebAssembly.Memory({ initial: 64, maximum: 65536 });
  const bytes = readFileSync(new URL('../../../build/wasm/cotangent.simd.wasm', import.meta.url));
  const asked: number[][] = [];
  const env = {
    memory,
    gemm_parallel: (...args: number[]) => {
      asked.push(args);
      return 0;
    },
  };
  const { instance, module } = await WebAssembly.instantiate(bytes, { env });
  let end = 65536;
  /** Bytes at a multiple of 64. */
  const reserve = (size: number) => {
    const address = end;
    end += Math.ceil(size / 64) * 64;
    assert.ok(end <= memory.buffer.byteLength);
    return address;
  };
  const f64 = (address: number, n: number) => new Float64Array(memory.buffer, address, n);
  const i32 = (address: number, n: number) => new Int32Array(memory.buffer, address, n);
  const doubles = (values: number[]) => {
    const address = reserve(8 * values.length);
    f64(address, values.length).set(values);
    return address;
  };
  const words = (values: number[]) => {
    const address = reserve(4 * values.length);
    i32(address, values.length).set(values);
    return address;
  };
  return {
    kernels: instance.exports as unknown as Kernels,
    module,
    asked,
    reserve,
    f64,
    i32,
    doubles,
    words,
  };
}

test('a binary imports a memory and one function, has no start function, and reads nothing else', async () => {
  const { module } = await host();
  assert.equal(
    WebAssembly.Module.imports(module)
      .map(({ module: from, name, kind }) => `${from}.${name} ${kind}`)
      .sort(),
    ['env.gemm_parallel function', 'env.memory memory'],
  );
});

test('gemm: C := alpha A B + beta C with strides; a large product asks gemm_parallel', async () => {
  const { kernels, asked, reserve, f64, doubles } = await host();
  const a = doubles([1, 2, 3, 4, 5, 6]);
  const b = doubles([7, 9, 11, 8, 10, 12]); // column-major
  const c = doubles([1, 1, 1, 1]);
  const work = reserve(kernels.gemm_f64_work(2, 2, 3) as number);
  kernels.gemm_f64(2, 2, 3, 2, a, 3, 1, b, 1, 3, 10, c, 2, 1, work);
  assert.equal([...f64(c, 4)], [126, 138, 288, 318]);
  assert.equal(asked, []);

  const n = 200;
  const [x, y, z] = [0, 1, 2].map(() => reserve(8 * n * n));
  f64(x, n * n).fill(1);
  f64(y, n * n).fill(2);
  const room = reserve(kernels.gemm_f64_work(n, n, n) as number);
  kernels.gemm_f64(n, n, n, 1, x, n, 1, y, n, 1, 0, z, n, 1, room);
  assert.ok(f64(z, n * n).every((v) => v === 400));
  assert.equal(asked, [[8, n, n, n, 1, x, n, 1, y, n, 1, 0, z, n, 1, room]]);
});

test('elementwise with broadcasting: 5 ndim words, the extents, three rows of strides, and counters', async () => {
  const { kernels, reserve, f64, i32, doubles, words } = await host();
  const a = doubles([1, 2, 3]); // a column, 3 x 1
  const b = doubles([10, 20]); // a row, 1 x 2
  const out = reserve(8 * 6);
  const meta = words([
    ...[3, 2], // extents
    ...[1, 0], // strides of a, in elements
    ...[0, 1], // of b
    ...[0, 0], // of a third operand, which add has not
    ...[-1, -1], // counters: the kernel's
  ]);
  const fence = words([12345]);
  kernels.add_f64(2, meta, out, a, b);
  assert.equal([...f64(out, 6)], [11, 21, 12, 22, 13, 23]);
  assert.equal(i32(fence, 1)[0], 12345);

  // Three operands, of three dimensions: where(c, a, b), c i32.
  const c = words([1, 0]);
  const space = words([...[2, 3, 2], ...[1, 0, 0], ...[0, 1, 0], ...[0, 0, 1], ...[0, 0, 0]]);
  const chosen = reserve(8 * 12);
  kernels.where_f64(3, space, chosen, c, a, b);
  assert.equal([...f64(chosen, 12)], [1, 1, 2, 2, 3, 3, 10, 20, 10, 20, 10, 20]);
});

test('copy: the first row of strides is that of out, the second that of a', async () => {
  const { kernels, reserve, f64, doubles, words } = await host();
  const a = doubles([1, 2, 3, 4, 5, 6]);
  const out = reserve(8 * 6);
  const meta = words([...[3, 2], ...[2, 1], ...[1, 3], ...[0, 0], ...[0, 0]]);
  kernels.copy_64(2, meta, out, a);
  assert.equal([...f64(out, 6)], [1, 4, 2, 5, 3, 6]);
});

test('potrf: L in the lower triangle and info 0; the number of the pivot that fails', async () => {
  const { kernels, reserve, f64, i32, doubles } = await host();
  const a = doubles([4, -7, 2, 5]); // what lies above the diagonal is not read
  const info = reserve(4);
  const work = reserve(kernels.level3_f64_work(2, 2, 2) as number);
  kernels.potrf_f64(1, 2, a, 2, 0, info, work);
  assert.equal([...f64(a, 4)], [2, -7, 1, 2]);
  assert.is(i32(info, 1)[0], 0);

  const indefinite = doubles([1, 0, 2, 1]);
  kernels.potrf_f64(1, 2, indefinite, 2, 0, info, work);
  assert.is(i32(info, 1)[0], 2);
});

test('sum, argmax and a step of Adam, as the tables say', async () => {
  const { kernels, reserve, f64, i32, doubles } = await host();
  const x = doubles([1, 5, 2, 4, 3, 6]);
  const [out, at] = [reserve(16), reserve(8)];
  kernels.sum_f64(1, 3, 2, out, x, reserve(kernels.sum_work(3) as number));
  assert.equal([...f64(out, 2)], [6, 15]);
  kernels.argmax_f64(2, 3, 1, at, x);
  assert.equal([...i32(at, 2)], [1, 2]);

  const [p, g, m, v] = [[1], [0.5], [0], [0]].map(doubles);
  kernels.adam_f64(1, false, p, g, m, v, 0, 0.1, 0.999, 0.001, 0.01, 1e-8, 1);
  assert.is(f64(m, 1)[0], 0.05);
  const variance = 0.001 * 0.25;
  assert.ok(Math.abs(f64(v, 1)[0] - variance) < 1e-18);
  assert.ok(Math.abs(f64(p, 1)[0] - (1 - (0.01 * 0.05) / (Math.sqrt(variance) + 1e-8))) < 1e-15);
});

test.run();
