// What users get with `exact: true`: generators and facets in whole numbers, against an oracle that tries all sets of rows, and beside them floats in the same order; fractions,
// bigints, and floats as the rationals that they are; what rows are for as in floats, where nothing is near; numbers of all sizes; faults.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  cones,
  DTypeError,
  memory,
  RayLimitError,
  ShapeError,
  scope,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { near, property, rejects } from '../../support/check.js';
import { permutahedron, rowsOf } from '../../support/cones.js';
import { dot, eliminated, gcd, oracle, primitive, type Rows } from '../../support/exact-cones.js';

const EXACT = { exact: true } as const;
type Matrix = readonly (readonly (number | bigint | string)[])[];
const matrix = (rows: Matrix, d: number) => (rows.length === 0 ? zeros([0, d]) : rows);
const sorted = (rows: Rows) => rows.map(String).sort();

/** The integer next to √x from below. */
function squareRoot(x: bigint): bigint {
  if (x < 2n) return x;
  let root = 1n << BigInt(Math.ceil(x.toString(2).length / 2));
  for (let next = (root + x / root) >> 1n; next < root; next = (root + x / root) >> 1n) root = next;
  return root;
}

/**
 * The floats are those of the integers, row by row: of unit length. Each of d numbers is rounded, squared and added up, and divided by the root: d/2 + 3.5
 * unit roundoffs.
 */
function sameDirections(x: Tensor, rows: Rows): void {
  assert.is(x.shape[0], rows.length);
  rowsOf(x).forEach((row, k) => {
    const square = rows[k].reduce((sum, y) => sum + y * y, 0n);
    near(
      row,
      rows[k].map(
        (y) => (Math.sign(Number(y)) * Number(squareRoot(((y * y) << 160n) / (square || 1n)))) / 2 ** 80,
      ),
      (row.length / 2 + 3.5) * 2 ** -53,
      `row ${k} in floats`,
    );
  });
}

/** The lines in floats are orthonormal, and as many, and orthogonal to the rays. */
function sameSpace(x: Tensor, rows: Rows, rays: Tensor): void {
  const lines = rowsOf(x);
  assert.is(lines.length, rows.length);
  const products = (a: number[][], b: number[][]) =>
    a.flatMap((p) => b.map((q) => p.reduce((sum, y, j) => sum + y * q[j], 0)));
  near(
    products(lines, lines),
    lines.flatMap((_, i) => lines.map((_unused, j) => (i === j ? 1 : 0))),
    1e-14,
    'orthonormal',
  );
  near(
    products(lines, rowsOf(rays)),
    lines.flatMap(() => rowsOf(rays).map(() => 0)),
    1e-13,
    'orthogonal',
  );
  // In the span: with a small part outside the rows would be independent of the lines.
  for (const row of rows) {
    const size = Math.sqrt(row.reduce((sum, y) => sum + Number(y) * Number(y), 0));
    const unit = row.map((y) => Number(y) / size);
    const shares = lines.map((line) => line.reduce((sum, y, j) => sum + y * unit[j], 0));
    near([Math.sqrt(shares.reduce((sum, y) => sum + y * y, 0))], [1], 1e-14, 'in the span');
  }
}

const small = fc.bigInt({ min: -3n, max: 3n });
const problem = fc.integer({ min: 1, max: 4 }).chain((d) => {
  const vector = fc.array(small, { minLength: d, maxLength: d });
  return fc.record({
    d: fc.constant(d),
    A: fc.array(vector, { maxLength: 7 }),
    E: fc.oneof(fc.constant([] as Rows), fc.array(vector, { maxLength: 2 })),
    b: fc.infiniteStream(fc.bigInt({ min: -4n, max: 4n })),
  });
});

test('cones: the oracle, floats beside, and what rows are for as in floats', () =>
  property(
    problem,
    ({ d, A, E }) =>
      scope(() => {
        const given = matrix(A, d);
        const equalities = matrix(E, d);
        const dd = cones.doubleDescription(given, { ...EXACT, equalities });
        const { rays, lineality } = dd.exact as NonNullable<typeof dd.exact>;
        const want = oracle(A, E, d);
        assert.equal(sorted(rays), want.rays);
        assert.is(eliminated([...lineality, ...want.lineality]).rows.length, lineality.length);
        assert.is(dd.arithmetic, 'exact');
        assert.ok(dd.peak >= rays.length);
        sameDirections(dd.rays, rays);
        sameSpace(dd.lineality, lineality, dd.rays);
        const numbers = (rows: Rows) =>
          matrix(
            rows.map((row) => row.map(Number)),
            d,
          );
        const float = cones.doubleDescription(numbers(A), { equalities: numbers(E) });
        assert.equal(
          [dd.implicit, dd.redundant],
          [float.implicit, float.redundant],
          `${A.join(' | ')}; ${E.join(' | ')}`,
        );
        assert.is(dd.dimension, float.dimension);
      }),
    300,
  ));

