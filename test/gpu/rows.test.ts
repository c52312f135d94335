// Every row that has kernels on the GPU, alone in a program, against the CPU: odd shapes, both dtypes, special values.
import * as assert from 'uvu/assert';
import { tableRows, twins } from '#src/gpu/program/twins/index.js';
import { expressionOf } from '#src/gpu/wgsl/expressions.js';
import {
  abs,
  add,
  argmax,
  argmin,
  astype,
  broadcastTo,
  clip,
  concat,
  cumsum,
  diag,
  diagonal,
  div,
  equal,
  flip,
  grad,
  greater,
  greaterEqual,
  less,
  lessEqual,
  logSoftmax,
  logsumexp,
  matmul,
  max,
  maximum,
  mean,
  min,
  minimum,
  mul,
  neg,
  norm,
  notEqual,
  pad,
  prod,
  random,
  reshape,
  roll,
  sign,
  slice,
  softmax,
  split,
  square,
  sub,
  sum,
  type Tensor,
  take,
  tensor,
  transpose,
  tril,
  triu,
  variance,
  where,
} from '#src/index.js';
import { convolveInputOp, convolveOp, convolveWeightOp } from '#src/ops/conv/convolve.js';
import { maxPoolOp, poolGatherOp, poolScatterOp } from '#src/ops/conv/max-pool.js';
import { col2imOp, type Geometry, im2colOp } from '#src/ops/conv/windows.js';
import { embedOp } from '#src/ops/diagonal.js';
import { apply, applyAll, type Op } from '#src/ops/op.js';
import { pickOp, scatterClassOp } from '#src/ops/pick.js';
import { unsliceOp } from '#src/ops/slice.js';
import { standardizeOp } from '#src/ops/standardize.js';
import { scatterAddOp } from '#src/ops/take.js';
import { agree } from './both-devices.js';
import { gpuSuite } from './device.js';

const test = await gpuSuite('gpu rows');
const dice = random(19);
const normal = (...shape: number[]): Tensor => dice.normal(shape, { dtype: 'f32' });
const integers = (...shape: number[]): Tensor => dice.integers(shape, -50, 50);
const f32 = (values: number[], shape = [values.length]): Tensor => tensor(values, { dtype: 'f32', shape });
const i32 = (values: number[], shape = [values.length]): Tensor => tensor(values, { dtype: 'i32', shape });
/** Copies on both dtypes. */
const both = (...shape: number[]): Tensor[] => [normal(...shape), integers(...shape)];

test('copies keep bits: transposes, broadcasts, slices, flips, rolls, triangles, diagonals', async () => {
  for (const x of both(3, 5, 7)) {
    await agree('transpose', (y) => transpose(y), [x]);
    await agree('transpose 1 2 0', (y) => transpose(y, [1, 2, 0]), [x]);
    await agree('broadcastTo', (y) => broadcastTo(y, [2, 3, 5, 7]), [x]);
    await agree('slice', (y) => slice(y, [1, 0, 2], [3, 4, 7], [1, 2, 3]), [x]);
    await agree('slice backwards', (y) => slice(y, [2, 4, 6], null, [-1, -2, -3]), [x]);
    await agree(
      'unslice',
      (y) => apply(unsliceOp, [y], { begin: [1, 2, 0], step: [2, 1, 3], shape: [7, 8, 20] }),
      [x],
    );
    await agree('flip', (y) => flip(y, [0, 2]), [x]);
    await agree('roll', (y) => roll(y, 3, 1), [x]);
    await agree('roll 0', (y) => roll(y, 0, 2), [x]);
    for (const k of [-2, 0, 1, 9]) {
      await agree(`tril ${k}`, (y) => tril(y, k), [x]);
      await agree(`triu ${k}`, (y) => triu(y, k), [x]);
      await agree(`diagonal ${k}`, (y) => diagonal(y, Math.min(k, 5)), [x]);
    }
    await agree('concat', (y) => concat([y, y, slice(y, [0, 1])], 1), [x]);
    await agree('split', (y) => split(y, [2, 0, 3], 1), [x]);
    await agree('reshape', (y) => reshape(transpose(y), [35, 3]), [x]);
  }
  for (const x of both(5)) {
    await agree('diag', (y) => diag(y), [x]);
    await agree('embedDiagonal', (y) => apply(embedOp, [y], { offset: -2, shape: [8, 5] }), [x]);
  }
  for (const x of both()) await agree('broadcast of a scalar', (y) => broadcastTo(y, [3, 2]), [x]);
  // Bits of NaN that no computation would give.
  const odd = f32([0, -0, 1e-45, Number.NaN]);
  new Int32Array(odd.data().buffer, odd.address, 4)[3] = 0x7fc12345;
  await agree('transpose of special values', (y) => transpose(reshape(y, [2, 2])), [odd]);
});

