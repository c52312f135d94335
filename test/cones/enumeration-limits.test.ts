// Arguments, bounds, progress and memory of enumerations: typed errors that name what is wrong, and nothing left behind.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  type CotangentError,
  cones,
  DisposedError,
  DTypeError,
  grad,
  memory,
  RayLimitError,
  ShapeError,
  scope,
  sum,
  tensor,
  zeros,
} from '#src/index.js';
import { attempts, rejects } from '../support/check.js';
import { crossPolytope, cyclicVertices, permutahedron } from '../support/cones.js';

const { doubleDescription, facetEnumeration, generators, vertexEnumeration } = cones;
// biome-ignore lint/suspicious/noExplicitAny: wrong on purpose
type Any = any;
type Kind = new (...args: never[]) => CotangentError;

test('what is no matrix of finite numbers', () => {
  const { failures, attempt } = attempts();
  const A = [[1, 2]];
  const table: [string, () => unknown, Kind, RegExp][] = [
    ['a vector', () => doubleDescription(tensor([1, 2])), ShapeError, /A must be a matrix, got shape \[2\]/],
    ['a flat array', () => doubleDescription([1, 2] as Any), ShapeError, /A must be a matrix/],
    [
      'an empty array',
      () => doubleDescription([]),
      ShapeError,
      /A must be a matrix, got \[\] \(zeros\(\[0, d\]\)/,
    ],
    ['ragged rows', () => doubleDescription([[1, 2], [3]]), ShapeError, /got 2 and, in row 1, 1/],
    [
      'NaN',
      () => doubleDescription(tensor([[1, Number.NaN]])),
      ArgumentError,
      /A must have finite entries, got NaN at position 1/,
    ],
    [
      'Infinity',
      () => doubleDescription([[Number.NEGATIVE_INFINITY]]),
      ArgumentError,
      /-Infinity at position 0/,
    ],
    ['i32', () => doubleDescription(tensor([[1]], { dtype: 'i32' })), DTypeError, /A must be f64 or f32/],
    [
      'a bigint',
      () => doubleDescription([[1n, 2]]),
      ArgumentError,
      /A\[0\]\[0\] must be a number, got 1n \(exact: true/,
    ],
    [
      'a fraction, verified',
      () => doubleDescription([[1, '1/2']], { exact: 'verified' }),
      ArgumentError,
      /A\[0\]\[1\] must be a number/,
    ],
    [
      'null',
      () => doubleDescription([[null]] as Any, { exact: true }),
      ArgumentError,
      /A\[0\]\[0\] must be a number, got null/,
    ],
    ['no fraction', () => doubleDescription([['1/0']], { exact: true }), ArgumentError, /A\[0\]/],
    [
      'equalities of another width',
      () => doubleDescription(A, { equalities: [[1]] }),
      ShapeError,
      /equalities must have rows of 2 entries, got 1/,
    ],
    [
      'b of another length',
      () => vertexEnumeration(A, [1, 2]),
      ShapeError,
      /b must have 1 entries, one a row, got 2/,
    ],
    ['b that is a matrix', () => vertexEnumeration(A, [[1]] as Any), ShapeError, /b must be a vector/],
    ['b with NaN', () => vertexEnumeration(A, [Number.NaN]), ArgumentError, /b must have finite entries/],
    [
      'equalities without b',
      () => vertexEnumeration(A, [1], { equalities: { A } as Any }),
      ArgumentError,
      /equalities.b/,
    ],
    [
      'equalities with another name',
      () => vertexEnumeration(A, [1], { equalities: { A, c: [1] } as Any }),
      ArgumentError,
      /no option 'c'/,
    ],
    [
      'equalities that are a matrix',
      () => vertexEnumeration(A, [1], { equalities: A as Any }),
      ArgumentError,
      /equalities must be an object/,
    ],
    [
      'widths of generators',
      () => facetEnumeration({ vertices: A, rays: [[1]] }),
      ShapeError,
      /rays must have rows of 2 entries, got 1/,
    ],
    [
      'widths of rays and lines',
      () => generators({ rays: zeros([1, 2]), lineality: zeros([1, 3]) }),
      ShapeError,
      /same width/,
    ],
    [
      'rays that are a vector',
      () => generators({ rays: zeros([2]), lineality: zeros([1, 2]) }),
      ShapeError,
      /rays must be a matrix/,
    ],
    [
      'no tensors',
      () => generators({ rays: A, lineality: A } as Any),
      ArgumentError,
      /rays must be a tensor/,
    ],
  ];
  for (const [what, f, kind, message] of table) attempt(what, () => scope(() => void f()), kind, message);
  const gone = tensor(A);
  gone.dispose();
  attempt('disposed', () => doubleDescription(gone), DisposedError, /A/);
  attempt(
    'differentiated',
    () => scope(() => void grad((x) => sum(doubleDescription(x).rays))(tensor(A))),
    ArgumentError,
    /A is differentiated/,
  );
  assert.equal(failures, []);
});

test('options', () => {
  const { failures, attempt } = attempts();
  const call = (options: object) => () => doubleDescription([[1, 2]], options);
  attempt(
    'order',
    call({ order: 'random' }),
    ArgumentError,
    /order must be 'lexmin', 'maxcutoff', 'fewest' or 'input', got "random"/,
  );
  attempt('exact', call({ exact: 'yes' }), ArgumentError, /exact must be 'verified'/);
  attempt('exact', call({ exact: 1 }), ArgumentError, /exact must be true or false/);
  for (const tolerance of [0, -1, 0.5, Number.NaN, '1'])
    attempt('tolerance', call({ tolerance }), ArgumentError, /tolerance must lie between/);
  for (const maxRays of [0, -1, 1.5, Number.NaN])
    attempt('maxRays', call({ maxRays }), ArgumentError, /maxRays must be a whole number/);
  attempt('onProgress', call({ onProgress: 1 }), ArgumentError, /onProgress must be a function/);
  attempt('a name', call({ tolerence: 1 }), ArgumentError, /did you mean 'tolerance'/);
  assert.equal(failures, []);
});

/** The error of a call. */
function limitOf(f: () => unknown): RayLimitError {
  const before = memory();
  try {
    f();
  } catch (error) {
    assert.instance(error, RayLimitError);
    assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
    return error as RayLimitError;
  }
  throw new Error('no limit was met');
}

test('maxRays: what was held, how many rows were in, of how many', () => {
  const A = permutahedron(6);
  for (const order of ['lexmin', 'maxcutoff', 'fewest', 'input'] as const) {
    const { peak, rays, dispose } = doubleDescription(A, { order });
    assert.is(rays.shape[0], 720);
    assert.ok(peak >= 720);
    dispose();
    doubleDescription(A, { order, maxRays: peak }).dispose();
    for (const maxRays of [1, 5, 6, 100, 719, peak - 1]) {
      const error = limitOf(() => doubleDescription(A, { order, maxRays }));
      assert.match(
        error.message,
        /doubleDescription: \d+ rays are held after \d+ of 62 rows, more than maxRays = /,
      );
      assert.is(error.limit, maxRays);
      assert.ok(error.rays > maxRays && error.rays <= peak, `${error.rays} of at most ${peak}`);
      assert.ok(error.rows >= 6 && error.rows < 62);
      assert.is(error.of, 62);
    }
  }
  const facets = limitOf(() => facetEnumeration({ vertices: cyclicVertices(12, 6) }, { maxRays: 50 }));
  assert.match(facets.message, /^facetEnumeration/);
  const vertices = limitOf(() =>
    vertexEnumeration(
      crossPolytope(4).map((row) => row.slice(0, 4)),
      new Array(16).fill(1),
      { maxRays: 6 },
    ),
  );
  assert.match(vertices.message, /^vertexEnumeration/);
  doubleDescription(A, { maxRays: Number.POSITIVE_INFINITY }).dispose();
});

test('onProgress: rows ascend to all of them, and rays are those held', () => {
  const A = [...permutahedron(5), new Array(5).fill(0)];
  for (const order of ['lexmin', 'fewest'] as const) {
    const seen: cones.EnumerationProgress[] = [];
    const dd = doubleDescription(A, { order, onProgress: (progress) => void seen.push(progress) });
    assert.ok(seen.every(({ rows, of }, k) => of === A.length && (k === 0 || rows > seen[k - 1].rows)));
    assert.equal(
      [seen[seen.length - 1], Math.max(...seen.map(({ rays }) => rays))],
      [{ rows: A.length, of: A.length, rays: 120 }, dd.peak],
    );
    dd.dispose();
  }
  // One that throws leaves nothing behind, and one may enumerate itself.
  class Stop extends ArgumentError {}
  rejects(
    () =>
      doubleDescription(A, {
        onProgress: () => {
          throw new Stop('stop');
        },
      }),
    Stop,
    /stop/,
  );
  let inner = 0;
  const onProgress = () => {
    const dd = doubleDescription([
      [1, 0],
      [0, 1],
      [1, 2],
    ]);
    inner += dd.rays.shape[0];
    dd.dispose();
  };
  const dd = doubleDescription(A, { onProgress });
  assert.is(dd.rays.shape[0], 120);
  assert.ok(inner > 0 && inner % 2 === 0);
  dd.dispose();
});

test('enumerations leave no memory behind, whatever they grow to', () => {
  const once = () =>
    scope(() => {
      doubleDescription(permutahedron(7));
      doubleDescription(permutahedron(6), { order: 'fewest' });
      facetEnumeration({ vertices: cyclicVertices(12, 6) });
      return undefined;
    });
  once();
  const before = memory();
  for (let k = 0; k < 5; k++) once();
  const after = memory();
  assert.equal(
    [after.tensors, after.bytes, after.heapBytes],
    [before.tensors, before.bytes, before.heapBytes],
  );
});

test.run();
