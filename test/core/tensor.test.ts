// Tensors: creation, views, live data, disposal, and what bad input gives.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  arange,
  DisposedError,
  DTypeError,
  diag,
  eye,
  full,
  linspace,
  matmul,
  memory,
  OutOfMemoryError,
  ones,
  reshape,
  ShapeError,
  scope,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { rejects } from '../support/check.js';

test('nested arrays give their shape, typed arrays their dtype', () => {
  scope(() => {
    const cases: [Tensor, number[], string][] = [
      [tensor(3), [], 'f64'],
      [tensor([1, 2, 3]), [3], 'f64'],
      [tensor([[1], [2]]), [2, 1], 'f64'],
      [tensor([]), [0], 'f64'],
      [tensor([[], []]), [2, 0], 'f64'],
      [tensor(new Float32Array(6), { shape: [2, 3] }), [2, 3], 'f32'],
      [tensor(new Int32Array(2)), [2], 'i32'],
      [tensor(new Float64Array([1.5, 2.5]), { dtype: 'f32' }), [2], 'f32'],
      [tensor([1, 2, 3, 4], { shape: [2, 2], dtype: 'i32' }), [2, 2], 'i32'],
    ];
    for (const [t, shape, dtype] of cases) {
      assert.equal(t.shape, shape);
      assert.is(t.dtype, dtype);
      assert.is(t.ndim, shape.length);
      assert.is(
        t.size,
        shape.reduce((p, q) => p * q, 1),
      );
    }
    assert.equal(
      tensor([
        [1, 2],
        [3, 4],
      ]).toArray(),
      [
        [1, 2],
        [3, 4],
      ],
    );
    assert.is(tensor(7).toArray(), 7);
    assert.equal(tensor([[], []]).toArray(), [[], []]);
    assert.is(tensor([[[5]]]).item(), 5);
  });
});

test('what is no tensor is refused, and nothing is allocated', () => {
  rejects(
    () => tensor([[1, 2], [3]]),
    ShapeError,
    /tensor: nested arrays are ragged: extents 2 and 1 at axis 1/,
  );
  rejects(() => tensor([1, [2]]), ShapeError, /numbers and arrays are mixed/);
  rejects(() => tensor([[1], 2]), ShapeError, /ragged/);
  rejects(
    () => tensor(['1'] as never),
    ArgumentError,
    /every element must be a number, got "1" at position 0/,
  );
  rejects(() => tensor(undefined as never), ArgumentError, /got undefined/);
  rejects(() => tensor({} as never), ArgumentError, /got \{\}/);
  rejects(() => tensor([1, 2, 3], { shape: [2, 2] }), ShapeError, /shape \[2, 2\] holds 4 elements, got 3/);
  rejects(() => tensor([1], { shape: [-1] }), ShapeError, /integer from 0/);
  rejects(() => tensor([1.5], { dtype: 'i32' }), ArgumentError, /i32 must be an integer.*got 1.5/);
  rejects(() => tensor([Number.NaN], { dtype: 'i32' }), ArgumentError, /got NaN/);
  rejects(() => tensor([1], { dtype: 'f16' as never }), DTypeError, /'f64', 'f32' or 'i32', got "f16"/);
  rejects(() => zeros([2.5]), ShapeError, /integer/);
  rejects(() => zeros([2 ** 31]), ShapeError, /2\^31 - 1/);
  rejects(() => zeros([2 ** 20, 2 ** 20]), ShapeError, /elements/);
  rejects(() => zeros('3' as never), ShapeError, /array of extents/);
  rejects(() => zeros(new Array(33).fill(1)), ShapeError, /at most 32 axes/);
  rejects(() => full([2], 1.5, { dtype: 'i32' }), ArgumentError, /integer/);
});

test('filled, identity, range and diagonal tensors', () => {
  scope(() => {
    assert.equal(zeros([2, 2]).toArray(), [
      [0, 0],
      [0, 0],
    ]);
    assert.equal(ones([3], { dtype: 'i32' }).toArray(), [1, 1, 1]);
    assert.equal(full([], -2).toArray(), -2);
    assert.equal(eye(2, 3).toArray(), [
      [1, 0, 0],
      [0, 1, 0],
    ]);
    assert.equal(arange(4).toArray(), [0, 1, 2, 3]);
    assert.equal(arange(5, 0, -2).toArray(), [5, 3, 1]);
    assert.equal(arange(3, 3).toArray(), []);
    assert.equal(linspace(0, 1, 5).toArray(), [0, 0.25, 0.5, 0.75, 1]);
    assert.equal(linspace(2, 3, 1).toArray(), [3]);
    for (const [a, b, n] of [
      [0, 1e308, 5],
      [-1e308, 1e308, 7],
      [1.7e308, -1.7e308, 1001],
      [-Number.MAX_VALUE, Number.MAX_VALUE, 3],
      [0, Number.MAX_VALUE, 100_001],
      [0, 5e-324, 3],
      [1e-310, 3e-310, 5],
    ]) {
      const x = [...linspace(a, b, n).data()];
      assert.equal([x[0], x[n - 1]], [a, b]);
      // Against halves, which do not overflow.
      x.forEach((v, i) => {
        const t = i / (n - 1);
        const half = (a / 2) * (1 - t) + (b / 2) * t;
        assert.ok(
          Math.abs(v / 2 - half) <= 4e-16 * Math.max(Math.abs(a / 2), Math.abs(b / 2)) + 5e-324,
          `${a} ${b} ${i}: ${v}`,
        );
      });
    }
    assert.is(arange(-1.7e308, 1.7e308, 1.13e308).size, 4);
    assert.ok(
      arange(-1.7e308, 1.7e308, 1e306)
        .data()
        .every((v, i) => Math.abs(v / 2 - (-0.85e308 + i * 5e305)) < 1e293),
    );
    assert.equal(diag([1, 2]).toArray(), [
      [1, 0],
      [0, 2],
    ]);
    assert.equal(diag(tensor(new Float32Array([3]))).dtype, 'f32');
  });
  rejects(() => arange(0, 1, 0), ArgumentError, /step not 0/);
  rejects(() => arange(0, 1, 0.5, { dtype: 'i32' }), ArgumentError, /integer, got 0.5/);
  rejects(() => linspace(0, Number.NaN, 3), ArgumentError, /finite/);
  rejects(() => linspace(0, 1, -1), ShapeError, /integer/);
});

