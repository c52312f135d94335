// gpu.convolve against sums in f64, and against the kernel of the CPU.
import type { Tensor } from '#src/core/tensor.js';
import * as gpu from '#src/gpu/index.js';
import { conv } from '#src/nn/layers/conv.js';
import { both, type Checks, compare, gamma, owning, random, values } from './checks.js';

type Options = Omit<gpu.ConvolveOptions, 'bias'>;

/** Images [n, c, h, w] and kernels [o, c, kh, kw]. */
const CASES: readonly [x: number[], w: number[], options: Options][] = [
  [[1, 1, 1, 1], [1, 1, 1, 1], {}],
  [[2, 3, 9, 11], [4, 3, 3, 5], {}],
  [[2, 3, 9, 11], [4, 3, 3, 5], { padding: 'same' }],
  [[1, 2, 5, 7], [3, 2, 5, 7], {}],
  [[3, 1, 8, 6], [2, 1, 3, 3], { padding: 2, stride: 2 }],
  [[1, 2, 7, 9], [2, 2, 3, 2], { stride: [3, 1], dilation: [1, 2], padding: [4, 'same'] }],
  [[1, 2, 6, 5], [3, 2, 3, 3], { padding: 'periodic' }],
  [[2, 2, 3, 4], [1, 2, 5, 7], { padding: ['periodic', 'periodic'], dilation: 2 }],
  [[1, 1, 40, 1], [1, 1, 7, 1], { padding: ['periodic', 'valid'], stride: [2, 1] }],
  [[1, 5, 12, 33], [7, 5, 1, 1], {}],
];

const pair = <T>(value: T | readonly T[] | undefined, fallback: T): T[] =>
  Array.isArray(value) ? [...value] : [(value ?? fallback) as T, (value ?? fallback) as T];

/** Sums in f64, and those of their terms without signs; `shape` is that of the result. */
function reference(x: Tensor, w: Tensor, b: ArrayLike<number>, options: Options, shape: readonly number[]) {
  const [, C, H, W] = x.shape;
  const [O, , KH, KW] = w.shape;
  const [stride, dilation] = [pair(options.stride, 1), pair(options.dilation, 1)];
  const padding = pair<gpu.ConvolvePadding>(options.padding, 'valid');
  const before = [0, 1].map((i) => {
    const mode = padding[i];
    if (mode === 'valid') return 0;
    if (typeof mode === 'number') return mode;
    const [extent, kernel] = [x.shape[i + 2], w.shape[i + 2]];
    return Math.max(
      0,
      Math.floor(((shape[i + 2] - 1) * stride[i] + (kernel - 1) * dilation[i] + 1 - extent) / 2),
    );
  });
  const [X, K] = [x.data(), w.data()];
  const place = (at: number, extent: number, mode: unknown) =>
    mode === 'periodic' ? ((at % extent) + extent) % extent : at >= 0 && at < extent ? at : -1;
  const [sums, sizes]: number[][] = [[], []];
  for (let n = 0; n < shape[0]; n++)
    for (let o = 0; o < O; o++)
      for (let i = 0; i < shape[2]; i++)
        for (let j = 0; j < shape[3]; j++) {
          let [sum, size] = [b[o], Math.abs(b[o])];
          for (let c = 0; c < C; c++)
            for (let p = 0; p < KH; p++)
              for (let q = 0; q < KW; q++) {
                const row = place(stride[0] * i + dilation[0] * p - before[0], H, padding[0]);
                const column = place(stride[1] * j + dilation[1] * q - before[1], W, padding[1]);
                if (row < 0 || column < 0) continue;
                const term = K[((o * C + c) * KH + p) * KW + q] * X[((n * C + c) * H + row) * W + column];
                sum += term;
                size += Math.abs(term);
              }
          sums.push(sum);
          sizes.push(size);
        }
  return { sums, sizes };
}

/** The layer of the CPU, with this weight and bias. */
const onCpu = (x: Tensor, weight: Tensor, bias: Tensor, options: Options): Tensor =>
  conv(weight.shape[0], weight.shape.slice(2), { ...options, algorithm: 'direct' } as never).apply(
    { weight, bias },
    x,
  );

export const convolution: Checks = {
  'convolution against f64 and the CPU': () =>
    owning(async (own) => {
      for (const [shape, kernel, options] of CASES) {
        const [[x, X], [w, W]] = [random(own, shape, 21), random(own, kernel, 22)];
        const [b, B] = random(own, [kernel[0]], 23);
        const wanted = own(onCpu(x, w, b, options));
        const what = `[${shape}] by [${kernel}] ${JSON.stringify(options)}`;
        const { sums, sizes } = reference(x, w, b.data(), options, wanted.shape);
        const bound = gamma(kernel[1] * kernel[2] * kernel[3] + 2);
        const got = await values(own, gpu.convolve(X, W, { ...options, bias: B }), wanted.shape);
        compare(what, got, sums, (v, exact, i) => Math.abs(v - exact) <= bound * sizes[i]);
        compare(`${what}, CPU`, got, wanted.data(), (v, own, i) => Math.abs(v - own) <= 2 * bound * sizes[i]);
        const plain = await values(own, gpu.convolve(X, W, options), wanted.shape);
        const zero = reference(x, w, new Float32Array(kernel[0]), options, wanted.shape);
        compare(
          `${what}, no bias`,
          plain,
          zero.sums,
          (v, exact, i) => Math.abs(v - exact) <= bound * zero.sizes[i],
        );
      }
    }),
  'NaN and infinities reach the windows that hold them': () =>
    owning(async (own) => {
      const image = new Float32Array(2 * 6 * 7).fill(0.5);
      [image[3], image[20], image[70]] = [NaN, Infinity, -Infinity];
      const [x, X] = both(own, image, [1, 2, 6, 7]);
      const [w, W] = random(own, [3, 2, 3, 3], 24);
      const [b, B] = both(own, [1, NaN, -Infinity], [3]);
      const options = { padding: 'same' } as const;
      const wanted = own(onCpu(x, w, b, options));
      const got = await values(own, gpu.convolve(X, W, { ...options, bias: B }), wanted.shape);
      compare('same', got, wanted.data(), (v, u) => Math.abs(v - u) <= 1e-5);
    }),
  'an infinite weight makes NaN of the zeros around an image': () =>
    owning(async (own) => {
      const [x, X] = random(own, [1, 1, 3, 3], 25);
      const [w, W] = both(own, [1, 1, Infinity, 1, 1, 1, 1, 1, 1], [1, 1, 3, 3]);
      const [b] = both(own, [0], [1]);
      const wanted = own(onCpu(x, w, b, { padding: 1 }));
      const got = await values(own, gpu.convolve(X, W, { padding: 1 }), wanted.shape);
      compare('padding', got, wanted.data(), (v, u) => Math.abs(v - u) <= 1e-6);
    }),
  'nothing to convolve': () =>
    owning(async (own) => {
      const [, none] = random(own, [0, 2, 5, 5], 26);
      const [, W] = random(own, [3, 2, 3, 3], 27);
      await values(own, gpu.convolve(none, W), [0, 3, 3, 3]);
      const [[, empty], [, filters]] = [random(own, [2, 0, 5, 5], 26), random(own, [3, 0, 3, 3], 27)];
      const [, B] = both(own, [1, 2, 3], [3]);
      const got = await values(own, gpu.convolve(empty, filters, { bias: B }), [2, 3, 3, 3]);
      compare(
        'no channels',
        got,
        Array.from({ length: 54 }, (_, i) => 1 + (Math.floor(i / 9) % 3)),
      );
    }),
};
