// Columns in blocks: the bits of the map column by column, whatever operations it is made of.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  broadcastTo,
  compile,
  concat,
  expandDims,
  flip,
  grad,
  greater,
  jacfwd,
  matmul,
  mul,
  pad,
  random,
  reshape,
  roll,
  sin,
  slice,
  split,
  sum,
  type Tensor,
  transpose,
  where,
} from '#src/index.js';

const constant = ({ dtype }: Tensor) => random(9).normal([3, 4], { dtype });
/** From [3, 4] to anything. */
const maps: Record<string, (x: Tensor) => Tensor> = {
  'elements of other ranks': (x) => mul(sin(x), add(sum(x, { axis: 0 }), broadcastTo(sum(x), [2, 3, 4]))),
  'a column beside a row': (x) => mul(slice(x, [0, 1], [3, 2]), slice(x, [1], [2])),
  slice: (x) => slice(mul(x, x), [2, 3], [null, 0], [-1, -2]),
  'slice, back': (x) => grad((y: Tensor) => sum(sin(slice(y, [1, 0], [3, 4], [1, 2]))))(x) as Tensor,
  pad: (x) =>
    pad(mul(x, x), [
      [1, 0],
      [0, 2],
    ]),
  'pad with what is around': (x) =>
    pad(
      mul(x, x),
      [
        [1, 2],
        [0, 2],
      ],
      { mode: 'periodic' },
    ),
  'pad, back': (x) =>
    grad((y: Tensor) =>
      sum(
        sin(
          pad(
            y,
            [
              [1, 2],
              [0, 2],
            ],
            { mode: 'edge' },
          ),
        ),
      ),
    )(x) as Tensor,
  'pad with a value that moves': (x) =>
    pad(
      sin(x),
      [
        [1, 0],
        [0, 1],
      ],
      { value: sum(mul(x, x)) },
    ),
  'flip and roll': (x) => roll(flip(mul(x, x), 1), [1, 2], [0, 1]),
  'transpose and reshape': (x) => reshape(transpose(mul(x, x)), [2, 6]),
  'concat with a constant': (x) => concat([mul(x, x), constant(x), sin(x)], 1),
  split: (x) => split(mul(x, x), 2, 1)[1],
  'sum over the first axis': (x) => sum(sin(x), { axis: 0, keepDims: true }),
  'sum over the last axis': (x) => sum(sin(x), { axis: -1 }),
  where: (x) => where(greater(constant(x), 0), sin(x), expandDims(sum(x, { axis: 1 }), 1)),
  'a product of matrices': (x) => matmul(sin(x), transpose(x)),
  'a constant': (x) => add(constant(x), mul(0, x)),
};

for (const [name, f] of Object.entries(maps)) {
  test(`a compiled Jacobian has the bits of the eager one: ${name}`, () => {
    for (const dtype of ['f64', 'f32'] as const) {
      const x = random(1).normal([3, 4], { dtype });
      const plan = compile(jacfwd(f));
      const [want, got] = [jacfwd(f)(x) as Tensor, plan(x) as Tensor];
      assert.equal(got.shape, want.shape);
      assert.equal(got.toTypedArray(), want.toTypedArray());
      plan.dispose();
    }
  });
}

test('blocks that do not divide the columns, over several arguments', () => {
  const f = ({ a, b }: { a: Tensor; b: Tensor }) => ({
    y: mul(sin(a), slice(b, [0], [90])),
    z: mul(sum(b), a),
  });
  const at = { a: random(1).normal([90]), b: random(2).normal([91]) };
  type Result = Record<'y' | 'z', { a: Tensor; b: Tensor }>;
  const plan = compile(jacfwd(f));
  const [want, got] = [jacfwd(f)(at) as Result, plan(at) as Result];
  for (const y of ['y', 'z'] as const)
    for (const x of ['a', 'b'] as const) assert.equal(got[y][x].toTypedArray(), want[y][x].toTypedArray());
  plan.dispose();
});

test.run();
