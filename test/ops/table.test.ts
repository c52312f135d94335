// The table of operations has every row that is exported, and every row says what the system has to know of it.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Shape } from '#src/core/shape.js';
import { add, compile, concat, mul, reshape, scope, sub, type Tensor, tensor } from '#src/index.js';
import { concatOp, splitOp } from '#src/ops/concat.js';
import { cumsumOp } from '#src/ops/cumulative.js';
import { diagonalOp, embedOp } from '#src/ops/diagonal.js';
import { flipOp, rollOp } from '#src/ops/flip.js';
import { reshapeOp, transposeOp } from '#src/ops/layout.js';
import { apply, applyAll, type Op } from '#src/ops/op.js';
import { padOp, padTransposeOp } from '#src/ops/pad.js';
import { sliceOp, unsliceOp } from '#src/ops/slice.js';
import { centreOp, meanOp } from '#src/ops/statistics.js';
import { broadcastOp, sumOp } from '#src/ops/sum.js';
import { operations } from '#src/ops/table.js';
import { trilOp, triuOp } from '#src/ops/triangle.js';
import { property } from '../support/check.js';

const rows = operations as readonly Op<unknown>[];

test('every exported row outside of linear algebra and optimisation is in the table, once', async () => {
  const library = new URL('../../lib/', import.meta.url);
  const exported = new Map<unknown, string>();
  for (const folder of ['core', 'ops', 'compiler', 'autodiff', 'solve', 'nn']) {
    const files = readdirSync(fileURLToPath(new URL(`${folder}/`, library)), { recursive: true }) as string[];
    for (const file of files) {
      // Workers run when they are loaded.
      if (!file.endsWith('.js') || file.endsWith('worker.js')) continue;
      const module = (await import(new URL(`${folder}/${file}`, library).href)) as Record<string, unknown>;
      for (const [name, value] of Object.entries(module))
        if (name.endsWith('Op') && typeof value === 'object' && value !== null)
          exported.set(value, `${folder}/${file}: ${name}`);
    }
  }
  const table = new Set<unknown>(rows);
  const missing = [...exported].filter(([row]) => !table.has(row)).map(([, name]) => name);
  assert.equal(missing, [], 'rows that src/ops/table.ts lacks');
  assert.equal(
    rows.filter((row) => !exported.has(row)).map(({ name }) => name),
    [],
    'rows that are not exported',
  );
  assert.is(table.size, rows.length, 'a row stands twice');
  assert.is(new Set(rows.map(({ name }) => name)).size, rows.length, 'two rows have one name');
});

/** Structural rows that no linear map holds, or whose leading axis has a meaning already. */
const WITHOUT_BATCH = ['alias', 'overlap', 'unfold', 'fold'];

test('a row has what it needs', () => {
  for (const { name, prepare, view, linear, elementwise, batch, chain, unit, repeats } of rows) {
    if (prepare === undefined) assert.type(view, 'function', `${name}: a row that does not run is a view`);
    if (linear && elementwise === undefined && !WITHOUT_BATCH.includes(name))
      assert.type(batch, 'function', `${name}: a structural row has a batching rule`);
    if (elementwise !== undefined) assert.is(batch, undefined, `${name}: elementwise rows need no rule`);
    if (chain !== undefined) assert.type(elementwise, 'function', `${name}: chains are elementwise`);
    if (unit !== undefined) assert.type(elementwise, 'function', `${name}: units are of products`);
    assert.is(repeats === true, name === 'broadcastTo', name);
  }
});

const filled = (shape: Shape, from: number) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return tensor(
    Float64Array.from({ length: size }, (_, i) => Math.sin(from + 7 * i) * 10 ** ((i % 5) - 2)),
    { shape },
  );
};

/** Inputs' shapes and parameters for every row with a batching rule. */
const SAMPLES: [Op<never>, Shape[], unknown][] = [
  [sliceOp, [[3, 5]], { begin: [2, 1], step: [-1, 2], shape: [2, 2] }],
  [unsliceOp, [[2, 2]], { begin: [2, 1], step: [-1, 2], shape: [3, 5] }],
  [
    padOp,
    [[2, 3]],
    {
      widths: [
        [1, 0],
        [2, 1],
      ],
      mode: 'constant',
    },
  ],
  [
    padOp,
    [[2, 3]],
    {
      widths: [
        [1, 0],
        [2, 1],
      ],
      mode: 'periodic',
    },
  ],
  [
    padTransposeOp,
    [[3, 6]],
    {
      widths: [
        [1, 0],
        [2, 1],
      ],
      mode: 'edge',
    },
  ],
  [
    padOp,
    [[2, 3]],
    {
      widths: [
        [1, 2],
        [4, 1],
      ],
      mode: 'reflect',
    },
  ],
  [
    padTransposeOp,
    [[5, 8]],
    {
      widths: [
        [1, 2],
        [4, 1],
      ],
      mode: 'reflect',
    },
  ],
  [reshapeOp, [[2, 6]], { shape: [3, 4] }],
  [broadcastOp, [[3, 1]], { shape: [3, 4] }],
  [transposeOp, [[2, 3, 4]], { axes: [2, 0, 1] }],
  [flipOp, [[2, 3]], { axes: [1] }],
  [rollOp, [[2, 5]], { axis: 1, shift: 2 }],
  [
    concatOp,
    [
      [2, 3],
      [2, 1],
    ],
    { axis: 1 },
  ],
  [splitOp, [[2, 5]], { axis: 1, sizes: [2, 0, 3] }],
  [sumOp, [[4, 30]], { axes: [0], keepDims: false }],
  [sumOp, [[4, 30]], { axes: [1], keepDims: true }],
  [meanOp, [[4, 30]], { axes: [0], keepDims: false }],
  [meanOp, [[4, 30]], { axes: [0, 1], keepDims: true }],
  [centreOp, [[4, 30]], { axes: [0] }],
  [centreOp, [[4, 3, 5]], { axes: [0, 2] }],
  [cumsumOp, [[4, 9]], { axes: [0], reverse: true }],
  [cumsumOp, [[4, 9]], { axes: [1], reverse: false }],
  [trilOp, [[3, 4]], { k: 1 }],
  [triuOp, [[3, 4]], { k: -1 }],
  [diagonalOp, [[3, 4]], { offset: 1 }],
  [embedOp, [[3]], { offset: 1, shape: [3, 4] }],
];

