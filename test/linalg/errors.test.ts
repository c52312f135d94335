// One wrong input per function and way of being wrong: the typed error, naming function and argument, and nothing left behind.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  astype,
  ConvergenceError,
  type CotangentError,
  cumsum,
  DisposedError,
  DTypeError,
  linalg,
  NotPositiveDefiniteError,
  ShapeError,
  SingularMatrixError,
  scope,
  softmax,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { rejects } from '../support/check.js';

/** What goes in. Made anew for every function, in a scope. */
function inputs() {
  const disposed = zeros([2, 2]);
  disposed.dispose();
  const from = (rows: number[][]) => tensor(rows);
  return {
    a: from([
      [2, 1],
      [1, 3],
    ]),
    singular: from([
      [1, 2],
      [2, 4],
    ]),
    indefinite: from([
      [1, 2],
      [2, 1],
    ]),
    nan: from([
      [2, Number.NaN],
      [Number.NaN, 3],
    ]),
    infinite: from([
      [2, 1],
      [1, Number.POSITIVE_INFINITY],
    ]),
    zero: zeros([2, 2]),
    wide: zeros([2, 3]),
    stack: tensor([1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1], { shape: [4, 2, 2] }),
    singularStack: tensor([1, 0, 0, 1, 1, 2, 2, 4], { shape: [2, 2, 2] }),
    integers: zeros([2, 2], { dtype: 'i32' }),
    single: zeros([2, 2], { dtype: 'f32' }),
    scalar: zeros([]),
    b: tensor([1, 2]),
    /** In the range of no singular matrix here. */
    opposed: tensor([1, -1]),
    long: tensor([5, 5]),
    three: zeros([3]),
    four: zeros([4]),
    eight: zeros([8]),
    eight32: zeros([8], { dtype: 'f32' }),
    nothing: zeros([2]),
    one: zeros([1]),
    b32: zeros([2], { dtype: 'f32' }),
    counts: zeros([2], { dtype: 'i32' }),
    /** Right sides of a batch that does not broadcast with `stack`. */
    sides: zeros([3, 2, 1]),
    disposed,
    empty: zeros([0, 2]),
  };
}

type Inputs = ReturnType<typeof inputs>;
type Kind = new (...args: never[]) => CotangentError;
/** What is wrong, the call, the class, and what the message says after the function's name. */
type Wrong = [what: string, call: () => unknown, kind: Kind, message: RegExp];

const not = 'no tensor' as unknown as Tensor;

/** What every function of a matrix refuses. */
const matrix = (t: Inputs, call: (x: Tensor) => unknown, argument = 'a'): Wrong[] => [
  ['not a tensor', () => call(not), ArgumentError, RegExp(`${argument} must be a tensor.*, got "no tensor"`)],
  ['a vector', () => call(t.three), ShapeError, RegExp(`${argument} must be .*, got (shape )?\\[3\\]`)],
  ['i32', () => call(t.integers), DTypeError, RegExp(`${argument} must be f64 or f32, got i32`)],
  ['disposed', () => call(t.disposed), DisposedError, /disposed/],
];

/** What every function of a square matrix refuses. */
const square = (t: Inputs, call: (x: Tensor) => unknown, argument = 'a'): Wrong[] => [
  ...matrix(t, call, argument),
  ['not square', () => call(t.wide), ShapeError, RegExp(`${argument} must be square, got 2 x 3`)],
];

/** What every solver refuses as its right side: of two rows, f64. */
const side = (t: Inputs, call: (b: Tensor) => unknown): Wrong[] => [
  ['b not a tensor', () => call(not), ArgumentError, /b must be a tensor, got "no tensor"/],
  ['rows of b', () => call(t.three), ShapeError, /b must have (2 rows|shape .*), got (shape )?\[3\]/],
  ['b a scalar', () => call(t.scalar), ShapeError, /b must have .*, got (shape )?\[\]/],
  ['b in i32', () => call(t.counts), DTypeError, /b must be f64 or f32, got i32/],
  ['b in f32', () => call(t.b32), DTypeError, /one dtype, got f64 and f32/],
  ['b disposed', () => call(t.disposed), DisposedError, /disposed/],
];