test('data is a live view, toTypedArray a copy; a view survives growth by being asked for again', () => {
  scope(() => {
    const t = zeros([3]);
    t.data()[1] = 5;
    const copy = t.toTypedArray();
    t.data()[1] = 6;
    assert.equal(t.toArray(), [0, 6, 0]);
    assert.equal(Array.from(copy), [0, 5, 0]);
    zeros([memory().heapBytes / 8]);
    assert.equal(Array.from(t.data()), [0, 6, 0]);
  });
});

test('a tensor can be made from a view of our own memory, even when that makes the memory grow', () => {
  scope(() => {
    const n = memory().heapBytes / 8;
    const t = full([n], 3);
    const heapBefore = memory().heapBytes;
    const copies = [tensor(t.data()), tensor(t.data()), tensor(t.data())];
    assert.ok(memory().heapBytes > heapBefore, 'the memory has grown');
    for (const copy of copies) assert.ok(copy.size === n && copy.data().every((x) => x === 3));
  });
});

test('reshape is a view; the storage lives until the last owner is disposed', () => {
  const before = memory();
  const t = tensor([1, 2, 3, 4]);
  const m = reshape(t, [2, -1]);
  assert.equal(m.shape, [2, 2]);
  m.data()[3] = 9;
  assert.is(t.data()[3], 9);
  assert.is(memory().bytes - before.bytes, 32);
  t.dispose();
  assert.equal(m.toArray(), [
    [1, 2],
    [3, 9],
  ]);
  m.dispose();
  assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
  scope(() => {
    const [three, none] = [tensor([1, 2, 3]), zeros([0, 3])];
    rejects(() => reshape(three, [2, 2]), ShapeError, /holds 4 elements, got 3/);
    rejects(() => reshape(three, [2, -1]), ShapeError, /leave no extent for -1/);
    rejects(() => reshape(three, [-1, -1]), ShapeError, /-1/);
    rejects(() => reshape(none, [0, -1]), ShapeError, /-1/);
    assert.equal(reshape(none, [0]).shape, [0]);
  });
});

test('a disposed tensor says so, wherever it is used; disposing twice does nothing', () => {
  const before = memory();
  const t = tensor([
    [1, 2],
    [3, 4],
  ]);
  const other = tensor([
    [1, 2],
    [3, 4],
  ]);
  t.dispose();
  t.dispose();
  assert.ok(t.isDisposed);
  for (const use of [
    () => t.data(),
    () => t.toArray(),
    () => t.toTypedArray(),
    () => matmul(other, t),
    () => reshape(t, [4]),
  ]) {
    rejects(use, DisposedError, /the tensor of shape \[2, 2\] has been disposed/);
  }
  other.dispose();
  assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
});

test('using disposes at the end of the block', () => {
  const before = memory().tensors;
  {
    using t = tensor([1]);
    assert.is(t.item(), 1);
    assert.is(memory().tensors, before + 1);
  }
  assert.is(memory().tensors, before);
});

test('item wants one element', () => {
  using pair = tensor([1, 2]);
  rejects(() => pair.item(), ShapeError, /item: a tensor of one element is wanted, got shape \[2\]/);
});

test('more memory than there can be is an error that leaves the heap as it was', () => {
  const before = memory();
  for (let i = 0; i < 3; i++)
    rejects(() => zeros([2 ** 30 - 1]), OutOfMemoryError, /zeros: \d+ bytes do not fit/);
  assert.equal(memory(), before);
  scope(() => assert.equal(zeros([2]).toArray(), [0, 0]));
});

test('a shape cannot be changed from outside', () => {
  scope(() => {
    const shape = [2, 2];
    const t = zeros(shape);
    shape[0] = 99;
    assert.equal(t.shape, [2, 2]);
    assert.throws(() => ((t.shape as number[])[0] = 99), /read only|not extensible|Cannot assign/);
  });
});

test.run();
