// cones.vertexEnumeration: golden polyhedra, an oracle on small ones, empty and unbounded ones, far away and of any size, exact vertices.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cones, scope, tensor, zeros } from '#src/index.js';
import { drawing, near, property, seed } from '../support/check.js';
import { distanceOfSets, dot, golden, norm, rowsOf, tried, unit } from '../support/cones.js';

const ORDERS = ['lexmin', 'maxcutoff', 'fewest', 'input'] as const;
type Options = cones.VertexEnumerationOptions;

/** The description, after what must hold of every one: generators fulfil the constraints and are orthogonal to the lineality space. */
function described(A: number[][], b: number[], d: number, options: Options = {}) {
  const p = cones.vertexEnumeration(
    A.length === 0 ? zeros([0, d]) : tensor(A),
    tensor(b, { shape: [b.length] }),
    options,
  );
  const [vertices, rays, lines] = [rowsOf(p.vertices), rowsOf(p.rays), rowsOf(p.lineality)];
  for (const tensors of [p.vertices, p.rays, p.lineality]) assert.is(tensors.shape[1], d);
  // How far vertices and rows are from the origin.
  const far = Math.max(
    ...vertices.map(norm),
    ...A.map((a, i) => (norm(a) === 0 ? 0 : Math.abs(b[i]) / norm(a))),
  );
  A.forEach((a, i) => {
    const size = norm(a) || 1;
    for (const v of vertices) {
      const outside = dot(a, v) - b[i];
      if (outside > 1e-13 * size * far)
        throw new Error(`${v} is outside of row ${i} of ${JSON.stringify(A)} by ${outside}`);
    }
    for (const r of rays) assert.ok(dot(a, r) <= 1e-12 * size, `row ${i} at infinity`);
  });
  near(
    rays.map(norm),
    rays.map(() => 1),
    1e-14,
  );
  for (const line of lines)
    for (const x of [...vertices, ...rays])
      near([dot(line, x)], [0], 1e-13 * Math.max(1, norm(x)), 'orthogonal');
  assert.is(p.empty, vertices.length === 0);
  if (p.empty)
    assert.equal([rays.length, lines.length, p.dimension, p.implicit, p.redundant], [0, 0, -1, [], []]);
  return { ...p, points: vertices, vectors: rays, lines };
}

test('golden polyhedra, in all orders, with rows of any scale', () => {
  scope(() => {
    for (const p of golden().polyhedra) {
      if (p.direction === 'VH' || p.mode === 'near') continue;
      const scaled = (list: number[][]) =>
        list.map((row, k) => row.map((x) => x * 10 ** (((7 * k) % 19) - 9)));
      const rows = p.A.map((a, i) => [...a, p.b[i]]);
      const size = Math.max(1, ...p.vertices.flat().map(Math.abs));
      for (const order of ORDERS) {
        for (const list of [rows, scaled(rows)]) {
          const options = p.equalities && {
            equalities: { A: tensor(p.equalities.A), b: tensor(p.equalities.b) },
          };
          const [A, b] = [list.map((row) => row.slice(0, -1)), list.map((row) => row[p.d])];
          const got = described(A, b, p.d, { order, ...options });
          const what = `${p.name}, ${order}`;
          assert.ok(distanceOfSets(got.points, p.vertices) < 1e-12 * size, `${what}: vertices`);
          assert.ok(distanceOfSets(got.vectors, p.rays.map(unit)) < 1e-12, `${what}: rays`);
          assert.equal([got.lines.length, got.dimension], [p.lineality.length, p.dimension], what);
        }
      }
    }
  });
});

const row = fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 4, maxLength: 4 });
const small = fc
  .record({
    d: fc.integer({ min: 0, max: 3 }),
    rows: fc.array(row, { maxLength: 7 }),
    equalities: fc.array(row, { maxLength: 2 }),
    scales: fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 7, maxLength: 7 }),
    order: fc.constantFrom(...ORDERS),
  })
  .map(({ d, rows, equalities, ...rest }) => {
    const cut = (list: number[][]) => list.map((r) => [...r.slice(0, d), r[3]]);
    return { d, rows: cut(rows), equalities: cut(equalities), ...rest };
  });