/** NaN and Infinity to functions that want finite numbers. */
const finite = (t: Inputs, call: (x: Tensor) => unknown): Wrong[] => [
  ['NaN', () => call(t.nan), ArgumentError, /a must be finite, got NaN/],
  ['Infinity', () => call(t.infinite), ArgumentError, /a must be finite, got (Inf|NaN or Inf)/],
];

/** What the iterative solvers share. */
const iterative = (
  t: Inputs,
  call: (a: Tensor, b: Tensor, options?: linalg.IterativeOptions) => unknown,
): Wrong[] => [
  ['A of another shape', () => call(t.wide, t.three), ShapeError, /A must have shape \[3, 3\], got \[2, 3\]/],
  ['A in f32', () => call(t.single, t.b), DTypeError, /A and b must have one dtype, got f32 and f64/],
  ['A no operator', () => call(not, t.b), ArgumentError, /A must be a tensor or .*, got "no tensor"/],
  ['b not a tensor', () => call(t.a, not), ArgumentError, /b must be a tensor, got "no tensor"/],
  ['b a scalar', () => call(t.a, t.scalar), ShapeError, /b must have shape \[n\] or \[n, k\], got \[\]/],
  ['b in i32', () => call(t.a, t.counts), DTypeError, /b must be f64 or f32, got i32/],
  ['x0', () => call(t.a, t.b, { x0: t.three }), ShapeError, /x0 must have shape \[2\], got \[3\]/],
  ['x0 in f32', () => call(t.a, t.b, { x0: t.b32 }), DTypeError, /x0 must be f64 like b, got f32/],
  [
    'tolerance',
    () => call(t.a, t.b, { tolerance: -1 }),
    ArgumentError,
    /tolerance must be at least 0, got -1/,
  ],
  [
    'maxIterations',
    () => call(t.a, t.b, { maxIterations: 0.5 }),
    ArgumentError,
    /maxIterations must be .*0\.5/,
  ],
  ['NaN', () => call(t.nan, t.b), ConvergenceError, /not converged/],
  ['A disposed', () => call(t.disposed, t.b), DisposedError, /disposed/],
];

const singular = /matrix is singular: pivot 1 is 0/;
const indefinite = /matrix is not positive definite: pivot 1 is -3/;