test('polyhedra: vertices over denominators, empty ones, and what rows are for', () => {
  const seen = { empty: 0, vertices: 0, lines: 0 };
  property(
    problem,
    ({ d, A, E, b: sides }) =>
      scope(() => {
        const side = (rows: Rows) => rows.map(() => sides.next().value as bigint);
        const [b, e] = [side(A), side(E)];
        const equalities = { A: matrix(E, d), b: e };
        const p = cones.vertexEnumeration(matrix(A, d), b, { ...EXACT, equalities });
        const homogeneous = A.map((row, k) => [...row, -b[k]]);
        const fixed = E.map((row, k) => [...row, -e[k]]);
        const want = oracle([...homogeneous, [...new Array<bigint>(d).fill(0n), -1n]], fixed, d + 1).rays;
        const isEmpty = want.every((ray) => ray.endsWith(',0'));
        assert.is(p.empty, isEmpty);
        const numbers = (rows: Rows) =>
          matrix(
            rows.map((row) => row.map(Number)),
            d,
          );
        const float = cones.vertexEnumeration(numbers(A), b.map(Number), {
          equalities: { A: numbers(E), b: e.map(Number) },
        });
        const what = `${homogeneous.join(' | ')}; ${fixed.join(' | ')}`;
        assert.is(float.empty, isEmpty, what);
        assert.equal(
          [p.implicit, p.redundant, p.dimension],
          [float.implicit, float.redundant, float.dimension],
          what,
        );
        seen.empty += isEmpty ? 1 : 0;
        if (isEmpty)
          return void assert.equal(
            [p.dimension, p.vertices.shape, p.rays.shape, p.lineality.shape],
            [-1, [0, d], [0, d], [0, d]],
          );
        const { vertices, rays, lineality } = p.exact as NonNullable<typeof p.exact>;
        const got = [
          ...vertices.map(({ x, denominator }) => [...x, denominator]),
          ...rays.map((ray) => [...ray, 0n]),
        ];
        assert.equal(sorted(got), want);
        assert.ok(vertices.length > 0 && vertices.every(({ denominator }) => denominator > 0n));
        near(
          Array.from(p.vertices.data()),
          vertices.flatMap(({ x, denominator }) => x.map((y) => Number(y) / Number(denominator))),
          0,
        );
        sameDirections(p.rays, rays);
        sameSpace(p.lineality, lineality, p.rays);
        seen.vertices += vertices.length > 1 ? 1 : 0;
        seen.lines += lineality.length > 0 ? 1 : 0;
      }),
    300,
  );
  assert.ok(Math.min(seen.empty, seen.vertices, seen.lines) > 10, JSON.stringify(seen));
});

