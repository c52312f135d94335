// Rotation vectors and matrices: values at all angles, derivatives at 0 and near π, errors.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  astype,
  checkGradients,
  grad,
  jvp,
  memory,
  mul,
  nodes,
  ones,
  ShapeError,
  scope,
  stack,
  sum,
  type Tensor,
  tensor,
  vjp,
} from '#src/index.js';
import { stumpff, stumpffNumber } from '#src/nodes/pose/stumpff.js';
import { near, numbers, property, rejects } from '../support/check.js';
import { rodrigues } from '../support/scenes.js';

const { rotationMatrix, rotationVector } = nodes;

/** Vectors of all directions, with angles from 1e-300 to π. */
const vectors = fc
  .tuple(
    fc.integer({ min: 0, max: 1e6 }),
    fc.oneof(
      fc.double({ min: 0, max: Math.PI, noNaN: true }),
      fc.constantFrom(0, 1e-300, 1e-160, 1e-12, 1e-8, 1e-5, 1e-4, 0.1, Math.PI - 1e-9, Math.PI - 1e-13),
    ),
  )
  .map(([seed, angle]) => {
    const axis = numbers(3, seed);
    const length = Math.hypot(...axis);
    return axis.map((x) => (x / length) * angle);
  });

test('Stumpff functions', () => {
  for (const z of [1e-3, 0.7, 3, 9.9, 10.1, 39, 500, 1e4]) {
    const a = Math.sqrt(z);
    const closed = [
      Math.cos(a),
      Math.sin(a) / a,
      (2 * Math.sin(a / 2) ** 2) / z,
      (a - Math.sin(a)) / (a * z),
    ];
    // The rounding of a, times the angle, and of the difference a - sin a.
    near(
      [0, 1, 2].map((k) => stumpffNumber(k, z)),
      closed.slice(0, 3),
      4e-16 * (1 + a) * (1 + a),
      `z = ${z}`,
    );
    near([stumpffNumber(3, z)], [closed[3]], 1e-15 / z + 1e-16 * (1 + a), `c_3, z = ${z}`);
  }
  assert.equal(
    [0, 1, 2, 3, 4].map((k) => stumpffNumber(k, 0)),
    [1, 1, 1 / 2, 1 / 6, 1 / 24],
  );
  assert.ok(Number.isNaN(stumpffNumber(1, Number.POSITIVE_INFINITY)));
  scope(() => {
    for (const k of [0, 1, 2, 3])
      checkGradients((z: Tensor) => stumpff(k, z), [tensor([0, 1e-3, 2, 9.5, 10.5, 50])], { order: 2 });
  });
});

test('matrices are those of Rodrigues, and the vector comes back', () =>
  property(vectors, (v) =>
    scope(() => {
      const R = rotationMatrix(tensor(v));
      near(R.toTypedArray(), rodrigues(v).flat(), 2e-15, 'matrix');
      const back = rotationVector(R).toTypedArray();
      const angle = Math.hypot(...v);
      assert.ok(Math.hypot(...back) <= Math.PI * (1 + 4e-16));
      // Small angles keep their digits; an axis near π may have turned round.
      const other = angle > 3.14 && back[0] * v[0] + back[1] * v[1] + back[2] * v[2] < 0;
      near(
        back,
        other ? v.map((x) => x - (x / angle) * 2 * Math.PI) : v,
        1e-322 + 4e-16 * angle + 1e-15 * (angle > 1 ? 1 : angle),
        'vector',
      );
    }),
  ));

test('half turns about any axis', () => {
  for (const axis of [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
    [0.6, 0, -0.8],
    [-1 / 3, 2 / 3, 2 / 3],
  ])
    scope(() => {
      const v = rotationVector(tensor(rodrigues(axis.map((x) => x * Math.PI)))).toTypedArray();
      near([Math.hypot(...v)], [Math.PI], 1e-15);
      near(rotationMatrix(tensor(v)).toTypedArray(), rodrigues(axis.map((x) => x * Math.PI)).flat(), 1e-15);
    });
});