test('small polyhedra agree with the oracle for the cone over them', () => {
  property(
    small,
    ({ d, rows, equalities, scales, order }) =>
      scope(() => {
        const over = (list: number[][]) => list.map((r) => [...r.slice(0, d), 0 - r[d]]);
        const want = tried([...over(rows), [...new Array(d).fill(0), -1]], d + 1, over(equalities));
        const list = rows.map((r, i) => r.map((x) => x * 10 ** scales[i]));
        const got = described(
          list.map((r) => r.slice(0, d)),
          list.map((r) => r[d]),
          d,
          {
            order,
            ...(equalities.length > 0 && {
              equalities: {
                A: tensor(
                  equalities.map((r) => r.slice(0, d)),
                  { shape: [equalities.length, d] },
                ),
                b: tensor(equalities.map((r) => r[d])),
              },
            }),
          },
        );
        const points = want.rays.filter((r) => r[d] > 0);
        if (points.length === 0) return assert.is(got.empty, true, 'empty');
        const vertices = points.map((r) => r.slice(0, d).map((x) => x / r[d]));
        assert.ok(distanceOfSets(got.points, vertices) < 1e-12, 'vertices');
        assert.ok(
          distanceOfSets(
            got.vectors,
            want.rays.filter((r) => r[d] === 0).map((r) => r.slice(0, d)),
          ) < 1e-12,
          'rays',
        );
        assert.equal([got.lines.length, got.dimension], [want.lines, want.dimension - 1], 'lines, dimension');
        const isZero = (i: number) => rows[i]?.slice(0, d).every((x) => x === 0);
        assert.equal(
          got.implicit,
          want.implicit.filter((i) => i < rows.length && !isZero(i)),
          'implicit',
        );
        // Where the homogenising row gives the same facet as one of the list, that is the first to go.
        const known = want.redundant.filter((i) => i < rows.length);
        const atInfinity = want.rays.filter((r) => r[d] === 0);
        const isSpare = (i: number) =>
          !want.implicit.includes(i) &&
          want.rays.every((r) => r[d] === 0 || Math.abs(dot(over(rows)[i], r)) > 1e-12) &&
          atInfinity.every((r) => Math.abs(dot(over(rows)[i], r)) < 1e-12) &&
          !want.redundant.includes(i);
        const spare = rows.flatMap((_, i) => (isZero(i) || isSpare(i) ? [i] : []));
        assert.equal(
          got.redundant,
          [...new Set([...known, ...spare])].sort((a, b) => a - b),
          'redundant',
        );
      }),
    600,
  );
});

test('empty polyhedra: by rows, by equalities, by rows of zeros, and in no dimension', () => {
  scope(() => {
    const isEmpty = (A: number[][], b: number[], d: number, options: Options = {}) =>
      described(A, b, d, options).empty;
    assert.is(
      isEmpty(
        [
          [1, 0],
          [-1, 0],
        ],
        [-1, 0.5],
        2,
      ),
      true,
    );
    assert.is(
      isEmpty(
        [
          [1, 0],
          [-1, 0],
        ],
        [-1e-3, 0.5e-3],
        2,
      ),
      true,
    );
    assert.is(isEmpty([[0, 0]], [-1e-300], 2), true);
    assert.is(isEmpty([[0, 0]], [0], 2), false);
    assert.is(isEmpty([[]], [-1], 0), true);
    assert.is(isEmpty([[]], [1], 0), false);
    const equal = (A: number[][], b: number[]) => ({ equalities: { A: tensor(A), b: tensor(b) } });
    assert.is(
      isEmpty(
        [],
        [],
        2,
        equal(
          [
            [1, 1],
            [2, 2],
          ],
          [1, 2.5],
        ),
      ),
      true,
    );
    assert.is(
      isEmpty(
        [],
        [],
        2,
        equal(
          [
            [1, 1],
            [2, 2],
          ],
          [1, 2],
        ),
      ),
      false,
    );
    assert.is(isEmpty([], [], 2, equal([[0, 0]], [1])), true);
    assert.is(isEmpty([[1, 1]], [1], 2, equal([[1, 1]], [2])), true);
    assert.is(isEmpty([[1, 1]], [1], 2, equal([[1, 1]], [1])), false);
    // The simplex x >= 0 with sum -1.
    assert.is(
      isEmpty(
        [
          [-1, 0],
          [0, -1],
        ],
        [0, 0],
        2,
        equal([[1, 1]], [-1]),
      ),
      true,
    );
  });
});