/** Every function of the namespace. */
const table: Record<keyof typeof linalg, (t: Inputs) => Wrong[]> = {
  applyGivens: (t) => {
    const turn = (i: unknown, j: unknown, angles: unknown) => () =>
      linalg.applyGivens(t.a, { i, j, angles } as linalg.Rotations);
    const good = { i: [0], j: [1], angles: [1] };
    return [
      ['not a tensor', () => linalg.applyGivens(not, good), ArgumentError, /x must be a tensor/],
      ['i32', () => linalg.applyGivens(t.integers, good), DTypeError, /x must be f64 or f32, got i32/],
      ['a scalar', () => linalg.applyGivens(t.scalar, good), ShapeError, /x must have at least one axis/],
      ['disposed', () => linalg.applyGivens(t.disposed, good), DisposedError, /disposed/],
      ['side', () => linalg.applyGivens(t.a, good, { side: 'up' as never }), ArgumentError, /side must be/],
      ['no rotations', () => linalg.applyGivens(t.a, null as never), ArgumentError, /rotations must be/],
      ['index', turn([0], [2], [1]), ArgumentError, /j\[0\] must be an integer from 0 to 1, got 2/],
      ['one axis', turn([1], [1], [1]), ArgumentError, /i\[0\] and j\[0\] must differ/],
      ['lengths', turn([0], [1], [1, 2]), ShapeError, /must have one length, got 1, 1 and 2/],
      ['i in f64', turn(t.b, [1], [1]), DTypeError, /i must be i32, got f64/],
      ['angles in i32', turn([0, 0], [1, 1], t.counts), DTypeError, /angles must be f64 or f32, got i32/],
      [
        'angles of two axes',
        turn([0], [1], t.a),
        ShapeError,
        /angles must have one axis, got shape \[2, 2\]/,
      ],
    ];
  },
  cg: (t) => [
    ...iterative(t, linalg.cg),
    ['indefinite', () => linalg.cg(t.indefinite, t.opposed), ConvergenceError, /not positive definite/],
  ],
  cholesky: (t) => [
    ...square(t, linalg.cholesky),
    ['indefinite', () => linalg.cholesky(t.indefinite), NotPositiveDefiniteError, indefinite],
    ['NaN', () => linalg.cholesky(t.nan), NotPositiveDefiniteError, /pivot 1 is NaN/],
    ['Infinity', () => linalg.cholesky(t.infinite), NotPositiveDefiniteError, /pivot 1 is Infinity/],
  ],
  choleskyUpdate: (t) => [
    ...square(t, (l) => linalg.choleskyUpdate(l, t.b), 'l'),
    ['x not a tensor', () => linalg.choleskyUpdate(t.a, not), ArgumentError, /x must be a tensor/],
    [
      'length of x',
      () => linalg.choleskyUpdate(t.a, t.three),
      ShapeError,
      /x \[n\], got \[2, ?2\] and \[3\]/,
    ],
    ['x in f32', () => linalg.choleskyUpdate(t.a, t.b32), DTypeError, /one dtype, got f64 and f32/],
    [
      'downdate too far',
      () => linalg.choleskyUpdate(t.a, t.long, { downdate: true }),
      NotPositiveDefiniteError,
      /downdated matrix is not positive definite: pivot 0 vanishes/,
    ],
  ],
  cond: (t) => [
    ...matrix(t, (a) => linalg.cond(a)),
    ...finite(t, (a) => linalg.cond(a)),
    ['order', () => linalg.cond(t.a, 3 as never), ArgumentError, /ord must be 2, -2 or 'fro', got 3/],
    ['empty', () => linalg.cond(t.empty), ShapeError, /a must not be empty, got shape \[0, 2\]/],
  ],
  det: (t) => square(t, linalg.det),
  eigh: (t) => [
    ...square(t, (a) => linalg.eigh(a)),
    ...finite(t, (a) => linalg.eigh(a)),
    ['method', () => linalg.eigh(t.a, { method: 'qr' as never }), ArgumentError, /method must be .*got "qr"/],
  ],
  eigvalsh: (t) => [...square(t, (a) => linalg.eigvalsh(a)), ...finite(t, (a) => linalg.eigvalsh(a))],
  expm: (t) => [...square(t, linalg.expm), ...finite(t, linalg.expm)],
  factor: (t) => [
    ...(['cholesky', 'lu', 'qr'] as const).flatMap((kind) => square(t, (a) => linalg.factor(a, { kind }))),
    ['kind', () => linalg.factor(t.a, { kind: 'svd' as never }), ArgumentError, /kind must be .*, got "svd"/],
    [
      'indefinite',
      () => linalg.factor(t.indefinite, { kind: 'cholesky' }),
      NotPositiveDefiniteError,
      indefinite,
    ],
  ],
  givens: () => [
    [
      'a string',
      () => linalg.givens('1' as never, 2),
      ArgumentError,
      /a and b must be numbers, got "1" and 2/,
    ],
  ],
  gmres: (t) => [
    ...iterative(t, linalg.gmres),
    [
      'restart',
      () => linalg.gmres(t.a, t.b, { restart: 0 }),
      ArgumentError,
      /restart must be at least 1, got 0/,
    ],
    ['singular', () => linalg.gmres(t.singular, t.opposed), ConvergenceError, /singular/],
  ],
  inv: (t) => [
    ...square(t, linalg.inv),
    ['singular', () => linalg.inv(t.singular), SingularMatrixError, singular],
  ],
  ldlt: (t) => square(t, linalg.ldlt),
  lsmr: (t) => [
    ['A a vector', () => linalg.lsmr(t.b, t.b), ShapeError, /A must be a matrix/],
    ['rows', () => linalg.lsmr(t.wide, t.three), ShapeError, /A must have shape \[3, 3\], got \[2, 3\]/],
    ['A in f32', () => linalg.lsmr(t.single, t.b), DTypeError, /A and b must have one dtype/],
    ['A no operator', () => linalg.lsmr(not, t.b), ArgumentError, /A must be a tensor or /],
    ['b in i32', () => linalg.lsmr(t.a, t.counts), DTypeError, /b must be f64 or f32, got i32/],
    ['x0', () => linalg.lsmr(t.wide, t.b, { x0: t.b }), ShapeError, /x0 must have shape \[3\], got \[2\]/],
    ['damping', () => linalg.lsmr(t.a, t.b, { damping: -1 }), ArgumentError, /damping must be .*, got -1/],
    ['tolerance', () => linalg.lsmr(t.a, t.b, { tolerance: -1 }), ArgumentError, /tolerance must be/],
    ['NaN', () => linalg.lsmr(t.nan, t.b), ConvergenceError, /not converged/],
  ],
  lstsq: (t) => [
    ...matrix(t, (a) => linalg.lstsq(a, t.b)),
    ...side(t, (b) => linalg.lstsq(t.a, b)),
    ...finite(t, (a) => linalg.lstsq(a, t.b)),
    ['batches', () => linalg.lstsq(t.stack, t.sides), ShapeError, /\[4\] and \[3\] do not broadcast/],
    ['rcond', () => linalg.lstsq(t.a, t.b, { rcond: -1 }), ArgumentError, /rcond must be at least 0, got -1/],
    [
      'method',
      () => linalg.lstsq(t.a, t.b, { method: 'lu' as never }),
      ArgumentError,
      /method must be .*got "lu"/,
    ],
    ['wide', () => linalg.lstsq(t.wide, t.b, { method: 'qr' }), ShapeError, /wants at least as many rows/],
    [
      'singular',
      () => linalg.lstsq(t.zero, t.b, { method: 'qr' }),
      SingularMatrixError,
      /singular|full column rank/,
    ],
  ],
  lu: (t) => matrix(t, linalg.lu),
  matrixRank: (t) => [
    ...matrix(t, (a) => linalg.matrixRank(a)),
    ...finite(t, (a) => linalg.matrixRank(a)),
    [
      'tolerance',
      () => linalg.matrixRank(t.a, { tolerance: -1 }),
      ArgumentError,
      /tolerance must be .*, got -1/,
    ],
  ],
  minres: (t) => [
    ...iterative(t, linalg.minres),
    ['singular', () => linalg.minres(t.singular, t.opposed), ConvergenceError, /singular/],
  ],
  norm: (t) => [
    ...matrix(t, (a) => linalg.norm(a)),
    ['order', () => linalg.norm(t.a, -2), ArgumentError, /order must be .*, got -2/],
  ],
  pinv: (t) => [
    ...matrix(t, (a) => linalg.pinv(a)),
    ...finite(t, (a) => linalg.pinv(a)),
    ['rcond', () => linalg.pinv(t.a, { rcond: -1 }), ArgumentError, /rcond must be .*, got -1/],
  ],
  qr: (t) => [
    ...matrix(t, (a) => linalg.qr(a)),
    ['mode', () => linalg.qr(t.a, { mode: 'full' as never }), ArgumentError, /mode must be .*, got "full"/],
  ],
  rcond: (t) => square(t, linalg.rcond),
  slogdet: (t) => square(t, linalg.slogdet),
  solve: (t) => [
    ...square(t, (a) => linalg.solve(a, t.b)),
    ...side(t, (b) => linalg.solve(t.a, b)),
    ['batches', () => linalg.solve(t.stack, t.sides), ShapeError, /\[4\] and \[3\] do not broadcast/],
    ['singular', () => linalg.solve(t.singular, t.b), SingularMatrixError, singular],
    [
      'one of a stack',
      () => linalg.solve(t.singularStack, t.b),
      SingularMatrixError,
      /matrix \[1\] is singular/,
    ],
    [
      'assume',
      () => linalg.solve(t.a, t.b, { assume: 'spd' as never }),
      ArgumentError,
      /assume must be .*got "spd"/,
    ],
    [
      'indefinite',
      () => linalg.solve(t.indefinite, t.b, { assume: 'positiveDefinite' }),
      NotPositiveDefiniteError,
      indefinite,
    ],
  ],
  solveBanded: (t) => {
    const one = { lower: 1, upper: 0 };
    return [
      ...matrix(t, (bands) => linalg.solveBanded(bands, one, t.b), 'bands'),
      ...side(t, (b) => linalg.solveBanded(t.a, one, b)),
      [
        'rows',
        () => linalg.solveBanded(t.a, { lower: 1, upper: 1 }, t.b),
        ShapeError,
        /bands must have 3 rows .*, got 2/,
      ],
      [
        'lower',
        () => linalg.solveBanded(t.a, { lower: -1, upper: 2 }, t.b),
        ArgumentError,
        /lower must be .*, got -1/,
      ],
      [
        'upper',
        () => linalg.solveBanded(t.a, { lower: 0, upper: 0.5 }, t.b),
        ArgumentError,
        /upper must be .*, got 0.5/,
      ],
      ['singular', () => linalg.solveBanded(t.zero, one, t.b), SingularMatrixError, /singular: pivot 0 is 0/],
    ];
  },
  solveBlockDiagonal: (t) => {
    const call = (blocks: Tensor, b: Tensor) => () => linalg.solveBlockDiagonal(blocks, b);
    return [
      ['not a tensor', call(not, t.b), ArgumentError, /blocks must be a tensor/],
      ['two axes', call(t.a, t.b), ShapeError, /blocks must have shape \[k, m, m\], got \[2, 2\]/],
      ['i32', call(t.integers, t.b), DTypeError, /blocks must be f64 or f32, got i32/],
      ['not square', call(t.wide, t.b), ShapeError, /blocks must be square, got 2 x 3/],
      ['rows of b', call(t.stack, t.three), ShapeError, /b must have shape \[8\] or .*, got \[3\]/],
      ['b not a tensor', call(t.stack, not), ArgumentError, /b must be a tensor/],
      ['b in i32', call(t.stack, t.counts), DTypeError, /b must be f64 or f32, got i32/],
      [
        'singular',
        call(t.singularStack, t.four),
        SingularMatrixError,
        /matrix \[1\] is singular: pivot 1 is 0/,
      ],
      ['b in f32', call(t.stack, t.eight32), DTypeError, /one dtype, got f64 and f32/],
    ];
  },
  solveDiagonal: (t) => [
    ['not a tensor', () => linalg.solveDiagonal(not, t.b), ArgumentError, /d must be a tensor/],
    ['a scalar', () => linalg.solveDiagonal(t.scalar, t.b), ShapeError, /d must have at least one axis/],
    ['i32', () => linalg.solveDiagonal(t.counts, t.b), DTypeError, /d must be f64 or f32, got i32/],
    ...side(t, (b) => linalg.solveDiagonal(t.b, b)),
    [
      'singular',
      () => linalg.solveDiagonal(t.zero, t.b),
      SingularMatrixError,
      /matrix \[0\] is singular: entry 0 is 0/,
    ],
  ],
  solveTriangular: (t) => [
    ...square(t, (a) => linalg.solveTriangular(a, t.b)),
    ...side(t, (b) => linalg.solveTriangular(t.a, b)),
    ['singular', () => linalg.solveTriangular(t.zero, t.b), SingularMatrixError, /element \(0, 0\) .* is 0/],
  ],
  solveTridiagonal: (t) => [
    [
      'lower',
      () => linalg.solveTridiagonal(t.b, t.b, t.one, t.b),
      ShapeError,
      /lower must have shape \[1\] .*\[2\]/,
    ],
    [
      'upper',
      () => linalg.solveTridiagonal(t.one, t.b, t.b, t.b),
      ShapeError,
      /upper must have shape \[1\] .*\[2\]/,
    ],
    [
      'a scalar',
      () => linalg.solveTridiagonal(t.one, t.scalar, t.one, t.b),
      ShapeError,
      /diagonal must have at least/,
    ],
    [
      'no tensor',
      () => linalg.solveTridiagonal(t.one, not, t.one, t.b),
      ArgumentError,
      /diagonal must be a tensor/,
    ],
    [
      'i32',
      () => linalg.solveTridiagonal(t.one, t.counts, t.one, t.b),
      DTypeError,
      /diagonal must be f64 or f32/,
    ],
    [
      'f32',
      () => linalg.solveTridiagonal(t.one, t.b32, t.one, t.b),
      DTypeError,
      /one dtype, got f64 and f32/,
    ],
    ...side(t, (b) => linalg.solveTridiagonal(t.one, t.b, t.one, b)),
    [
      'singular',
      () => linalg.solveTridiagonal(t.one, t.nothing, t.one, t.b),
      SingularMatrixError,
      /singular: pivot 0 is 0/,
    ],
  ],
  svd: (t) => [
    ...matrix(t, (a) => linalg.svd(a)),
    ...finite(t, (a) => linalg.svd(a)),
    ['method', () => linalg.svd(t.a, { method: 'qr' as never }), ArgumentError, /method must be .*got "qr"/],
  ],
  svdvals: (t) => [...matrix(t, (a) => linalg.svdvals(a)), ...finite(t, (a) => linalg.svdvals(a))],
  symmetricFunction: (t) => [
    ...square(t, (a) => linalg.symmetricFunction(a, 'exp')),
    ...finite(t, (a) => linalg.symmetricFunction(a, 'exp')),
    [
      'no function',
      () => linalg.symmetricFunction(t.a, 2 as never),
      ArgumentError,
      /f must be a function, .*got 2/,
    ],
    ['a name', () => linalg.symmetricFunction(t.a, 'sin' as never), ArgumentError, /f must be .*, got "sin"/],
    ['inherited', () => linalg.symmetricFunction(t.a, 'toString' as never), ArgumentError, /got "toString"/],
    [
      'no tensor',
      () => linalg.symmetricFunction(t.a, (() => 3) as never),
      ArgumentError,
      /f must return a tensor, got 3/,
    ],
    [
      'a scalar',
      () => linalg.symmetricFunction(t.a, (x) => sum(x)),
      ShapeError,
      /f must .*one by one and return shape \[2\], got \[\]/,
    ],
    [
      'another dtype',
      () => linalg.symmetricFunction(t.a, (x) => astype(x, 'f32')),
      DTypeError,
      /f must return f64 for f64, got f32/,
    ],
    [
      'all elements at once',
      () => linalg.symmetricFunction(t.a, (x) => softmax(x)),
      ArgumentError,
      /f must treat its elements one by one, but gives/,
    ],
    [
      'sums',
      () => linalg.symmetricFunction(t.a, (x) => cumsum(x)),
      ArgumentError,
      /f must treat its elements one by one, but gives/,
    ],
  ],
  trace: (t) => matrix(t, linalg.trace),
};