test('padding in every mode', async () => {
  for (const x of both(4, 3)) {
    for (const mode of ['constant', 'periodic', 'edge', 'reflect'] as const)
      for (const widths of [
        [
          [1, 2],
          [0, 3],
        ],
        [
          [0, 0],
          [9, 7],
        ],
      ] as const)
        await agree(`pad ${mode}`, (y) => pad(y, widths, { mode }), [x]);
  }
  await agree('pad with a number', (y) => pad(y, [[1, 2]], { value: 7 }), [normal(3)]);
  await agree('pad of nothing', (y) => pad(y, [[1, 2]]), [normal(0)]);
  await agree('pad of nothing with a number', (y) => pad(y, [[1, 2]], { value: -1 }), [normal(0)]);
  await agree('reflect of one', (y) => pad(y, [[3, 2]], { mode: 'reflect' }), [normal(1)]);
});

test('casts', async () => {
  await agree('i32 to f32', (y) => astype(y, 'f32'), [integers(9)]);
  await agree('f32 to f32', (y) => astype(mul(y, 2), 'f32'), [normal(9)]);
});

/** Sums of n numbers, each with an error of a few roundings. */
const SUMS = 4e-6;

test('reductions over every choice of axes', async () => {
  const shapes = [[], [1], [7], [3, 5], [2, 3, 4, 5], [130, 3], [3, 130], [2, 1000], [9000]];
  for (const shape of shapes) {
    const x = normal(...shape);
    const n = integers(...shape);
    const axes = shape.length === 4 ? [[0], [1], [3], [0, 2], [1, 3], [0, 1, 2]] : shape.map((_, i) => [i]);
    for (const axis of [undefined, ...axes]) {
      const options = { axis, keepDims: true };
      const label = `${shape} over ${axis}`;
      await agree(`sum ${label}`, (y) => sum(y, options), [x], { tolerance: SUMS * Math.sqrt(x.size) });
      await agree(`sum of integers ${label}`, (y) => sum(y, options), [n]);
      await agree(`mean ${label}`, (y) => mean(y, options), [x], { tolerance: SUMS });
      for (const [name, f] of [
        ['max', max],
        ['min', min],
        ['argmax', argmax],
        ['argmin', argmin],
      ] as const) {
        await agree(`${name} ${label}`, (y) => f(y, options), [x]);
        await agree(`${name} of integers ${label}`, (y) => f(y, options), [n]);
      }
      await agree(`variance ${label}`, (y) => variance(y, options), [x], { tolerance: 2 * SUMS });
      await agree(`norm ${label}`, (y) => norm(y, options), [x], { tolerance: SUMS });
      await agree(`logsumexp ${label}`, (y) => logsumexp(y, options), [x], { tolerance: SUMS });
    }
  }
  await agree('prod', (y) => prod(y, { axis: 0 }), [normal(7, 3)], { tolerance: SUMS });
  await agree('prod of integers', (y) => prod(y), [integers(7)]);
});