test('the edges: no rows, one point, a cone, a line, rows of zeros, a polyhedron with one vertex and facets that are far away', () => {
  scope(() => {
    const list = (A: number[][], b: number[], d: number, options?: Options) => {
      const { points, vectors, lines, dimension, implicit, redundant } = described(A, b, d, options);
      return [points, vectors.length, lines.length, dimension, implicit, redundant];
    };
    assert.equal(list([], [], 2), [[[0, 0]], 0, 2, 2, [], []]);
    assert.equal(list([], [], 0), [[[]], 0, 0, 0, [], []]);
    assert.equal(list([[1], [-1]], [3, -3], 1), [[[3]], 0, 0, 0, [0, 1], []]);
    assert.equal(
      list(
        [
          [-1, 0],
          [0, -1],
        ],
        [0, 0],
        2,
      ),
      [[[0, 0]], 2, 0, 2, [], []],
    );
    assert.equal(
      list(
        [
          [0, 0],
          [0, 0],
        ],
        [0, 7],
        2,
      ),
      [[[0, 0]], 0, 2, 2, [], [0, 1]],
    );
    const far = described(
      [
        [-1, 0],
        [0, -1],
        [1, 1],
      ],
      [0, 0, 1e12],
      2,
      { equalities: { A: tensor([[1, -1]]), b: tensor([0]) } },
    );
    assert.ok(
      distanceOfSets(far.points, [
        [0, 0],
        [5e11, 5e11],
      ]) < 1e-3,
    );
    // Behind the equality a row says nothing (1), is an equality (2), or bounds (0).
    const equalities = { A: tensor([[0, 1]]), b: tensor([2]) };
    assert.equal(
      list(
        [
          [1, 0],
          [0, 1],
          [0, 3],
        ],
        [5, 3, 6],
        2,
        { equalities },
      ),
      [[[5, 2]], 1, 0, 1, [2], [1]],
    );
  });
});

/** Corners of a polygon, in order around its centre. */
const polygon = (n: number, radius: number, [x, y]: number[]) =>
  Array.from({ length: n }, (_, k) => {
    const [c, s] = [Math.cos((2 * Math.PI * k) / n), Math.sin((2 * Math.PI * k) / n)];
    return { a: [c, s], b: radius + c * x + s * y };
  });

test('polygons far away and of any size keep their corners', () => {
  scope(() => {
    for (const [n, radius, centre] of [
      [4, 0.5, [500000.5, 0]],
      [12, 1, [1e6, -2e6]],
      [60, 1e-3, [10, 20]],
      [60, 1e5, [1e9, 1e9]],
      [200, 3, [0, 0]],
      [1000, 1, [1e5, 5]],
    ] as [number, number, number[]][]) {
      const sides = polygon(n, radius, centre);
      const { points, vectors, redundant } = described(
        sides.map(({ a }) => a),
        sides.map(({ b }) => b),
        2,
      );
      assert.equal(
        [points.length, vectors.length, redundant],
        [n, 0, []],
        `${n} corners of ${radius} at ${centre}`,
      );
      const far = points.map((p) => norm(p.map((x, j) => x - centre[j])));
      const rounding = 1e-11 * norm(centre);
      near(
        far,
        far.map(() => radius / Math.cos(Math.PI / n)),
        rounding + 1e-9 * radius,
        'corners',
      );
    }
    const { points } = described(
      [
        [1, 0],
        [-1, 0],
        [0, 1],
        [0, -1],
      ],
      [500001, -500000, 1, 1],
      2,
    );
    assert.ok(
      distanceOfSets(points, [
        [500000, -1],
        [500000, 1],
        [500001, -1],
        [500001, 1],
      ]) < 1e-9,
    );
  });
});

