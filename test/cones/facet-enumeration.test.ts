// cones.facetEnumeration: golden polyhedra, there and back, generators that are not extreme, cones, hulls of lower dimension, far away.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ArgumentError, cones, memory, scope, tensor, zeros } from '#src/index.js';
import { drawing, near, property, rejects, seed } from '../support/check.js';
import {
  cyclicFacets,
  cyclicVertices,
  distanceOfSets,
  dot,
  golden,
  norm,
  orthogonal,
  orthonormal,
  rowsOf,
  tried,
  unit,
} from '../support/cones.js';

interface Lists {
  vertices?: number[][];
  rays?: number[][];
  lineality?: number[][];
}

/** The facets, after what must hold of all: unit rows orthogonal to orthonormal equalities, which the generators fulfil. */
function described(given: Lists, options: cones.EnumerationOptions = {}) {
  const h = cones.facetEnumeration(
    Object.fromEntries(Object.entries(given).map(([key, list]) => [key, tensor(list)])),
    options,
  );
  const [A, E] = [rowsOf(h.A), rowsOf(h.equalities.A)];
  const [b, e] = [Array.from(h.b.toTypedArray()), Array.from(h.equalities.b.toTypedArray())];
  assert.equal([h.b.shape, h.equalities.b.shape], [[A.length], [E.length]]);
  near(
    A.map(norm),
    A.map(() => 1),
    1e-14,
    'length of rows',
  );
  orthonormal(E, 1e-13, 'equalities are orthonormal');
  orthogonal(E, A, 1e-12, 'rows are orthogonal to equalities');
  for (const v of given.vertices ?? []) {
    const rounding = 1e-12 * Math.max(1, norm(v));
    A.forEach((a, i) => void assert.ok(dot(a, v) - b[i] <= rounding, 'vertices'));
    near(
      E.map((x) => dot(x, v)),
      e,
      rounding,
    );
  }
  for (const r of given.rays ?? []) for (const a of A) assert.ok(dot(a, r) <= 1e-12 * norm(r), 'rays');
  for (const r of [...(given.rays ?? []), ...(given.lineality ?? [])])
    near(
      E.map((x) => dot(x, r)),
      E.map(() => 0),
      1e-12 * norm(r),
    );
  for (const l of given.lineality ?? [])
    near(
      A.map((x) => dot(x, l)),
      A.map(() => 0),
      1e-12 * norm(l),
    );
  return { ...h, rows: A, sides: b, E, e };
}

test('golden polyhedra from their generators, and back', () => {
  scope(() => {
    for (const p of golden().polyhedra) {
      if (p.direction === 'HV') continue;
      const lists: Lists = {
        vertices: p.points ?? p.vertices,
        ...(p.rays.length > 0 && { rays: p.rays }),
        ...(p.lineality.length > 0 && { lineality: p.lineality }),
      };
      const size = Math.max(1, ...p.vertices.flat().map(Math.abs));
      for (const exact of p.mode === 'both'
        ? ([false, true, 'verified'] as const)
        : ([false, 'verified'] as const)) {
        const h = described(lists, { exact });
        const both = h.rows.map((a, i) => [...a, h.sides[i]]);
        const want = p.facets.A.map((a, i) => [...a, p.facets.b[i]]);
        assert.ok(distanceOfSets(both, want) < 1e-11 * size, `${p.name}, exact ${exact}`);
        assert.is(h.E.length, p.nEqualities);
        assert.equal(h.redundant, { vertices: p.redundant ?? [], rays: [] });
        const back = cones.vertexEnumeration(h.A, h.b, { equalities: h.equalities });
        assert.ok(distanceOfSets(rowsOf(back.vertices), p.vertices) < 1e-11 * size, `${p.name} and back`);
        assert.equal([back.rays.shape[0], back.dimension], [p.rays.length, p.dimension]);
      }
    }
  });
});