test('reductions of special values', async () => {
  const [nan, inf] = [Number.NaN, Number.POSITIVE_INFINITY];
  const rows = [
    [1, nan, 2, 3],
    [inf, 1, 2, inf],
    [-inf, -inf, -inf, -inf],
    [inf, -inf, 0, 1],
    [3e38, 3e38, 1, 1],
    [-0, 0, -0, 0],
    [1e-40, 2e-30, 1e-38, 0],
    [nan, inf, nan, -inf],
    [-3e38, 1, 3e38, -3e38],
    [88, -200, 89, 300],
  ];
  const x = f32(rows.flat(), [rows.length, 4]);
  for (const [name, f] of [
    ['max', max],
    ['min', min],
    ['argmax', argmax],
    ['argmin', argmin],
  ] as const)
    await agree(name, (y) => f(y, { axis: 1 }), [x]);
  await agree('logsumexp', (y) => logsumexp(y, { axis: 1 }), [x], { tolerance: 2e-7 });
  await agree('softmax', (y) => softmax(y), [x], { tolerance: 2e-7 });
  await agree('logSoftmax', (y) => logSoftmax(y), [x], { tolerance: 2e-7 });
  await agree('norm', (y) => norm(y, { axis: 1 }), [slice(x, [0], [6])], { tolerance: 3e-7 });
  await agree('sum', (y) => sum(y, { axis: 1 }), [slice(x, [0], [4])]);
  const ties = f32([2, 1, 2, 1, 5, 5], [3, 2]);
  await agree('argmax of ties', (y) => [argmax(y, { axis: 0 }), argmax(y), argmin(y)], [ties]);
  const empty = normal(0, 3);
  await agree('of nothing', (y) => [sum(y, { axis: 0 }), mean(y, { axis: 0 }), logsumexp(y, { axis: 0 })], [
    empty,
  ]);
  await agree('norm and product of nothing', (y) => [norm(y), prod(y, { axis: 0 })], [empty]);
});

test('softmax and cumulative sums along every axis', async () => {
  for (const shape of [[5], [3, 4, 5], [2, 700], [700, 2], [1, 1]]) {
    const x = normal(...shape);
    for (const axis of shape.keys()) {
      await agree(`softmax ${shape} ${axis}`, (y) => softmax(y, { axis }), [x], { tolerance: SUMS });
      await agree(`logSoftmax ${shape} ${axis}`, (y) => logSoftmax(y, { axis }), [x], { tolerance: SUMS });
      for (const reverse of [false, true]) {
        await agree(`cumsum ${shape} ${axis}`, (y) => cumsum(y, { axis, reverse }), [x], { tolerance: 1e-4 });
        await agree('cumsum of integers', (y) => cumsum(y, { axis, reverse }), [integers(...shape)]);
      }
    }
  }
});

test('moments: centred values, batch norm', async () => {
  const x = normal(6, 5, 7, 3);
  await agree('batch norm', (y) => applyAll(standardizeOp, [y], { epsilon: 1e-5 }), [x], { tolerance: 1e-5 });
  await agree(
    'batch norm of rows',
    (y) => applyAll(standardizeOp, [y], { epsilon: 1e-3 }),
    [normal(300, 2)],
    {
      tolerance: 1e-5,
    },
  );
  const slope = (y: Tensor, ct: Tensor) =>
    grad((z: Tensor) => sum(mul(variance(z, { axis: [0, 2] }), ct)))(y);
  await agree('the derivative of a variance', slope, [x, normal(5, 3)], { tolerance: 1e-5 });
  await agree('the square of a norm', (y) => square(norm(y)), [normal(40)], { tolerance: SUMS });
});

