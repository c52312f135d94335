// Every error of factorize says which function and which argument, is of the right class, and leaves nothing behind.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  compile,
  DisposedError,
  DTypeError,
  eye,
  givens,
  grad,
  memory,
  random,
  ShapeError,
  scope,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { rejects } from '../support/check.js';
import { tensorOf } from '../support/givens/dense.js';
import { haarLike } from '../support/givens/matrices.js';

type Options = givens.FactorizeOptions;
const U = () => tensorOf(haarLike(5, 1));
const S = () => tensor([[2, 1], [1, 3]]); // biome-ignore format: short
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

test('factorize: what is no orthogonal matrix', () =>
  scope(() => {
    for (const shape of [[3], [2, 3], [3, 2], [2, 3, 3], []]) {
      const x = zeros(shape);
      rejects(() => givens.factorize(x), ShapeError, /^factorize: U must be one square matrix, got shape /);
      rejects(
        () => givens.factorize(x, { method: 'jacobi' }),
        ShapeError,
        /^factorize: S must be one square matrix/,
      );
    }
    const integers = zeros([2, 2], { dtype: 'i32' });
    rejects(() => givens.factorize(integers), DTypeError, /^factorize: U must be f64 or f32, got i32/);
    rejects(() => givens.factorize([[1]] as never), ArgumentError, /^factorize: U must be a tensor/);
    const gone = disposed([2, 2]);
    rejects(() => givens.factorize(gone), DisposedError, /^factorize: /);
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const x = spoiled(U(), 7, bad);
      rejects(
        () => givens.factorize(x),
        ArgumentError,
        /^factorize: U must have finite entries, got (NaN|Infinity) in row 1, column 2/,
      );
      const y = spoiled(S(), 3, bad);
      rejects(
        () => givens.factorize(y, { method: 'jacobi' }),
        ArgumentError,
        /^factorize: S must have finite entries/,
      );
    }
    for (const method of ['l1', 'greedy', 'elimination'] as const) {
      const x = spoiled(eye(3), 1, 2e-6);
      rejects(
        () => givens.factorize(x, { method }),
        ArgumentError,
        /^factorize: U must be orthogonal: .* by 0\.000002/,
      );
      const huge = spoiled(eye(2), 0, 1e200);
      rejects(() => givens.factorize(huge, { method }), ArgumentError, /^factorize: U must be orthogonal/);
    }
    const near = spoiled(eye(3), 1, 4e-7);
    givens.factorize(near).dispose();
    const skew = spoiled(S(), 1, 1 + 1e-8);
    rejects(
      () => givens.factorize(skew, { method: 'jacobi' }),
      ArgumentError,
      /^factorize: S must be symmetric/,
    );
    const almost = spoiled(S(), 1, 1 + 1e-9);
    givens.factorize(almost, { method: 'jacobi' }).dispose();
  }));

test('factorize: options', () =>
  scope(() => {
    const u = U();
    const wrong = (options: Options, message: RegExp) =>
      rejects(() => givens.factorize(u, options), ArgumentError, message);
    wrong(
      { method: 'qr' as never },
      /^factorize: method must be 'l1', 'greedy', 'elimination' or 'jacobi', got "qr"/,
    );
    for (const name of ['factors', 'errorPeriod', 'beam', 'refine'] as const)
      for (const value of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '3'])
        wrong({ [name]: value }, new RegExp(`^factorize: ${name} must be a whole number of at least`));
    wrong({ beam: 0 }, /^factorize: beam must be a whole number of at least 1, got 0/);
    for (const tolerance of [-1e-3, Number.NaN, '1' as never])
      wrong({ tolerance }, /^factorize: tolerance must be/);
    wrong({ parallel: 1 as never }, /^factorize: parallel must be/);
    wrong({ onProgress: 3 as never }, /^factorize: onProgress must be a function/);
    wrong({ factor: 3 } as never, /^factorize: there is no option 'factor': did you mean 'factors'/);
    wrong(null as never, /^factorize: options must be/);
    wrong({ beam: 2, parallel: true }, /^factorize: beam must be 1 with parallel: true, got 2/);
    wrong({ basis: u }, /^factorize: basis belongs to the method 'jacobi', not to 'l1'/);
    for (const method of ['elimination', 'jacobi'] as const) {
      const matrix = method === 'jacobi' ? S() : u;
      for (const option of [{ beam: 2 }, { refine: 1 }, { parallel: true }])
        rejects(
          () => givens.factorize(matrix, { method, ...option }),
          ArgumentError,
          new RegExp(
            `^factorize: ${Object.keys(option)[0]} belongs to the methods 'l1' and 'greedy', not to '${method}'`,
          ),
        );
    }
  }));