test('golden cones from their generators, and back', () => {
  scope(() => {
    for (const { name, rays, A, dimension: d } of golden().cones) {
      const dd = cones.doubleDescription(A.length === 0 ? zeros([0, d]) : tensor(A));
      const h = cones.facetEnumeration(dd);
      assert.is(h.equalities.A.shape[0], d - dd.dimension, name);
      assert.is(h.A.shape[0], A.length - dd.implicit.length - dd.redundant.length, name);
      near(h.b.toTypedArray(), new Float64Array(h.A.shape[0]), 0);
      const back = cones.doubleDescription(h.A, { equalities: h.equalities.A });
      assert.ok(distanceOfSets(rowsOf(back.rays), rays) < 1e-12, name);
    }
  });
});

const point = fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 3, maxLength: 3 });

test('small hulls agree with the oracle for the polar cone', () => {
  property(
    fc.record({
      d: fc.integer({ min: 1, max: 3 }),
      points: fc.array(point, { minLength: 1, maxLength: 6 }),
      directions: fc.array(point, { maxLength: 3 }),
      lines: fc.array(point, { maxLength: 1 }),
      order: fc.constantFrom('lexmin', 'maxcutoff', 'fewest', 'input'),
    }),
    ({ d, points, directions, lines, order }) =>
      scope(() => {
        const cut = (list: number[][]) => list.map((x) => x.slice(0, d));
        const [vertices, rays, lineality] = [cut(points), cut(directions), cut(lines)];
        const over = [...vertices.map((v) => [...v, 1]), ...rays.map((r) => [...r, 0])];
        const want = tried(
          over,
          d + 1,
          lineality.map((l) => [...l, 0]),
        );
        const h = described(
          { vertices, ...(rays.length > 0 && { rays }), ...(lineality.length > 0 && { lineality }) },
          { order: order as cones.RowOrder },
        );
        assert.is(h.E.length, want.lines, 'equalities');
        // Less the facet at infinity, on which no vertex lies.
        const finite = want.rays.filter((f) => vertices.some((v) => Math.abs(dot(f, [...v, 1])) < 1e-12));
        assert.is(h.rows.length, finite.length, 'facets');
        const tight = (value: (v: number[]) => number) =>
          vertices.map((v) => (Math.abs(value(v)) < 1e-11 ? 1 : 0)).join('');
        assert.equal(
          h.rows.map((a, i) => tight((v) => dot(a, v) - h.sides[i])).sort(),
          finite.map((f) => tight((v) => dot(f, [...v, 1]))).sort(),
          'vertices on facets',
        );
        const n = vertices.length;
        assert.equal(h.redundant, {
          vertices: want.redundant.filter((i) => i < n),
          rays: want.redundant.filter((i) => i >= n).map((i) => i - n),
        });
      }),
    400,
  );
});

test('cyclic polytopes, and points inside and twice, which are redundant', () => {
  scope(() => {
    for (const [m, d] of [
      [8, 2],
      [9, 3],
      [9, 4],
      [10, 5],
    ]) {
      const vertices = cyclicVertices(m, d);
      const middle = vertices[0].map((_, j) => vertices.reduce((sum, v) => sum + v[j], 0) / m);
      const h = described({ vertices: [...vertices, middle, vertices[1]] });
      assert.equal([h.rows.length, h.redundant], [cyclicFacets(m, d), { vertices: [m, m + 1], rays: [] }]);
    }
  });
});

test('hulls far away and of any size', () => {
  scope(() => {
    for (const [scale, centre] of [
      [1, 5e5],
      [1e-3, 10],
      [1e6, 1e10],
      [1, 1e9],
    ]) {
      const draw = drawing(seed);
      const vertices = Array.from({ length: 30 }, () =>
        Array.from({ length: 3 }, () => centre + scale * draw()),
      );
      const here = vertices.map((v) => v.map((x) => (x - centre) / scale));
      const [far, near0] = [described({ vertices }), described({ vertices: here })];
      assert.equal(far.redundant, near0.redundant);
      const rounding = (1e-14 * centre) / scale;
      assert.ok(
        distanceOfSets(far.rows, near0.rows) < 1e-9 + rounding,
        `${scale} at ${centre}, seed ${seed}`,
      );
    }
  });
});