test('rows that are far from the vertices do not blur them', () => {
  scope(() => {
    const square = [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ];
    for (const far of [1e3, 1e9, 1e12, 1e100, 1e300]) {
      const A = [...square, ...square.map(([x, y]) => [x + y, x - y]), [1, 2], [1, 2], [1, 2]];
      const b = [1, 0, 1, 0, ...new Array(7).fill(far)];
      const { points, redundant } = described(A, b, 2);
      assert.ok(
        distanceOfSets(points, [
          [0, 0],
          [0, 1],
          [1, 0],
          [1, 1],
        ]) < 1e-14,
        `${far}`,
      );
      assert.equal(redundant, [4, 5, 6, 7, 8, 9, 10]);
    }
  });
});

test('the simplex and the cube, moved, turned and scaled', () => {
  scope(() => {
    for (const d of [1, 2, 5, 8]) {
      const draw = drawing(seed + d);
      const scale = 10 ** Math.round(4 * draw());
      const centre = Array.from({ length: d }, () => 1000 * scale * draw());
      const directions = Array.from({ length: d }, (_, i) =>
        Array.from({ length: d }, (_unused, j) => (i === j ? 2 : 0) + draw() / d),
      );
      const rows = directions.flatMap((a) => [a, a.map((x) => -x)]);
      const sides = rows.map((a) => dot(a, centre) + scale);
      const cube = described(rows, sides, d);
      assert.is(cube.points.length, 2 ** d, `cube ${d}, seed ${seed}`);
      const simplex = [
        ...directions.map((a) => a.map((x) => -x)),
        directions.reduce((sum, a) => sum.map((x, j) => x + a[j])),
      ];
      const got = described(
        simplex,
        simplex.map((a) => dot(a, centre) + scale),
        d,
      );
      assert.is(got.points.length, d + 1, `simplex ${d}, seed ${seed}`);
    }
  });
});

test('exact vertices in lowest terms, in the order of the tensor', () => {
  scope(() => {
    const p = cones.vertexEnumeration(
      [
        ['1/3', '-1/7'],
        [-1n, 0n],
        ['0', '1'],
      ],
      ['1/2', 0, '0.25'],
      { exact: true },
    );
    const { vertices, rays } = p.exact as NonNullable<typeof p.exact>;
    vertices.forEach(({ x, denominator }, k) => {
      near(
        rowsOf(p.vertices)[k],
        x.map((q) => Number(q) / Number(denominator)),
        0,
      );
      assert.ok(denominator > 0n);
    });
    assert.equal(vertices.map(({ x, denominator }) => `${x}/${denominator}`).sort(), [
      '0,-7/2',
      '0,1/4',
      '45,7/28',
    ]);
    assert.equal([rays, p.arithmetic, p.empty], [[], 'exact', false]);
  });
});

test('many facets through one vertex, whose sides are off by rounding, in large and small units', () => {
  const hulls = [
    [
      [-4, 3, 1, -1, 2],
      [3, 2, -4, 3, 1],
      [0, -4, 1, -4, 0],
      [-2, -1, 0, 4, 2],
      [4, -2, 2, 0, 4],
      [4, 2, 4, 3, -3],
      [0, -1, -1, 4, -1],
      [-3, 2, -4, 4, -2],
      [2, 4, -4, 1, -1],
      [-2, -1, 0, 1, -2],
      [2, -2, 0, -1, 4],
      [1, -4, -2, 0, -1],
    ],
    // The origin is the vertex.
    [
      [1, 1, -1, 1],
      [0, -1, 1, 1],
      [0, 1, 1, -1],
      [0, 0, 0, 0],
      [-1, 1, 1, 1],
      [0, 0, 0, 1],
      [1, 0, 1, 0],
    ],
  ];
  for (const points of hulls)
    for (const unit of [1e-5, 0.1, 1, 1e4]) {
      const hull = cones.facetEnumeration({ vertices: points.map((x) => x.map((v) => v * unit)) });
      for (const order of ['lexmin', 'maxcutoff', 'fewest', 'input'] as const) {
        const { vertices } = cones.vertexEnumeration(hull.A, hull.b, { order, maxRays: 2000 });
        assert.is(vertices.shape[0], points.length, `${points.length} points in units of ${unit}, ${order}`);
      }
    }
});

test.run();
