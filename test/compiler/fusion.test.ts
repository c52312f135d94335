// Fusion: chains of elementwise operations run block by block with the bits that they have one by one.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tileOf } from '#src/compiler/group.js';
import { bytesPerElement } from '#src/core/dtype.js';
import {
  add,
  checkpoint,
  compile,
  type DType,
  div,
  equal,
  exp,
  grad,
  greater,
  matmul,
  maximum,
  mul,
  neg,
  type Plan,
  reshape,
  sin,
  square,
  sub,
  sum,
  Tensor,
  tanh,
  tensor,
  transpose,
  where,
} from '#src/index.js';
import { apply, applyInto, type Op } from '#src/ops/op.js';
import { operations } from '#src/ops/table.js';
import { bitsOf, numbers, property } from '../support/check.js';

const array = (shape: readonly number[], seed: number, dtype: DType = 'f64') =>
  tensor(
    numbers(
      shape.reduce((a, b) => a * b, 1),
      seed,
    ).map((x) => (dtype === 'i32' ? Math.trunc(9 * x) : x)),
    { shape: [...shape], dtype },
  );

const same = (a: Tensor, b: Tensor) => {
  assert.equal(a.shape, b.shape);
  assert.ok(bitsOf(a).equals(bitsOf(b)), 'bits differ');
};

/** Compares plan and function, hands the plan to `look`, frees all. */
function compare(
  f: (...xs: Tensor[]) => Tensor,
  args: Tensor[],
  look: (plan: Plan) => void = () => {},
): void {
  const plan = compile(f);
  const got = plan(...args);
  const want = f(...args);
  same(got, want);
  look(plan);
  plan.dispose();
  for (const x of [...args, want]) x.dispose();
}

test('blocks cover rows and columns once', () => {
  property(
    fc.tuple(
      fc.integer({ min: 1, max: 5000 }),
      fc.integer({ min: 1, max: 5000 }),
      fc.constantFrom(512, 1024, 2048),
    ),
    ([rows, columns, most]) => {
      const { outer, pieces, block, last, cutsRows } = tileOf(rows, columns, most);
      const [covered, total] = cutsRows ? [block[1], columns] : [block[0], rows];
      assert.is((pieces - 1) * covered + (cutsRows ? last[1] : last[0]), total);
      assert.is(outer, cutsRows ? rows : 1);
      assert.ok(block[0] * block[1] <= most && last[0] >= 1 && last[1] >= 1);
      assert.ok(last[0] <= block[0] && last[1] <= block[1]);
    },
    500,
  );
});

test('broadcast operands are read in place, at every size of block', () => {
  const shapes = [
    [[128, 256], [256], [128, 1], []],
    [[3, 5000], [5000], [3, 1], [1, 1]],
    [[2500, 3], [3], [2500, 1], [1]],
    [[1, 7], [7], [1, 1], []],
    [[4099], [1], [4099], []],
    [[40, 30, 20], [20], [1, 1, 20], []],
    [[40, 30, 20], [30, 20], [1], [40, 30, 20]],
    [[40, 30, 20], [40, 1, 1], [40, 1, 1], []],
  ];
  for (const dtype of ['f64', 'f32'] as const) {
    for (const [i, list] of shapes.entries()) {
      const args = list.map((shape, j) => array(shape, 10 * i + j, dtype));
      const f = (x: Tensor, row: Tensor, column: Tensor, scalar: Tensor) =>
        where(greater(x, row), mul(tanh(add(x, row)), column), sub(square(x), scalar));
      compare(f, args, (plan) => assert.is(plan.kernels, 1, String(plan)));
    }
  }
});

test('operands over more than two axes run alone, with the same numbers', () => {
  const args = [array([6, 5, 4], 1), array([5, 1], 2), array([6, 1, 4], 3)];
  const f = (x: Tensor, b: Tensor, c: Tensor) => mul(add(tanh(add(x, b)), c), 2);
  compare(f, args, (plan) => assert.is.not(plan.kernels, 1));
});

test('a fused chain needs no memory for what passes through it', () => {
  const n = 100_000;
  const f = (x: Tensor, y: Tensor) => div(sin(mul(add(x, y), 3)), add(exp(neg(square(y))), 1));
  const args = [array([n], 1), array([n], 2)];
  compare(f, args, (plan) => {
    assert.is(plan.kernels, 1);
    // The result, and a block or two.
    assert.ok(plan.bytes < 8 * n + 65536, `${plan.bytes}`);
  });
});

