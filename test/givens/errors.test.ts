// Errors of apply, toDense, align, symmetrizedError, planted and haar: each says which function and which argument, is of the right class, and leaves nothing behind.
import { test } from 'uvu';
import {
  ArgumentError,
  DisposedError,
  DTypeError,
  eye,
  givens,
  ones,
  random,
  ShapeError,
  scope,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { rejects } from '../support/check.js';
import { tensorOf } from '../support/givens/dense.js';
import { haarLike } from '../support/givens/matrices.js';

const U = () => tensorOf(haarLike(5, 1));
const disposed = (shape: number[]) => {
  const x = zeros(shape);
  x.dispose();
  return x;
};
/** `matrix` with one entry changed. */
const spoiled = (matrix: Tensor, at: number, value: number) => {
  matrix.data()[at] = value;
  return matrix;
};

test('apply and toDense', () =>
  scope(() => {
    const one = { i: [0], j: [1], angles: [1] };
    const x = zeros([3, 2]);
    const [scalar, integers, gone] = [zeros([]), zeros([3, 2], { dtype: 'i32' }), disposed([3, 2])];
    const apply =
      (f: object, y: unknown = x, options?: object) =>
      () =>
        givens.apply(f as never, y as Tensor, options);
    rejects(apply(one, scalar), ShapeError, /^apply: x must have at least one axis/);
    rejects(apply(one, integers), DTypeError, /^apply: x must be f64 or f32, got i32/);
    rejects(apply(one, gone), DisposedError, /^apply: /);
    rejects(apply(one, [1, 2]), ArgumentError, /^apply: x must be a tensor/);
    rejects(apply(one, x, { side: 'up' }), ArgumentError, /^apply: side must be 'left' or 'right', got "up"/);
    rejects(apply(one, x, { transpose: 1 }), ArgumentError, /^apply: transpose must be/);
    rejects(apply(one, x, { transposed: true }), ArgumentError, /^apply: there is no option 'transposed'/);
    for (const f of [null, 5, undefined, 'f']) rejects(apply(f as never), ArgumentError, /^apply: f must be/);
    for (const [
      name,
      bad,
    ] of [['i', [3]], ['i', [-1]], ['j', [3]], ['j', [0.5]], ['i', [Number.NaN]], ['j', ['1']]] as const) // biome-ignore format: short
      rejects(
        apply({ ...one, [name]: bad }),
        ArgumentError,
        new RegExp(`^apply: ${name}\\[0\\] must be an integer from 0 to 2, got `),
      );
    rejects(apply({ ...one, j: [0] }), ArgumentError, /^apply: i\[0\] and j\[0\] must differ.* both are 0/);
    rejects(
      apply({ ...one, i: [0, 1] }),
      ShapeError,
      /^apply: i, j and angles must have one length, got 2, 1 and 1/,
    );
    rejects(apply({ ...one, angles: ['1'] }), ArgumentError, /^apply: angles must be/);
    rejects(apply({ i: [0], j: [1] }), ArgumentError, /^apply: angles must be/);
    const [single, table] = [zeros([1]), zeros([1, 1])];
    rejects(apply({ ...one, i: single }), DTypeError, /^apply: i must be i32, got f64/);
    rejects(
      apply({ ...one, angles: table }),
      ShapeError,
      /^apply: angles must have one axis, got shape \[1, 1\]/,
    );
    // The last axis from the right.
    rejects(
      apply({ ...one, i: [2] }, x, { side: 'right' }),
      ArgumentError,
      /^apply: i\[0\] must be an integer from 0 to 1, got 2/,
    );
    const P = { permutation: [2, 0, 1], signs: [1, 1, -1] };
    rejects(
      apply({ ...one, permutation: P.permutation }),
      ArgumentError,
      /^apply: permutation and signs belong together/,
    );
    rejects(
      apply({ ...one, signs: P.signs }),
      ArgumentError,
      /^apply: permutation and signs belong together/,
    );
    for (const permutation of [[0, 1, 1], [0, 1, 3], [0, 1, -1], [0, 1, 0.5]]) // biome-ignore format: short
      rejects(
        apply({ ...one, ...P, permutation }),
        ArgumentError,
        /^apply: permutation must have each of the numbers from 0 to 2 once, got .* at position 2/,
      );
    rejects(
      apply({ ...one, ...P, permutation: [0, 1] }),
      ShapeError,
      /^apply: permutation must have 3 entries, one a row, got 2/,
    );
    rejects(
      apply({ ...one, ...P, signs: [1, 1, 1, 1] }),
      ShapeError,
      /^apply: signs must have 3 entries, one a row, got 4/,
    );
    for (const bad of [0, 2, Number.NaN])
      rejects(
        apply({ ...one, ...P, signs: [1, bad, 1] }),
        ArgumentError,
        /^apply: signs must be 1 or -1, got .* at position 1/,
      );
    // As tensors, those of a factorization, too.
    const rows = (...numbers: number[]) => tensor(numbers, { dtype: 'i32' });
    const inOrder = { permutation: rows(2, 0, 1), signs: tensor([1, 1, -1]) };
    for (const permutation of [rows(0, 1, 1), rows(0, 1, 3), rows(0, 1, -1), rows(0, 1, 2 ** 31 - 1)])
      rejects(
        apply({ ...one, ...inOrder, permutation }),
        ArgumentError,
        /^apply: permutation must have each of the numbers from 0 to 2 once, got .* at position 2/,
      );
    for (const bad of [0, 2, Number.NaN])
      rejects(
        apply({ ...one, ...inOrder, signs: tensor([1, bad, 1]) }),
        ArgumentError,
        /^apply: signs must be 1 or -1, got .* at position 1/,
      );
    rejects(
      apply({ ...one, ...inOrder, signs: ones([4]) }),
      ShapeError,
      /^apply: signs must have 3 entries, one a row, got 4/,
    );
    rejects(
      apply({ ...one, ...inOrder, permutation: tensor([2, 0, 1]) }),
      DTypeError,
      /^apply: permutation must be i32, got f64/,
    );
    const u = U();
    const f = givens.factorize(u);
    rejects(
      apply(f),
      ShapeError,
      /^apply: x of shape \[3, 2\] on the left does not fit a factorization of 5 rows/,
    );
    const y = ones([5, 5]);
    f.dispose();
    rejects(apply(f, y), DisposedError, /^apply: /);
    const dense = (g: object, options?: object) => () => givens.toDense(g as never, options);
    rejects(dense(f), DisposedError, /^toDense: /);
    rejects(
      dense(one),
      ArgumentError,
      /^toDense: d, the number of rows, must be a whole number of at least 0, got undefined/,
    );
    rejects(dense(one, { d: 1.5 }), ArgumentError, /^toDense: d, the number of rows/);
    rejects(dense(one, { d: 1 }), ArgumentError, /^toDense: j\[0\] must be an integer from 0 to 0, got 1/);
    rejects(
      dense({ ...one, d: 4 }, { d: 3 }),
      ArgumentError,
      /^toDense: d must be that of the factorization, 4, got 3/,
    );
    rejects(dense(one, { d: 3, n: 1 }), ArgumentError, /^toDense: there is no option 'n'/);
    rejects(dense(null as never), ArgumentError, /^toDense: f must be/);
  }));

test('align and symmetrizedError', () =>
  scope(() => {
    const [a, wide, large, integers, gone] = [
      eye(2),
      zeros([2, 3]),
      eye(3),
      zeros([2, 2], { dtype: 'i32' }),
      disposed([2, 2]),
    ];
    const bad = spoiled(eye(2), 2, Number.NaN);
    for (const name of ['align', 'symmetrizedError'] as const) {
      const call = (u: unknown, v: unknown) => () => givens[name](u as Tensor, v as Tensor);
      rejects(
        call(wide, a),
        ShapeError,
        new RegExp(`^${name}: U must be one square matrix, got shape \\[2, 3\\]`),
      );
      rejects(call(a, wide), ShapeError, new RegExp(`^${name}: V must be one square matrix`));
      rejects(
        call(a, large),
        ShapeError,
        new RegExp(`^${name}: U and V must have one shape, got \\[2, 2\\] and \\[3, 3\\]`),
      );
      rejects(call(a, integers), DTypeError, new RegExp(`^${name}: V must be f64 or f32, got i32`));
      rejects(
        call(bad, a),
        ArgumentError,
        new RegExp(`^${name}: U must have finite entries, got NaN in row 1, column 0`),
      );
      rejects(call(a, gone), DisposedError, new RegExp(`^${name}: `));
      rejects(call(a, 5), ArgumentError, new RegExp(`^${name}: V must be a tensor`));
    }
  }));

test('planted and haar', () =>
  scope(() => {
    const g = random(1);
    rejects(() => givens.planted(1 as never, 3, 3), ArgumentError, /^planted: generator must be/);
    rejects(
      () => givens.planted(g, -1, 0),
      ArgumentError,
      /^planted: d must be a whole number of at least 0, got -1/,
    );
    rejects(
      () => givens.planted(g, 1, 1),
      ArgumentError,
      /^planted: d must be a whole number of at least 2, got 1/,
    );
    rejects(
      () => givens.planted(g, 3, 1.5),
      ArgumentError,
      /^planted: K must be a whole number of at least 0, got 1.5/,
    );
    rejects(() => givens.haar({} as never, 3), ArgumentError, /^haar: generator must be/);
    rejects(
      () => givens.haar(g, Number.NaN),
      ArgumentError,
      /^haar: d must be a whole number of at least 0, got NaN/,
    );
    rejects(() => givens.haar(g, 3, { special: 1 as never }), ArgumentError, /^haar: special must be/);
    rejects(
      () => givens.haar(g, 3, { specal: true } as never),
      ArgumentError,
      /^haar: there is no option 'specal'/,
    );
  }));

test.run();
