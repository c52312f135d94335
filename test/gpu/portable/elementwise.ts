// gpu.map and gpu.zip against the kernels of the CPU: every function at special values and many others, broadcasting, numbers.

import type { Tensor } from '#src/core/tensor.js';
import * as gpu from '#src/gpu/index.js';
import * as ops from '#src/ops/index.js';
import { NORMAL, numbers, SPECIAL, ulps, unit } from '../samples.js';
import { both, type Checks, compare, owning, random, values } from './checks.js';

const UNARY: readonly gpu.UnaryName[] = [
  ...(['neg', 'abs', 'sign', 'square', 'sqrt', 'rsqrt', 'exp', 'expm1', 'log', 'log1p'] as const),
  ...(['sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'sinh', 'cosh', 'tanh', 'erf'] as const),
  ...(['relu', 'elu', 'silu', 'gelu', 'sigmoid', 'softplus'] as const),
];
const BINARY: readonly gpu.BinaryName[] = [
  ...(['add', 'sub', 'mul', 'div', 'pow', 'maximum', 'minimum', 'atan2'] as const),
];
/** Functions with the bits of the CPU. */
const EXACT: readonly string[] = ['neg', 'abs', 'sign', 'sqrt', 'relu', 'div', 'maximum', 'minimum'];
/** One sum or product, in which a device may take subnormal numbers for zeros; else they, too, have the bits of the CPU. */
const ARITHMETIC: readonly string[] = ['add', 'sub', 'mul', 'square'];
const COUNT = 1500;

const isSubnormal = (x: number) => x !== 0 && Math.abs(x) < NORMAL;

function near(name: string, operands: readonly ArrayLike<number>[]) {
  if (EXACT.includes(name)) return () => false;
  if (ARITHMETIC.includes(name))
    return (_: number, wanted: number, i: number) =>
      isSubnormal(wanted) || operands.some((x) => isSubnormal(x[i]));
  return (got: number, wanted: number) => wanted !== 0 && ulps(got, wanted, unit(wanted)) <= 1;
}

const cpu = ops as unknown as Record<string, (...operands: Tensor[]) => Tensor>;

export const elementwise: Checks = {
  ...Object.fromEntries(
    UNARY.map((name) => [
      `map ${name}`,
      () =>
        owning(async (own) => {
          const x = [...SPECIAL, ...numbers(COUNT, 1)];
          while (x.length % 7 !== 0) x.push(0.25);
          const shape = [x.length / 7, 7];
          const [host, there] = both(own, x, shape);
          const wanted = own(cpu[name](host)).data();
          compare(name, await values(own, gpu.map(name, there), shape), wanted, near(name, [host.data()]));
        }),
    ]),
  ),
  ...Object.fromEntries(
    BINARY.map((name) => [
      `zip ${name}`,
      () =>
        owning(async (own) => {
          const a = [...SPECIAL.flatMap((x) => SPECIAL.map(() => x)), ...numbers(COUNT, 2)];
          const b = [...SPECIAL.flatMap(() => SPECIAL), ...numbers(COUNT, 3)];
          const shape = [1, a.length];
          const [[left, x], [right, y]] = [both(own, a, shape), both(own, b, shape)];
          const wanted = own(cpu[name](left, right)).data();
          const isNear = near(name, [left.data(), right.data()]);
          compare(name, await values(own, gpu.zip(name, x, y), shape), wanted, isNear);
        }),
    ]),
  ),
  'zip broadcasts as NumPy does': () =>
    owning(async (own) => {
      const shapes: [number[], number[], number[]][] = [
        [[3, 5], [5], [3, 5]],
        [
          [3, 5],
          [3, 1],
          [3, 5],
        ],
        [
          [3, 1],
          [1, 5],
          [3, 5],
        ],
        [
          [2, 1, 3, 4],
          [5, 1, 1],
          [2, 5, 3, 4],
        ],
        [
          [2, 5, 3, 4],
          [2, 1, 1, 4],
          [2, 5, 3, 4],
        ],
        [[], [7], [7]],
        [[7], [], [7]],
        [[], [], []],
        [[1], [1], [1]],
        [
          [2, 3, 1],
          [1, 7],
          [2, 3, 7],
        ],
        [[0, 3], [3], [0, 3]],
        [
          [2, 1],
          [2, 0],
          [2, 0],
        ],
      ];
      for (const [left, right, shape] of shapes) {
        for (const name of ['sub', 'div'] as const) {
          const [[a, x], [b, y]] = [random(own, left, 5), random(own, right, 6)];
          const wanted = own(cpu[name](a, b)).data();
          compare(`[${left}] ${name} [${right}]`, await values(own, gpu.zip(name, x, y), shape), wanted);
        }
      }
    }),
  'numbers are operands, and a tensor may be both': () =>
    owning(async (own) => {
      const [host, x] = random(own, [3, 6], 7, 4);
      const all = Array.from(host.data());
      const f = Math.fround;
      compare(
        '2.5 - x',
        await values(own, gpu.zip('sub', 2.5, x), [3, 6]),
        all.map((v) => f(2.5 - v)),
      );
      compare(
        'x / 3',
        await values(own, gpu.zip('div', x, 3), [3, 6]),
        all.map((v) => f(v / 3)),
      );
      compare(
        'x * x',
        await values(own, gpu.zip('mul', x, x), [3, 6]),
        all.map((v) => f(v * v)),
      );
    }),
  'results are operands, whatever is disposed of': () =>
    owning(async (own) => {
      const [host, x] = random(own, [2, 3, 5], 8);
      const product = gpu.matmul(x, x, { transposeB: true });
      const shifted = gpu.zip('add', product, 1);
      product.dispose();
      const absolute = gpu.map('abs', shifted);
      shifted.dispose();
      const v = host.data();
      const wanted = Array.from({ length: 18 }, (_, at) => {
        const [z, i, j] = [Math.floor(at / 9), Math.floor((at % 9) / 3), at % 3];
        let sum = 1;
        for (let p = 0; p < 5; p++) sum += v[z * 15 + i * 5 + p] * v[z * 15 + j * 5 + p];
        return Math.abs(sum);
      });
      compare('|x xᵀ + 1|', await values(own, absolute, [2, 3, 3]), wanted, (a, b) => Math.abs(a - b) < 1e-6);
    }),
};
