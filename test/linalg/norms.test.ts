// norm by order: 2 is the spectral norm, what has no meaning is refused; what is not defined by one matrix is given per matrix.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ArgumentError, grad, linalg, scope, sum, tensor } from '#src/index.js';
import { EPSILON, near, numbers, rejects } from '../support/check.js';

for (const dtype of ['f64', 'f32'] as const) {
  test(`norm in ${dtype}: order 2 is 'spectral', the largest singular value, of a stack too`, () =>
    scope(() => {
      for (const shape of [
        [3, 3],
        [2, 5],
        [2, 3, 4, 2],
        [0, 3],
        [1, 1],
      ]) {
        const size = shape.reduce((a, b) => a * b, 1);
        const a = tensor(numbers(size, 3), { shape, dtype });
        const [two, spectral] = [linalg.norm(a, 2), linalg.norm(a, 'spectral')];
        assert.equal([two.shape, two.dtype], [shape.slice(0, -2), dtype]);
        assert.equal(two.toArray(), spectral.toArray());
        const s = linalg.svdvals(a);
        const k = s.shape[s.ndim - 1];
        near(
          two.data(),
          two.toTypedArray().map((_, i) => s.data()[i * k] ?? 0),
          EPSILON[dtype],
        );
      }
      // (1 + √5) / 2, which is neither the largest entry nor a sum of them.
      const golden = tensor([1, 1, 1, 0], { shape: [2, 2], dtype });
      near([linalg.norm(golden, 2).item()], [(1 + Math.sqrt(5)) / 2], 4 * EPSILON[dtype]);
    }));
}

test('norm: the gradient of order 2 is u vᵀ', () =>
  scope(() => {
    const d = tensor([
      [3, 0],
      [0, -4],
    ]);
    near(grad((a) => linalg.norm(a, 2))(d).data(), [0, 0, 0, -1], 1e-15);
  }));

test('norm: there is no order -2, -1, 0 or 3', () => {
  using a = tensor([[1]]);
  for (const order of [-2, -1, 0, 3, Number.NEGATIVE_INFINITY])
    rejects(() => linalg.norm(a, order), ArgumentError, RegExp(`norm: order must be .*, got ${order}`));
});

test('rcond: a number for one matrix, a tensor in its dtype for a stack', () =>
  scope(() => {
    const one = tensor([
      [1, 0],
      [0, 1e-3],
    ]);
    assert.is(linalg.rcond(one), 1e-3);
    for (const dtype of ['f64', 'f32'] as const) {
      const stack = tensor([[[4]], [[0]]], { dtype });
      const both = linalg.rcond(stack);
      if (typeof both === 'number') throw new Error(`a number for a stack: ${both}`);
      assert.equal([both.shape, both.dtype, both.toArray()], [[2], dtype, [1, 0]]);
      assert.is(sum(both).item(), 1);
    }
  }));

test.run();