test('facets in whole numbers, and the way back', () => {
  const points = fc.integer({ min: 1, max: 4 }).chain((d) => {
    const vector = fc.array(small, { minLength: d, maxLength: d });
    return fc.record({
      d: fc.constant(d),
      vertices: fc.option(
        fc.array(fc.tuple(vector, fc.bigInt({ min: 1n, max: 4n })), { minLength: 1, maxLength: 7 }),
      ),
      rays: fc.array(vector, { maxLength: 3 }),
      lineality: fc.array(vector, { maxLength: 1 }),
    });
  });
  property(
    points,
    ({ d, vertices, rays, lineality }) =>
      scope(() => {
        const corners = vertices?.map(([x, q]) => x.map((p) => `${p}/${q}`));
        const given = {
          ...(corners ? { vertices: corners } : {}),
          rays: matrix(rays, d),
          lineality: matrix(lineality, d),
        };
        const h = cones.facetEnumeration(given, EXACT);
        const { A, b, equalities } = h.exact as NonNullable<typeof h.exact>;
        const what = JSON.stringify({ corners, rays: rays.map(String), lineality: lineality.map(String) });
        const all = [
          ...A.map((row, k) => [...row, b[k]]),
          ...equalities.A.map((row, k) => [...row, equalities.b[k]]),
        ];
        assert.ok(
          all.every((row) => row.reduce(gcd, 0n) === 1n),
          what,
        );
        for (const row of A) for (const e of equalities.A) assert.is(dot(row, e), 0n, what);
        for (const [x, q] of vertices ?? []) {
          A.forEach((row, k) => void assert.ok(dot(row, x) <= b[k] * q, what));
          equalities.A.forEach((row, k) => void assert.is(dot(row, x), equalities.b[k] * q, what));
        }
        for (const ray of rays)
          assert.ok(
            A.every((row) => dot(row, ray) <= 0n),
            what,
          );
        for (const line of lineality)
          assert.ok(
            A.every((row) => dot(row, line) === 0n),
            what,
          );
        sameDirections(h.A, A);
        A.forEach((row, k) => {
          const length = Math.sqrt(Number(dot(row, row)));
          near([h.b.data()[k]], [Number(b[k]) / length], 1e-14, what);
        });
        // The generators again: those that are not redundant, orthogonal to the lines.
        const p = cones.vertexEnumeration(matrix(A, d), b, {
          ...EXACT,
          equalities: { A: matrix(equalities.A, d), b: equalities.b },
        });
        const again = p.exact as NonNullable<typeof p.exact>;
        const extreme = (count: number, redundant: number[]) => count - redundant.length;
        assert.is(again.vertices.length, vertices ? extreme(vertices.length, h.redundant.vertices) : 1, what);
        // Rays along lines are not extreme, but what they span is not there without them.
        const along = rays.filter(
          (ray) =>
            ray.some((x) => x !== 0n) &&
            A.every((row) => dot(row, ray) === 0n) &&
            equalities.A.every((row) => dot(row, ray) === 0n),
        );
        assert.is(again.rays.length + along.length, extreme(rays.length, h.redundant.rays), what);
        const back = cones.facetEnumeration(
          {
            vertices: again.vertices.map(({ x, denominator }) => x.map((y) => `${y}/${denominator}`)),
            rays: matrix(again.rays, d),
            lineality: matrix(again.lineality, d),
          },
          EXACT,
        );
        assert.equal(sorted((back.exact as NonNullable<typeof back.exact>).A), sorted(A), what);
      }),
    300,
  );
});

test('fractions, bigints and floats are what they are', () =>
  scope(() => {
    const third = cones.doubleDescription(
      [
        ['-1/3', '1/7'],
        [-1n, 0n],
      ],
      EXACT,
    );
    assert.equal(sorted(third.exact?.rays ?? []), ['0,-1', '3,7']);
    const tenth = cones.vertexEnumeration([[10]], ['1'], EXACT);
    assert.equal(tenth.exact?.vertices, [{ x: [1n], denominator: 10n }]);
    assert.equal(tenth.vertices.toArray(), [[0.1]]);
    const float = cones.vertexEnumeration(tensor([[1]]), tensor([0.1]), EXACT);
    assert.equal(float.exact?.vertices, [{ x: [3602879701896397n], denominator: 36028797018963968n }]);
    const single = cones.vertexEnumeration(tensor([[1]], { dtype: 'f32' }), ['1e-1'], EXACT);
    assert.equal(single.exact?.vertices, [{ x: [1n], denominator: 10n }]);
    const f32 = cones.vertexEnumeration([[1]], tensor([0.1], { dtype: 'f32' }), EXACT);
    assert.equal(f32.exact?.vertices, [{ x: [13421773n], denominator: 134217728n }]);
    assert.is(f32.vertices.dtype, 'f64');
  }));

test('rows of zeros in whatever form are redundant, and empty where their side is below 0', () =>
  scope(() => {
    const A = [
      ['0', 0n],
      [-0, '0/5'],
      [1, 0],
      ['0.0', '0e5'],
    ];
    assert.equal(cones.doubleDescription(A, EXACT).redundant, [0, 1, 3]);
    assert.equal(cones.vertexEnumeration(A, [0n, 1, 1, '1/2'], EXACT).redundant, [0, 1, 3]);
    const none = cones.vertexEnumeration(A, [0, 0, 1, '-1e-9'], EXACT);
    assert.equal(
      [none.empty, none.dimension, none.redundant, none.implicit, none.arithmetic],
      [true, -1, [], [], 'exact'],
    );
    assert.is(none.exact, undefined);
  }));

test('what floats take for one, exact arithmetic tells apart', () =>
  scope(() => {
    const near50 = [
      [1, 0, 0.1],
      [0, 1, 0],
      [-1, 0, -(0.1 + 2 ** -50)],
    ];
    const float = cones.doubleDescription(near50);
    const exact = cones.doubleDescription(near50, EXACT);
    assert.equal([float.implicit, float.lineality.shape[0]], [[0, 2], 1]);
    assert.equal(
      [exact.implicit, exact.redundant, exact.dimension, exact.lineality.shape[0]],
      [[], [], 3, 0],
    );
    // A sliver of a triangle, 2^-60 wide.
    const sliver = cones.vertexEnumeration(
      [
        [1, 0],
        [-1, 0],
        [1, -1],
        [0, 1],
      ],
      [2 ** -60, 0, 0, 1],
      EXACT,
    );
    assert.is(sliver.dimension, 2);
    assert.is(sliver.exact?.vertices.length, 4);
  }));