test('the edges: one point, a segment, a halfspace, the whole space, {0}, zero rays, opposite rays', () => {
  scope(() => {
    const list = (given: Lists, options?: cones.EnumerationOptions) => {
      const { rows, E, redundant } = described(given, options);
      return [rows.length, E.length, redundant.vertices, redundant.rays];
    };
    for (const exact of [false, true, 'verified'] as const) {
      assert.equal(list({ vertices: [[3, 4]] }, { exact }), [0, 2, [], []]);
      assert.equal(
        list(
          {
            vertices: [
              [3, 4],
              [3, 4],
            ],
          },
          { exact },
        ),
        [0, 2, [1], []],
      );
      assert.equal(
        list(
          {
            vertices: [
              [3, 4],
              [4, 5],
              [5, 6],
            ],
          },
          { exact },
        ),
        [2, 1, [1], []],
      );
      assert.equal(list({ vertices: [[0, 0]], lineality: [[1, 1]] }, { exact }), [0, 1, [], []]);
      assert.equal(list({ vertices: [[0, 0]], rays: [[1, 1]] }, { exact }), [1, 1, [], []]);
      assert.equal(list({ vertices: [[0, 0]], rays: [[1, 1]], lineality: [[1, 0]] }, { exact }), [
        1,
        0,
        [],
        [],
      ]);
      assert.equal(
        list(
          {
            rays: [
              [1, 1],
              [0, 0],
              [2, 2],
            ],
          },
          { exact },
        ),
        [1, 1, [], [1, 2]],
      );
      assert.equal(
        list(
          {
            rays: [
              [1, 0],
              [-1, 0],
              [0, 1],
              [3, 1],
            ],
          },
          { exact },
        ),
        [1, 0, [], [3]],
      );
      assert.equal(
        list(
          {
            lineality: [
              [1, 2],
              [0, 1],
            ],
          },
          { exact },
        ),
        [0, 0, [], []],
      );
      assert.equal(list({ rays: [[0, 0, 0]] }, { exact }), [0, 3, [], [0]]);
    }
    const none = cones.facetEnumeration({ rays: zeros([0, 3]), lineality: zeros([0, 3]) });
    assert.equal(
      [none.A.shape, none.equalities.A.shape],
      [
        [0, 3],
        [3, 3],
      ],
    );
    assert.equal(cones.facetEnumeration({ rays: [[]] }).redundant.rays, [0]);
  });
});

test('descriptions are generators; disposal frees all', () => {
  const before = memory();
  scope(() => {
    const p = cones.vertexEnumeration(
      [
        [-1, 0],
        [0, -1],
        [1, 1],
      ],
      [0, 0, 1],
    );
    const h = cones.facetEnumeration(p);
    assert.is(h.A.shape[0], 3);
    p.dispose();
    h.dispose();
  });
  const h = cones.facetEnumeration({
    vertices: [
      [1, 2],
      [3, 5],
    ],
  });
  h.dispose();
  assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
});

test('sides are right for facets of any direction', () => {
  scope(() => {
    const h = described({
      vertices: [
        [1, 1],
        [2, 1],
        [1, 3],
      ],
    });
    const s = Math.sqrt(5);
    const want = [
      [-1, 0, -1],
      [0, -1, -1],
      [2 / s, 1 / s, 5 / s],
    ];
    assert.ok(
      distanceOfSets(
        h.rows.map((a, i) => [...a, h.sides[i]]),
        want,
      ) < 1e-15,
    );
    void unit;
  });
});

test('what has no vertices is empty, and what has no generators is nothing', () => {
  rejects(() => cones.facetEnumeration({}), ArgumentError, /facetEnumeration: generators must have/);
  scope(() => {
    const none = zeros([0, 2]);
    rejects(
      () => cones.facetEnumeration({ vertices: none, rays: none }),
      ArgumentError,
      /generators must not all be empty/,
    );
  });
});

test.run();