test('taking and scattering', async () => {
  for (const x of both(4, 5, 3)) {
    const at = i32([0, -1, 3, 3, 1, -4]);
    await agree('take 0', (y, k) => take(y, k, 0), [x, at]);
    await agree('take 1', (y, k) => take(y, k, 1), [x, reshape(at, [2, 3])]);
    await agree('take 2', (y, k) => take(y, k, 2), [x, i32([2, 0])]);
  }
  const x = normal(2, 6, 3);
  const at = i32([0, 4, 4, -5, 2, 4]);
  await agree('scatterAdd', (y, k) => apply(scatterAddOp, [y, k], { axis: 1, extent: 5 }), [x, at], {
    tolerance: 1e-6,
  });
  await agree('scatterAdd of integers', (y, k) => apply(scatterAddOp, [y, k], { axis: 0, extent: 7 }), [
    integers(6, 2),
    at,
  ]);
  await agree('scatterAdd of nothing', (y, k) => apply(scatterAddOp, [y, k], { axis: 0, extent: 3 }), [
    normal(0, 2),
    i32([]),
  ]);
  // So many that the results are written in the order of the indices.
  const many = dice.integers([4096], 0, 5000);
  await agree(
    'a large scatterAdd',
    (y, k) => apply(scatterAddOp, [y, k], { axis: 0, extent: 5000 }),
    [normal(4096, 4), many],
    {
      tolerance: 1e-5,
    },
  );
  const labels = i32([1, 0, 2, 2]);
  await agree('pick', (y, k) => apply(pickOp, [y, k], undefined), [normal(4, 3), labels]);
  await agree('place', (y, k) => apply(scatterClassOp, [y, k], { classes: 3 }), [normal(4), labels]);
});

/** The geometry of a window. */
function geometry(extents: number[], kernel: number[], others: Partial<Geometry> = {}): Geometry {
  const one = extents.map(() => 1);
  const {
    stride = one,
    dilation = one,
    before = extents.map(() => 0),
    periodic = extents.map(() => false),
  } = others;
  const output = extents.map((n, i) =>
    periodic[i]
      ? Math.ceil(n / stride[i])
      : Math.floor((n + 2 * before[i] - (kernel[i] - 1) * dilation[i] - 1) / stride[i]) + 1,
  );
  return { extents, kernel, stride, dilation, before, output, periodic };
}

const GEOMETRIES = [
  geometry([9], [3]),
  geometry([7, 6], [3, 2]),
  geometry([7, 6], [3, 3], { before: [1, 1] }),
  geometry([9, 8], [3, 2], { stride: [2, 3], before: [2, 0] }),
  geometry([9, 8], [2, 3], { dilation: [3, 2], before: [1, 2] }),
  geometry([4, 5, 6], [2, 1, 3], { stride: [1, 2, 1], before: [0, 0, 1] }),
  geometry([8, 6], [3, 3], { before: [1, 1], periodic: [true, true] }),
  geometry([8, 6], [3, 3], { before: [1, 1], periodic: [true, false] }),
];

test('convolutions, their transposes, and windows', async () => {
  for (const g of GEOMETRIES) {
    const label = JSON.stringify(g);
    const [x, w] = [normal(3, 4, ...g.extents), normal(5, 4, ...g.kernel)];
    const y = normal(3, 5, ...g.output);
    const close = { tolerance: 2e-5 };
    await agree(`convolve ${label}`, (a, b) => apply(convolveOp, [a, b], g), [x, w], close);
    await agree(`convolveInput ${label}`, (a, b) => apply(convolveInputOp, [a, b], g), [y, w], close);
    await agree(`convolveWeight ${label}`, (a, b) => apply(convolveWeightOp, [a, b], g), [y, x], close);
    await agree(`unfold ${label}`, (a) => apply(im2colOp, [a], g), [x]);
    const columns = normal(3, (4 * w.size) / 20, y.size / 15);
    await agree(`fold ${label}`, (a) => apply(col2imOp, [a], g), [columns], { tolerance: 1e-6 });
  }
  const g = geometry([28, 28], [5, 5]);
  await agree(
    'a sum over many images',
    (a, b) => apply(convolveWeightOp, [a, b], g),
    [normal(16, 3, 24, 24), normal(16, 1, 28, 28)],
    {
      tolerance: 1e-4,
    },
  );
});