test('batching rules do with every part of a block what the row does with one, bit by bit', () => {
  const sampled = new Set<unknown>(SAMPLES.map(([op]) => op));
  const unsampled = rows.filter((row) => row.batch !== undefined && !sampled.has(row));
  assert.equal(
    unsampled.map(({ name }) => name),
    [],
    'rows without a sample',
  );
  for (const [row, shapes, params] of SAMPLES) {
    const op = row as Op<unknown>;
    for (const width of [1, 3])
      scope(() => {
        const parts = Array.from({ length: width }, (_, part) =>
          shapes.map((shape, i) => filled(shape, part + 10 * i)),
        );
        const want = parts.map((inputs) => applyAll(op, inputs, params));
        const block = shapes.map((shape, i) =>
          concat(
            parts.map((inputs) => reshape(inputs[i], [1, ...shape])),
            0,
          ),
        );
        const batched = op.batch?.(params, width, want[0][0].shape, shapes.length);
        const got = applyAll(op, block, batched);
        want[0].forEach((first, k) => {
          assert.equal([...got[k].shape], [width, ...first.shape], op.name);
          assert.equal(
            [...got[k].data()],
            want.flatMap((outputs) => [...outputs[k].data()]),
            op.name,
          );
        });
      });
  }
  const padded = padOp.batch?.({ widths: [[0, 1]], mode: 'constant' }, 3, [2], 2);
  assert.is(padded, undefined, 'a value to pad with has no leading axis');
});

test('where views begin, and where what is padded with zeros stands', () => {
  let found = 0;
  const axis = fc.record({
    extent: fc.integer({ min: 1, max: 4 }),
    a: fc.nat(3),
    b: fc.nat(3),
    step: fc.constantFrom(1, 1, 1, 2, -1),
  });
  property(
    fc.array(axis, { minLength: 1, maxLength: 3 }),
    (axes) =>
      scope(() => {
        const large = axes.map(({ extent }) => extent);
        const begin = axes.map(({ extent, a }) => a % extent);
        const step = axes.map((one) => one.step);
        const shape = axes.map(({ extent, b, step: by }, i) => {
          const most = by > 0 ? Math.ceil((extent - begin[i]) / by) : begin[i] + 1;
          return 1 + (b % most);
        });
        const params = { begin, step, shape };
        const x = filled(large, 1);
        const part = apply(sliceOp, [x], params);
        const offset = sliceOp.view?.(params, large);
        if (offset !== undefined) {
          found++;
          assert.equal([...part.data()], [...x.data().subarray(offset, offset + part.size)]);
        }
        const back = { begin, step, shape: large };
        const at = unsliceOp.embed?.(back, shape, large);
        assert.is(at, offset);
        if (at !== undefined) {
          const whole = new Float64Array(x.size);
          whole.set(part.data(), at);
          assert.equal([...apply(unsliceOp, [part], back).data()], [...whole]);
        }
      }),
    300,
  );
  assert.ok(found > 50, `${found}`);
});

test('a row of another name or with the name of another is what its own fields say', () => {
  // A row that is called add and subtracts.
  const own: Op = {
    ...(rows.find(({ name }) => name === 'sub') as Op),
    name: 'add',
    chain: undefined,
    unit: undefined,
    rewrite: undefined,
  };
  const x = filled([50], 1);
  const y = filled([50], 2);
  const f = (a: Tensor, b: Tensor) => mul(add(apply(own, [mul(a, 3), b], undefined), b), 0.1);
  const plan = compile(f);
  const want = scope(() => mul(add(sub(mul(x, 3), y), y), 0.1).toArray());
  assert.equal(plan(x, y).toArray(), want);
  plan.dispose();
  for (const it of [x, y]) it.dispose();
});

test.run();