test('factorize: the basis of Jacobi’s method', () =>
  scope(() => {
    const s = S();
    const jacobi = (basis: unknown) => () =>
      givens.factorize(s, { method: 'jacobi', basis: basis as Tensor });
    const [large, wide, integers, skew] = [eye(3), zeros([2, 3]), zeros([2, 2], { dtype: 'i32' }), tensor([[1, 1], [0, 1]])]; // biome-ignore format: short
    rejects(jacobi(large), ShapeError, /^factorize: basis must have the shape of S, \[2, 2\], got \[3, 3\]/);
    rejects(jacobi(wide), ShapeError, /^factorize: basis must be one square matrix/);
    rejects(jacobi(integers), DTypeError, /^factorize: basis must be f64 or f32/);
    rejects(jacobi(skew), ArgumentError, /^factorize: basis must be orthogonal/);
    rejects(jacobi([[1]]), ArgumentError, /^factorize: basis must be a tensor/);
    const gone = disposed([2, 2]);
    rejects(jacobi(gone), DisposedError, /^factorize: /);
  }));

test('factorize: a callback that throws leaves nothing, in all methods', () =>
  scope(() => {
    const u = U();
    const s = tensor([[2, 1, 0], [1, 3, 1], [0, 1, 5]]); // biome-ignore format: short
    class Stop extends ArgumentError {}
    for (const at of [1, 3]) {
      for (const options of [
        {},
        { beam: 3 },
        { parallel: true },
        { refine: 2 },
        { method: 'greedy' },
        { method: 'elimination' },
        { method: 'jacobi' },
      ] as Options[]) {
        const onProgress = ({ factors }: { factors: number }) => {
          if (factors === at) throw new Stop('stop');
        };
        rejects(
          () => givens.factorize(options.method === 'jacobi' ? s : u, { ...options, onProgress }),
          Stop,
          /^stop$/,
        );
      }
    }
  }));

test('values are read: no traces, no derivatives', () =>
  scope(() => {
    const u = U();
    const unseen = /factorize|align|symmetrizedError/;
    rejects(() => grad((x: Tensor) => sum(givens.factorize(x).angles))(u), ArgumentError, unseen);
    rejects(() => grad((x: Tensor) => sum(givens.align(x, u).signs))(u), ArgumentError, unseen);
    const plan = compile((x: Tensor) => givens.factorize(x).angles);
    rejects(() => plan(u), ArgumentError, unseen);
    plan.dispose();
  }));

test('results are freed by dispose, by scopes and by using', () => {
  const before = memory();
  const u = U();
  const s = S();
  const own = [
    givens.factorize(u),
    givens.factorize(s, { method: 'jacobi' }),
    givens.align(u, u),
    givens.planted(random(1), 4, 2),
  ];
  for (const one of own) {
    one.dispose();
    one.dispose();
  }
  const kept = scope(() => ({ f: givens.factorize(u, { refine: 1 }), a: givens.align(u, u) }));
  assert.not(kept.f.angles.isDisposed || kept.a.signs.isDisposed);
  kept.f.dispose();
  kept.a.dispose();
  {
    using f = givens.factorize(u);
    assert.not(f.i.isDisposed);
  }
  for (const x of [u, s]) x.dispose();
  assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
});

test.run();