test('pooling', async () => {
  for (const g of [
    geometry([9], [3], { stride: [3] }),
    geometry([7, 6], [3, 2], { stride: [2, 1] }),
    geometry([4, 6, 5], [2, 2, 2], { stride: [2, 2, 2] }),
  ]) {
    const x = normal(2, 3, ...g.extents);
    x.data().set([Number.NaN, 1, Number.NaN, Number.POSITIVE_INFINITY, -0, 0], 2);
    await agree('maxPool', (a) => applyAll(maxPoolOp, [a], g), [x]);
    const places = applyAll(maxPoolOp, [x], g)[1];
    await agree('poolGather', (a, p) => apply(poolGatherOp, [a, p], g), [x, places]);
    await agree(
      'poolScatter',
      (a, p) => apply(poolScatterOp, [a, p], g),
      [normal(2, 3, ...g.output), places],
      {
        tolerance: 1e-6,
      },
    );
  }
});

test('products of all kinds of operands', async () => {
  const cases: [number[], number[], object?][] = [
    [
      [3, 4],
      [4, 5],
    ],
    [[4, 3], [5, 4], { transposeA: true, transposeB: true }],
    [[4], [4, 5]],
    [[3, 4], [4]],
    [[4], [4]],
    [
      [2, 3, 4],
      [4, 5],
    ],
    [
      [2, 1, 3, 4],
      [3, 4, 2],
    ],
    [
      [70, 65],
      [65, 80],
    ],
    [
      [3, 2000],
      [2000, 4],
    ],
    [
      [2, 0],
      [0, 3],
    ],
  ];
  for (const [a, b, options] of cases)
    await agree(`matmul ${a} ${b}`, (x, y) => matmul(x, y, options), [normal(...a), normal(...b)], {
      tolerance: 2e-5,
    });
});

test('integers element by element, with numbers of all kinds', async () => {
  const [low, high] = [-(2 ** 31), 2 ** 31 - 1];
  const a = i32([low, high, 0, -1, 1, 7, -50, 123456789]);
  const b = i32([1, high, low, -1, 0, -7, 50, 987654321]);
  const both = { add, sub, mul, maximum, minimum, equal, notEqual, greater, greaterEqual, less, lessEqual };
  for (const [name, f] of Object.entries(both)) await agree(name, (x, y) => f(x, y), [a, b]);
  for (const [name, f] of Object.entries({ neg, abs, sign })) await agree(name, (x) => f(x), [a]);
  await agree('clip', (x) => clip(x, -5, 100), [a]);
  await agree('where', (x, y) => where(greater(x, y), x, mul(y, 3)), [a, b]);
  // Fused, over shapes that broadcast, with numbers that stand in the text.
  const mixed = (x: Tensor, y: Tensor) =>
    where(less(x, 0), mul(add(x, Number.POSITIVE_INFINITY), 0), sub(mul(y, 1e-40), x));
  await agree('special numbers', mixed, [normal(4, 1, 3), normal(5, 1)]);
  const odd = f32([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0, 2]);
  await agree(
    'a number and itself',
    (x) => [sub(x, x), mul(sub(x, x), x), add(x, neg(x)), div(x, x), add(x, 0), sub(0, x), mul(x, 0)],
    [odd],
  );
  await agree('the same from memory', (x, y) => [sub(x, y), add(x, neg(y)), equal(x, y), maximum(x, y)], [
    odd,
    odd,
  ]);
  await agree('NaN', (x) => [maximum(x, Number.NaN), minimum(x, Number.NEGATIVE_INFINITY), mul(x, -0)], [
    normal(6),
  ]);
});

test('every elementwise row has an expression, and every other one a kernel or a reason', () => {
  const without = [...tableRows].filter((row) => {
    const { elementwise } = row as Op<never>;
    if (elementwise === undefined) return !twins.has(row);
    const kinds = [1, 2, 3].map((count) => new Array<'f32'>(count).fill('f32'));
    return !kinds.some((kind) => expressionOf(row.name, kind)) && row.name !== 'where';
  });
  // Aliases run nowhere; random bits and a few sums over windows are made on the CPU.
  const expected = [
    'alias',
    'stopGradient',
    'overlap',
    'unpad',
    'windowGram',
    'normDirection',
    'bernoulli',
    'foldIn',
    'randomBits',
  ];
  assert.equal(without.map(({ name }) => name).sort(), expected.sort());
});

test.run();