test('numbers near both ends of the range', () =>
  scope(() => {
    for (const scale of [1e300, 1e-300, Number.MAX_VALUE, Number.MIN_VALUE]) {
      const dd = cones.doubleDescription(
        [
          [scale, 0, -scale],
          [0, -scale, scale],
        ],
        EXACT,
      );
      assert.equal(sorted(dd.exact?.rays ?? []), ['-1,2,-1', '-2,1,1']);
      near(Array.from(dd.lineality.data(), Math.abs), new Array(3).fill(1 / Math.sqrt(3)), 3e-16);
    }
  }));

test('a permutahedron: counts, and all of it in whole numbers', () =>
  scope(() => {
    const dd = cones.doubleDescription(permutahedron(5), EXACT);
    assert.is(dd.exact?.rays.length, 120);
    for (const ray of dd.exact?.rays ?? []) {
      assert.is(ray[4], 1n);
      const order = new Set(ray.slice(0, 4).map(Number));
      assert.ok(order.size === 4 && [...order].every((x) => x >= 1 && x <= 5), String(ray));
    }
  }));

test('784 columns: whole numbers, exactly orthogonal', () =>
  scope(() => {
    const dd = cones.doubleDescription(cones.checkerboard(28, 28, { tiles: [4, 4] }), EXACT);
    const { rays, lineality } = dd.exact as NonNullable<typeof dd.exact>;
    assert.equal([rays.length, lineality.length], [16, 768]);
    for (const ray of rays) {
      assert.is(ray.filter((x) => x !== 0n).length, 49);
      assert.ok(ray.every((x) => x * x <= 1n));
      for (const line of lineality) assert.is(dot(ray, line), 0n);
    }
    assert.ok(lineality.every((line) => line.reduce(gcd, 0n) === 1n));
    const lines = dd.lineality.data();
    let worst = 0;
    for (let i = 0; i < 768; i += 31)
      for (let j = 0; j < 768; j++) {
        let sum = i === j ? -1 : 0;
        for (let k = 0; k < 784; k++) sum += lines[784 * i + k] * lines[784 * j + k];
        worst = Math.max(worst, Math.abs(sum));
      }
    assert.ok(worst < 1e-14, `orthonormal to ${worst}`);
  }));

test('lines that floats cannot tell apart are orthonormal', () =>
  scope(() => {
    // Their complement in turn: the smaller of the two spaces has vectors that are 2^-60 from each other.
    const e = 1n << 60n;
    const near60 = [
      [e, e, e, 0n, 0n],
      [e, e, e + 1n, 0n, 1n],
    ];
    for (const rows of [
      near60,
      [
        [e, 1n, 0n, 0n, 0n],
        [e, 0n, 1n, 0n, 0n],
        [e, 0n, 0n, 1n, 0n],
      ],
    ]) {
      const dd = cones.doubleDescription(zeros([0, 5]), { ...EXACT, equalities: rows });
      const lineality = dd.exact?.lineality ?? [];
      assert.is(dd.lineality.shape[0], 5 - rows.length);
      for (const line of lineality) for (const row of rows) assert.is(dot(line, row), 0n);
      sameSpace(dd.lineality, lineality.map(primitive), dd.rays);
    }
  }));