test('derivatives of the matrix to second order, at 0 and beyond π too', () =>
  scope(() => {
    for (const v of [
      [0, 0, 0],
      [1e-9, 0, 0],
      [1e-3, -2e-3, 0],
      [0.3, -1, 0.5],
      [Math.PI, 0, 0],
      [0, 3, 4],
    ])
      checkGradients(rotationMatrix, [tensor(v)], { order: 2 });
  }));

test('third derivatives at 0', () =>
  scope(() => {
    // R = I + [v]× + [v]×²/2 + [v]×³/6: with v = t (0, 0, 1), R₁₀ = sin t.
    const f = (t: Tensor) =>
      sum(
        mul(
          rotationMatrix(mul(t, tensor([0, 0, 1]))),
          tensor([
            [0, 0, 0],
            [1, 0, 0],
            [0, 0, 0],
          ]),
        ),
      );
    assert.equal(grad(grad(grad(f)))(tensor(0)).item(), -1);
    assert.equal(grad(grad(f))(tensor(0)).item(), 0);
  }));

test('derivatives of the vector to second order, also off the rotations', () =>
  scope(() => {
    for (const v of [
      [0, 0, 0],
      [1e-6, 0, 0],
      [0.3, -1, 0.5],
      [3, 0.4, 0.2],
      [-1.8, 1.8, 1.8],
    ])
      checkGradients(rotationVector, [rotationMatrix(tensor(v))], { order: 2 });
    const bent = tensor(rodrigues([0.3, -1, 0.5]).map((row, i) => row.map((x, j) => x + 3e-4 * (i - 2 * j))));
    checkGradients(rotationVector, [bent], { order: 2 });
  }));

test('the derivative of there and back is the identity', () =>
  property(
    vectors.filter((v) => Math.hypot(...v) < 3.1),
    (v) =>
      scope(() => {
        const d = tensor([0.3, -0.7, 1.1]);
        const there = (x: Tensor) => rotationVector(rotationMatrix(x));
        near(jvp(there, [tensor(v)], [d]).tangent.toTypedArray(), d.toTypedArray(), 1e-13, 'jvp');
        near(vjp(there, tensor(v)).pullback(d)[0].toTypedArray(), d.toTypedArray(), 1e-13, 'vjp');
      }),
  ));

test('batches, empty ones, f32', () =>
  scope(() => {
    const all = [numbers(3, 1), numbers(3, 2), numbers(3, 3), numbers(3, 4)];
    const v = tensor([all.slice(0, 2), all.slice(2)]);
    const R = rotationMatrix(v);
    assert.equal(R.shape, [2, 2, 3, 3]);
    near(
      R.toTypedArray(),
      all.flatMap((x) => rodrigues(x).flat()),
      1e-15,
    );
    near(rotationVector(R).toTypedArray(), all.flat(), 1e-15);
    assert.equal(rotationVector(ones([0, 3, 3])).shape, [0, 3]);
    assert.equal(rotationMatrix(ones([0, 3])).shape, [0, 3, 3]);
    const single = rotationVector(rotationMatrix(astype(v, 'f32')));
    assert.is(single.dtype, 'f32');
    near(single.toTypedArray(), all.flat(), 1e-6);
  }));

test('errors', () => {
  scope(() => {
    const [two, six, nine] = [ones([2]), ones([3, 2]), ones([3, 3])];
    rejects(() => rotationMatrix(two), ShapeError, /rotationMatrix.*\bv\b/);
    rejects(() => rotationVector(six), ShapeError, /rotationVector.*\bR\b/);
    rejects(() => rotationVector(nine), ArgumentError, /rotationVector: R must be orthogonal/);
    const mirror = tensor([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, -1],
    ]);
    const both = stack([rotationMatrix(tensor([1, 2, 0])), mirror]);
    rejects(() => rotationVector(both), ArgumentError, /determinant 1 \(problem 1 of 2\)/);
    const nan = mul(mirror, Number.NaN);
    rejects(() => rotationVector(nan), ArgumentError, /R must be finite, got NaN at \[0, 0\]/);
  });
  const before = memory().tensors;
  scope(() => void grad((v: Tensor) => sum(rotationVector(rotationMatrix(v))))(tensor([1, 2, 0.5])));
  assert.is(memory().tensors, before);
});

test.run();