for (const [name, wrongs] of Object.entries(table)) {
  test(`${name}: what it refuses, and how it says so`, () =>
    scope(() => {
      for (const [what, call, kind, message] of wrongs(inputs())) {
        try {
          const full = kind === DisposedError ? message : RegExp(`^${name}: .*${message.source}`);
          rejects(call, kind, full);
        } catch (error) {
          throw new Error(`${what}: ${error}`);
        }
      }
    }));
}

test('the table names every function of linalg', () => {
  assert.equal(Object.keys(table).sort(), Object.keys(linalg).sort());
});

test('numbers that are not finite go through where they are documented to: NaN out, no error', () =>
  scope(() => {
    const { a, b, nan } = inputs();
    const results = [
      ...Object.values(linalg.lu(nan)).slice(0, 2),
      ...Object.values(linalg.qr(nan)),
      linalg.solve(nan, b),
      linalg.inv(nan),
      linalg.det(nan),
      ...Object.values(linalg.slogdet(nan)),
      linalg.norm(nan),
      linalg.trace(linalg.inv(nan)),
      linalg.solveTriangular(nan, b),
      linalg.solveDiagonal(tensor([1, Number.NaN]), b),
      linalg.solveTridiagonal(tensor([1]), tensor([1, Number.NaN]), tensor([1]), b),
      linalg.solveBanded(nan, { lower: 1, upper: 0 }, b),
      linalg.solve(a, tensor([Number.NaN, 1])),
    ];
    results.forEach((x, i) => {
      assert.ok(x.data().some(Number.isNaN), `result ${i}`);
    });
  }));

