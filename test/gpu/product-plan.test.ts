// Which kernel a product takes: every class of shapes, and workgroups that cover the whole result.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  DEFAULT_TABLE,
  gridOf,
  type ProductShape,
  planProduct,
  SOFTWARE_TABLE,
} from '#src/gpu/product-plan.js';
import { blockOf } from '#src/gpu/wgsl/product.js';
import { THREADS } from '#src/gpu/wgsl/thin-product.js';

function shape(m: number, k: number, n: number, more: Partial<ProductShape> = {}): ProductShape {
  const { transposeA = false, transposeB = false } = more;
  const pitches = { pitchA: transposeA ? m : k, pitchB: transposeB ? k : n };
  return { batches: 1, m, n, k, transposeA, transposeB, ...pitches, ...more };
}

const kindOf = (...args: Parameters<typeof shape>) => planProduct(shape(...args), DEFAULT_TABLE).kind;

test('each class of shapes has its kernel', () => {
  assert.is(kindOf(1024, 1024, 1024), 'tiled');
  assert.is(kindOf(40, 40, 40), 'tiled');
  assert.is(kindOf(16, 8192, 16), 'sliced');
  assert.is(kindOf(16, 500, 16), 'tiled');
  assert.is(kindOf(1000, 1000, 1), 'vector');
  assert.is(kindOf(1, 1000, 1000), 'vector');
  assert.is(kindOf(1000, 1000, 7), 'plain');
  assert.is(kindOf(5, 1000, 1000), 'plain');
  assert.is(kindOf(1000, 3, 1000), 'plain');
});

test('the tile is the largest of which there are enough', () => {
  const tileOf = (m: number, k: number, n: number, batches = 1) => {
    const plan = planProduct(shape(m, k, n, { batches }), DEFAULT_TABLE);
    return plan.kind === 'tiled' ? blockOf(plan.tile) : undefined;
  };
  assert.equal(tileOf(1024, 1024, 1024), [128, 128]);
  assert.equal(tileOf(128, 64, 128), [32, 32]);
  assert.equal(tileOf(64, 64, 64), [16, 32]);
  assert.equal(tileOf(64, 64, 64, 4), [32, 32]);
});

test('edges and vectors are taken for granted only where they are', () => {
  const of = (...args: Parameters<typeof shape>) => {
    const plan = planProduct(shape(...args), DEFAULT_TABLE);
    if (plan.kind !== 'tiled') throw new Error(plan.kind);
    return [plan.exact, plan.vectors];
  };
  assert.equal(of(1024, 1024, 1024), [true, true]);
  assert.equal(of(1020, 1024, 1024), [false, true]);
  assert.equal(of(1024, 1020, 1024), [false, true]);
  assert.equal(of(1023, 1024, 1024), [false, true]);
  assert.equal(of(1024, 1022, 1024), [false, false]);
  assert.equal(of(1024, 1024, 1022), [false, false]);
  // Along a transposed operand it is its other extent that lies beside itself.
  assert.equal(of(1022, 1024, 1024, { transposeA: true }), [false, false]);
  assert.equal(of(1024, 1024, 1024, { pitchA: 1026 }), [true, false]);
});

test('a vector knows whether it lies beside itself', () => {
  const of = (m: number, n: number, transposeA: boolean, transposeB: boolean) =>
    planProduct(shape(m, 300, n, { transposeA, transposeB }), DEFAULT_TABLE);
  assert.equal(of(50, 1, false, false), { kind: 'vector', matrix: 'a', along: 'rows', contiguous: false });
  assert.equal(of(50, 1, true, true), { kind: 'vector', matrix: 'a', along: 'columns', contiguous: true });
  assert.equal(of(1, 50, false, false), { kind: 'vector', matrix: 'b', along: 'columns', contiguous: true });
  assert.equal(of(1, 50, true, true), { kind: 'vector', matrix: 'b', along: 'rows', contiguous: false });
});

test('workgroups cover the result, and slices the sum', () => {
  for (const table of [DEFAULT_TABLE, SOFTWARE_TABLE])
    for (const [m, k, n] of [
      [1, 1, 1],
      [1, 70000, 3],
      [3, 5, 1],
      [17, 4097, 9],
      [16, 8192, 16],
      [129, 33, 257],
      [2048, 2048, 2048],
      [3_000_000, 2, 1],
    ]) {
      const product = shape(m, k, n);
      const plan = planProduct(product, table);
      const [x, y, z] = gridOf(plan, product);
      assert.ok(Math.max(x, y, z) <= 65535, `${m} x ${k} x ${n}: ${[x, y, z]}`);
      if (plan.kind === 'tiled' || plan.kind === 'sliced') {
        const [high, wide] = blockOf(plan.tile);
        assert.ok(y * high >= m && x * wide >= n);
        if (plan.kind === 'sliced') {
          assert.is(z, plan.slices);
          assert.ok(plan.slices * plan.slice >= k && (plan.slices - 1) * plan.slice < k);
          assert.is(plan.slice % Math.max(plan.tile.depth, 1), 0);
        }
      } else assert.ok(x * y * (plan.kind === 'vector' && plan.along === 'rows' ? 1 : THREADS) >= m * n);
    }
});

test.run();