test('values of a chain that are needed elsewhere are written', () => {
  const f = (x: Tensor) => {
    const y = tanh(mul(x, 2));
    const z = add(y, 1);
    return add(mul(sum(y), z), transpose(reshape(y, [1, -1]))) as Tensor;
  };
  compare(f, [array([3000], 5)]);
});

test('repeated values are never written out', () => {
  const plan = compile(grad((x: Tensor) => sum(square(x))));
  const x = array([300, 400], 1);
  same(plan(x), grad((z: Tensor) => sum(square(z)))(x));
  assert.is(
    plan.graph?.nodes.some(({ op }) => op === 'broadcastTo'),
    false,
  );
  assert.ok(plan.bytes < 8 * x.size + 10_000);
  plan.dispose();
});

test('common values are computed once, constants and dead values not at all', () => {
  const f = (x: Tensor) => {
    const heavy = tensor(numbers(64, 1), { shape: [8, 8] });
    matmul(x, x);
    const constant = add(matmul(heavy, heavy), heavy);
    return add(mul(tanh(add(x, constant)), 1), tanh(add(x, constant)));
  };
  const plan = compile(f);
  const x = array([8, 8], 2);
  same(plan(x), f(x));
  assert.equal(
    plan.graph?.nodes.filter(({ kind }) => kind === 'operation').map(({ op }) => op),
    ['add', 'tanh', 'add'],
  );
  plan.dispose();
});

test('what a checkpoint computes again is not taken for what it computed before', () => {
  const block = (x: Tensor) => sin(tanh(mul(x, 2)));
  const [x, count] = [
    array([50], 3),
    (plan: Plan) => plan.graph?.nodes.filter(({ op }) => op === 'tanh').length,
  ];
  const plain = compile(grad((z: Tensor) => sum(block(block(z)))));
  const again = compile(grad((z: Tensor) => sum(checkpoint(block)(checkpoint(block)(z)))));
  same(plain(x), again(x));
  // Going forward the second block is not needed: its value is not asked for.
  assert.equal([count(plain), count(again)], [2, 3]);
  plain.dispose();
  again.dispose();
});

test('parameters that JSON cannot tell apart are told apart', () => {
  const op: Op<{ value: number }> = {
    name: 'fill',
    shape: ([x]) => x,
    prepare:
      ([out], _, { value }) =>
      () =>
        void out.data().fill(value),
  };
  const values = [Number.NaN, Number.POSITIVE_INFINITY, 0, -0];
  const plan = compile((x: Tensor) => values.map((value) => apply(op, [x], { value })));
  const x = tensor([1]);
  assert.ok(plan(x).every((y: Tensor, i: number) => Object.is(y.data()[0], values[i])));
  plan.dispose();
  x.dispose();
});

test('every elementwise operation may write over an operand of elements as large', () => {
  const n = 37;
  let checked = 0;
  for (const op of operations as readonly Op[]) {
    if (op.elementwise === undefined) continue;
    for (const dtype of ['f64', 'f32', 'i32'] as const) {
      for (const arity of [1, 2, 3]) {
        const types = Array.from(
          { length: arity },
          (_, i): DType => (arity === 3 && i === 0 && op.name === 'where' ? 'i32' : dtype),
        );
        const make = () => types.map((type, i) => array([n], 7 + i, type));
        const inputs = make();
        let want: Tensor | undefined;
        try {
          want = apply(op, inputs, undefined);
        } catch {
          // It does not take so many operands, or not of this dtype.
        }
        for (let i = 0; want !== undefined && i < arity; i++) {
          const operands = make();
          if (bytesPerElement(types[i]) === bytesPerElement(want.dtype)) {
            const over = new Tensor(want.shape, want.dtype, operands[i].storage);
            applyInto(op, [over], operands, undefined);
            same(over, want);
            over.dispose();
            checked++;
          }
          for (const x of operands) x.dispose();
        }
        for (const x of [...inputs, want]) x?.dispose();
      }
    }
  }
  assert.ok(checked > 60, `${checked}`);
});

test('masks and comparisons are fused with numbers of both sizes', () => {
  for (const dtype of ['f64', 'f32'] as const) {
    const args = [array([5000], 1, dtype), array([5000], 2, dtype)];
    const f = (x: Tensor, y: Tensor) =>
      maximum(where(equal(greater(x, y), greater(y, 0)), mul(x, 2), neg(y)), where(greater(x, 0.5), x, y));
    compare(f, args, (plan) => assert.is(plan.kernels, 1));
  }
});

test.run();