test('faults: their class, the place, and nothing left behind', () => {
  const any = cones as unknown as Record<string, (...args: unknown[]) => unknown>;
  const refuse = (f: () => unknown, kind: typeof ArgumentError, message: RegExp) => rejects(f, kind, message);
  const one = [[1]];
  refuse(
    () => any.doubleDescription([['1/3', 'two']], EXACT),
    ArgumentError,
    /^doubleDescription: A\[0\]\[1\] must be a number such as .*, got "two"$/,
  );
  refuse(
    () =>
      any.doubleDescription(
        [
          [1, 2],
          ['1/0', '1'],
        ],
        EXACT,
      ),
    ArgumentError,
    /^doubleDescription: A\[1\]\[0\] must be a fraction whose denominator is not 0, got "1\/0"$/,
  );
  refuse(
    () => any.doubleDescription([[1n]]),
    ArgumentError,
    /^doubleDescription: A\[0\]\[0\] must be a number, got 1n \(exact: true/,
  );
  refuse(
    () => any.doubleDescription([['1']], { exact: 'verified' }),
    ArgumentError,
    /A\[0\]\[0\] must be a number/,
  );
  refuse(
    () => any.doubleDescription(one, { ...EXACT, equalities: [['x']] }),
    ArgumentError,
    /^doubleDescription: equalities\[0\]\[0\] must be/,
  );
  refuse(
    () => any.doubleDescription([[Number.NaN]], EXACT),
    ArgumentError,
    /^doubleDescription: A must have finite entries, got NaN/,
  );
  refuse(() => any.doubleDescription([[null]], EXACT), ArgumentError, /A\[0\]\[0\] must be a number/);
  refuse(
    () => any.doubleDescription([[1n], [1n, 2n]], EXACT),
    ShapeError,
    /^doubleDescription: A must have rows of one length/,
  );
  refuse(
    () => any.vertexEnumeration(one, ['1/0'], EXACT),
    ArgumentError,
    /^vertexEnumeration: b\[0\] must be a fraction/,
  );
  refuse(
    () => any.vertexEnumeration(one, [1], { ...EXACT, equalities: { A: [['y']], b: [1] } }),
    ArgumentError,
    /^vertexEnumeration: equalities.A\[0\]\[0\]/,
  );
  refuse(
    () => any.vertexEnumeration(one, [1], { ...EXACT, equalities: { A: one, b: ['y'] } }),
    ArgumentError,
    /^vertexEnumeration: equalities.b\[0\]/,
  );
  refuse(
    () => any.facetEnumeration({ vertices: [['1/0']] }, EXACT),
    ArgumentError,
    /^facetEnumeration: vertices\[0\]\[0\] must be a fraction/,
  );
  refuse(
    () => any.facetEnumeration({ rays: [[1n]], lineality: [['z']] }, EXACT),
    ArgumentError,
    /^facetEnumeration: lineality\[0\]\[0\]/,
  );
  refuse(() => any.facetEnumeration({}, EXACT), ArgumentError, /^facetEnumeration: generators must have/);
  scope(() => {
    const empty = { vertices: zeros([0, 2]), rays: zeros([0, 2]) };
    refuse(
      () => any.facetEnumeration(empty, EXACT),
      ArgumentError,
      /^facetEnumeration: generators must not all be empty/,
    );
    const whole = tensor([[1]], { dtype: 'i32' });
    refuse(() => any.doubleDescription(whole, EXACT), DTypeError, /^doubleDescription: A/);
  });
  // In 64-bit integers, and in bigints.
  for (const scale of [1, 1 / 3]) {
    const A = permutahedron(5).map((row, k) => row.map((x, j) => x * scale + (j === 4 ? -k / 2 ** 30 : 0)));
    const limited = () => cones.doubleDescription(A, { ...EXACT, maxRays: 20 });
    const message = /^doubleDescription: \d+ rays are held after \d+ of 30 rows, more than maxRays = 20/;
    rejects(limited, RayLimitError, message);
  }
  const facets = () => cones.facetEnumeration({ vertices: permutahedron(4) }, { ...EXACT, maxRays: 3 });
  rejects(facets, RayLimitError, /^facetEnumeration: \d+ rays are held after \d+ of 14 rows/);
});

test('generators without vertices are those of a cone', () =>
  scope(() => {
    for (const exact of [true, false]) {
      const vertices = zeros([0, 2]);
      const cone = cones.facetEnumeration(
        {
          vertices,
          rays: [
            [1, 0],
            [1, 1],
          ],
        },
        { exact },
      );
      assert.equal(
        [cone.A.shape, cone.b.toArray()],
        [
          [2, 2],
          [0, 0],
        ],
      );
      assert.equal(cone.redundant, { vertices: [], rays: [] });
      const line = cones.facetEnumeration({ vertices, lineality: [[1, 0]] }, { exact });
      assert.equal(
        [line.A.shape, line.equalities.A.shape],
        [
          [0, 2],
          [1, 2],
        ],
      );
    }
  }));

test('disposal frees all', () => {
  const before = memory();
  const A = tensor([
    [1, 2, 0],
    [0, 1, 1],
  ]);
  const b = tensor([1, 1]);
  const [dd, p] = [cones.doubleDescription(A, EXACT), cones.vertexEnumeration(A, b, EXACT)];
  const h = cones.facetEnumeration(p, EXACT);
  for (const made of [dd, p, h, A, b]) made.dispose();
  assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
});

test.run();