test('errors name the function that was called, not one inside', () => {
  const [a, wide, vector, integers, nan, gone] = scope(() => [
    tensor([
      [4, 1],
      [1, 3],
    ]),
    zeros([2, 3]),
    zeros([2]),
    zeros([2, 2], { dtype: 'i32' }),
    tensor([
      [Number.NaN, 0],
      [0, 1],
    ]),
    zeros([2, 2]),
  ]);
  gone.dispose();
  const factor = linalg.factor as (...args: unknown[]) => unknown;
  const kinds = /^factor: kind must be 'cholesky', 'lu', 'qr' or 'ldlt', got /;
  rejects(() => factor(a), ArgumentError, kinds);
  rejects(() => factor(a, undefined), ArgumentError, kinds);
  rejects(() => factor(a, {}), ArgumentError, kinds);
  for (const kind of ['LU', null, 3, Symbol('lu'), {}])
    rejects(() => factor(a, { kind }), ArgumentError, kinds);
  rejects(() => factor(), ArgumentError, /^factor: a must be a tensor, got undefined/);
  rejects(() => factor(a, 'lu'), ArgumentError, /^factor: options must be an object, got "lu"/);
  for (const kind of ['cholesky', 'lu', 'qr', 'ldlt'] as const) {
    rejects(() => linalg.factor(wide, { kind }), ShapeError, /^factor: a must be square/);
    rejects(() => linalg.factor(vector, { kind }), ShapeError, /^factor: a must be a matrix/);
    rejects(() => linalg.factor(integers, { kind }), DTypeError, /^factor: a must be f64 or f32/);
    rejects(
      () => linalg.factor(gone, { kind }),
      DisposedError,
      /^factor: a, a tensor of shape \[2, 2\], has been disposed/,
    );
  }
  rejects(() => linalg.ldlt(wide), ShapeError, /^ldlt: a must be square/);
  for (const order of [2, 'spectral', 'nuc'] as const)
    rejects(() => linalg.norm(nan, order), ArgumentError, /^norm: a must be finite/);
  for (const name of [
    'det',
    'inv',
    'expm',
    'svd',
    'eigh',
    'lu',
    'qr',
    'norm',
    'trace',
    'pinv',
    'cond',
  ] as const)
    rejects(() => (linalg[name] as (a: Tensor) => unknown)(gone), DisposedError, new RegExp(`^${name}: a, `));
  for (const name of ['solve', 'cg', 'minres', 'gmres', 'lsmr', 'lstsq', 'solveTriangular'] as const)
    rejects(
      () => (linalg[name] as (a: Tensor, b: Tensor) => unknown)(a, gone),
      DisposedError,
      new RegExp(`^${name}: b, `),
    );
  for (const t of [a, wide, vector, integers, nan]) t.dispose();
});

test.run();
