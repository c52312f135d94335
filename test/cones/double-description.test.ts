// cones.doubleDescription in floats: golden cones, known counts, an oracle that tries all subsets of rows, rows of any scale, all orders, the edges.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cones, memory, random, scope, tensor, zeros } from '#src/index.js';
import { drawing, near, property, seed } from '../support/check.js';
import {
  crossPolytope,
  cutCone,
  cyclicFacets,
  cyclicVertices,
  distanceOfSets,
  dot,
  golden,
  norm,
  orthogonal,
  permutahedron,
  rowsOf,
  tried,
  unit,
} from '../support/cones.js';

const ORDERS = ['lexmin', 'maxcutoff', 'fewest', 'input'] as const;
type Options = cones.DoubleDescriptionOptions;
const matrix = (A: readonly number[][], d: number) =>
  A.length === 0 ? zeros([0, d]) : tensor(A as number[][]);

/** The description, after what must hold of every one: unit rays in the cone, orthogonal to an orthonormal lineality basis. */
function described(A: readonly number[][], d: number, options: Options = {}) {
  const dd = cones.doubleDescription(matrix(A, d), options);
  const [rays, lines, units] = [rowsOf(dd.rays), rowsOf(dd.lineality), A.map(unit)];
  assert.is(dd.rays.shape[1], d);
  assert.is(dd.lineality.shape[1], d);
  near(
    rays.map(norm),
    rays.map(() => 1),
    4e-16 * (d + 2),
    'length of rays',
  );
  orthogonal(rays, lines, 1e-14, 'rays are orthogonal to the lineality space');
  for (const ray of rays) {
    for (const a of units) {
      const outside = dot(a, ray);
      if (outside > 1e-13) throw new Error(`a ray is outside of row ${a} by ${outside}`);
    }
  }
  // Of many lines some: against all, and against the rows.
  for (const [i, line] of lines.slice(0, 40).entries())
    near(
      lines.map((other) => dot(line, other)),
      lines.map((_, j) => (i === j ? 1 : 0)),
      1e-14,
      'lineality is orthonormal',
    );
  orthogonal(lines.slice(0, 40), units, 1e-13, 'lineality');
  return { ...dd, vectors: rays, lines };
}

test('golden cones, in all orders, with rows of any scale and in any order', () => {
  scope(() => {
    for (const { name, A, rays, lines, dimension: d } of golden().cones) {
      const draw = drawing(seed + d);
      const turned = Array.from({ length: A.length }, (_, i) => i).sort(() => draw());
      const scaled = turned.map((i, k) => A[i].map((x) => x * 10 ** (((7 * k) % 19) - 9)));
      for (const order of ORDERS) {
        for (const rows of [A, scaled]) {
          const dd = described(rows, d, { order });
          assert.is(dd.lines.length, lines, `${name}: lines`);
          const distance = distanceOfSets(dd.vectors, rays);
          assert.ok(distance < 1e-13, `${name} ${order}: rays are off by ${distance} (seed ${seed})`);
          assert.ok(dd.peak >= rays.length);
          assert.is(dd.arithmetic, 'float');
        }
      }
    }
  });
});

const small = fc
  .record({
    d: fc.integer({ min: 1, max: 4 }),
    rows: fc.array(fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 4, maxLength: 4 }), {
      maxLength: 8,
    }),
    equalities: fc.array(fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 4, maxLength: 4 }), {
      maxLength: 2,
    }),
    scales: fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 8, maxLength: 8 }),
    order: fc.constantFrom(...ORDERS),
  })
  .map(({ d, rows, equalities, scales, order }) => ({
    d,
    A: rows.map((row) => row.slice(0, d)),
    E: equalities.map((row) => row.slice(0, d)),
    scales,
    order,
  }));

test('small cones agree with the oracle: rays, lineality, dimension, implicit and redundant rows', () => {
  property(
    small,
    ({ d, A, E, scales, order }) =>
      scope(() => {
        const want = tried(A, d, E);
        const rows = A.map((row, i) => row.map((x) => x * 10 ** scales[i]));
        const dd = described(rows, d, { order, ...(E.length > 0 && { equalities: tensor(E) }) });
        assert.ok(distanceOfSets(dd.vectors, want.rays) < 1e-12, 'rays');
        assert.is(dd.lines.length, want.lines, 'lines');
        assert.is(dd.dimension, want.dimension, 'dimension');
        assert.equal(dd.implicit, want.implicit, 'implicit');
        assert.equal(dd.redundant, want.redundant, 'redundant');
        for (const e of E)
          for (const x of [...dd.vectors, ...dd.lines]) near([dot(e, x)], [0], 1e-13, 'equalities');
      }),
    600,
  );
});

test('known counts: permutahedra, cross-polytopes, cut cones', () => {
  scope(() => {
    const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
    for (const order of ORDERS) {
      for (const n of [2, 3, 4, 5, 6]) {
        const dd = described(permutahedron(n), n, { order });
        assert.is(dd.vectors.length, factorial(n), `permutahedron ${n}, ${order}`);
        assert.equal([dd.redundant, dd.implicit, dd.dimension], [[], [], n]);
      }
      for (const d of [1, 2, 3, 4, 5, 6])
        assert.is(described(crossPolytope(d), d + 1, { order }).vectors.length, 2 * d);
      // The facets of the cut cones of 3 to 5 points; 6 points have 210.
      for (const [n, facets] of [
        [3, 3],
        [4, 12],
        [5, 40],
      ])
        assert.is(described(cutCone(n), (n * (n - 1)) / 2, { order }).vectors.length, facets);
    }
    assert.is(described(cutCone(6), 15).vectors.length, 210);
    // More than 64 and more than 128 rows.
    for (const [n, rays] of [
      [7, 5040],
      [8, 40320],
    ])
      assert.is(cones.doubleDescription(tensor(permutahedron(n))).rays.shape[0], rays);
  });
});

test('facets of cyclic polytopes, which are simplicial, from their vertices', () => {
  scope(() => {
    for (const [m, d] of [
      [7, 2],
      [8, 3],
      [9, 4],
      [10, 5],
      [11, 6],
      [12, 7],
    ]) {
      const vertices = cyclicVertices(m, d).map((v) => [...v, 1]);
      const dd = described(vertices, d + 1);
      assert.is(dd.vectors.length, cyclicFacets(m, d), `${m} vertices in ${d} dimensions`);
      assert.equal(dd.redundant, []);
    }
  });
});

/** Rows of small integers, turned so that a random point is inside. */
function randomCone(d: number, m: number, start: number): number[][] {
  const draw = drawing(start);
  const whole = (most: number) => Math.round(most * draw());
  const inside = Array.from({ length: d }, () => whole(5) || 1);
  return Array.from({ length: m }, () => {
    const a = Array.from({ length: d }, () => whole(9));
    return dot(a, inside) > 0 ? a.map((x) => -x) : a;
  });
}

test('random cones are the same in every order and at every scale, and bit for bit when asked again', () => {
  scope(() => {
    for (const [d, m] of [
      [3, 60],
      [4, 40],
      [5, 30],
      [6, 24],
      [8, 16],
    ]) {
      const A = randomCone(d, m, seed + d);
      const want = described(A, d);
      const again = described(A, d);
      assert.equal(again.rays.toTypedArray(), want.rays.toTypedArray());
      assert.equal([again.peak, again.redundant], [want.peak, want.redundant]);
      const scaled = A.map((row, k) => row.map((x) => x * 10 ** (((5 * k) % 19) - 9)));
      for (const order of ORDERS) {
        for (const rows of [A, scaled]) {
          const dd = described(rows, d, { order });
          const distance = distanceOfSets(dd.vectors, want.vectors);
          assert.ok(
            distance < 1e-11,
            `d = ${d}, ${order}: ${dd.vectors.length} and ${want.vectors.length} rays, ${distance} apart (seed ${seed})`,
          );
          assert.equal(dd.redundant, want.redundant);
        }
      }
    }
  });
});

test('every row that is not redundant is needed, and those that are can go together', () => {
  scope(() => {
    const A = randomCone(4, 30, seed);
    const { redundant, vectors } = described(A, 4);
    const kept = A.filter((_, i) => !redundant.includes(i));
    assert.ok(redundant.length > 0);
    assert.ok(distanceOfSets(described(kept, 4).vectors, vectors) < 1e-12);
    for (let i = 0; i < kept.length; i++) {
      const fewer = described(
        kept.filter((_, k) => k !== i),
        4,
      );
      assert.ok(fewer.vectors.some((ray) => dot(kept[i], ray) > 1e-9) || fewer.lines.length > 0);
    }
  });
});

test('the edges: no rows, zeros, one dimension, none, {0}, the whole space, halfspaces, equal and opposite rows', () => {
  scope(() => {
    const list = (A: number[][], d: number, options?: Options) => {
      const { vectors, lines, dimension, implicit, redundant } = described(A, d, options);
      return [vectors.length, lines.length, dimension, implicit, redundant];
    };
    assert.equal(list([], 3), [0, 3, 3, [], []]);
    assert.equal(list([], 0), [0, 0, 0, [], []]);
    assert.equal(list([[], []], 0), [0, 0, 0, [], [0, 1]]);
    assert.equal(list([[0, 0]], 2), [0, 2, 2, [], [0]]);
    assert.equal(list([[5]], 1), [1, 0, 1, [], []]);
    assert.equal(list([[5], [-1]], 1), [0, 0, 0, [0, 1], []]);
    assert.equal(list([[5], [1], [0], [1e-9]], 1), [1, 0, 1, [], [1, 2, 3]]);
    assert.equal(list([[1, 2, 3]], 3), [1, 2, 3, [], []]);
    assert.equal(
      list(
        [
          [1, 2, 3],
          [-1, -2, -3],
        ],
        3,
      ),
      [0, 2, 2, [0, 1], []],
    );
    assert.equal(
      list(
        [
          [1, 0],
          [0, 1],
          [-1, -1],
        ],
        2,
      ),
      [0, 0, 0, [0, 1, 2], []],
    );
    assert.equal(
      list(
        [
          [1, 0],
          [-1, 0],
          [0, 1],
        ],
        2,
      ),
      [1, 0, 1, [0, 1], []],
    );
    // Equalities: alone, contradicting nothing, repeated, zero, and such that rows vanish on them.
    assert.equal(
      list([], 3, {
        equalities: tensor([
          [1, 0, 0],
          [2, 0, 0],
          [0, 0, 0],
        ]),
      }),
      [0, 2, 2, [], []],
    );
    assert.equal(
      list(
        [
          [1, 0, 0],
          [0, 1, 0],
          [1, 1, 0],
        ],
        3,
        { equalities: tensor([[3, 0, 0]]) },
      ),
      [1, 1, 2, [0], [2]],
    );
    assert.equal(
      list(
        [
          [1, 0],
          [0, 1],
        ],
        2,
        {
          equalities: tensor([
            [1, 0],
            [0, 1],
          ]),
        },
      ),
      [0, 0, 0, [0, 1], []],
    );
    assert.equal(list([[1, 0]], 2, { equalities: zeros([0, 2]) }), [1, 1, 2, [], []]);
  });
});

test('numbers near the ends of the range, in rows and between them', () => {
  scope(() => {
    for (const scale of [1e-300, 1e300, 5e-324, 1.5e308]) {
      const { vectors, redundant } = described(
        [
          [scale, -scale],
          [-1, 0],
          [-scale, 0],
        ].map((row) => row.map((x) => x)),
        2,
      );
      assert.ok(distanceOfSets(vectors, [unit([1, 1]), [0, 1]]) < 1e-15);
      assert.equal(redundant, [2]);
    }
    // Two rows that are opposite but for 1e-300: the line between.
    const flat = [
      [-1e-200, 1e100],
      [0, -1e-310],
    ];
    assert.equal(
      described(flat, 2).lines.map((v) => v.map(Math.abs)),
      [[1, 0]],
    );
  });
});

test('what is closer than the tolerance is one', () => {
  scope(() => {
    const near = [
      [1, 0, 0.1],
      [0, 1, 0],
      [-1, 0, -(0.1 + 2 ** -50)],
    ];
    const { implicit, lines, dimension } = described(near, 3);
    assert.equal([implicit, lines.length, dimension], [[0, 2], 1, 2]);
    const far = near.map((row, i) => (i === 2 ? [-1, 0, -0.1 - 1e-6] : row));
    assert.equal(described(far, 3).implicit, []);
    assert.equal(cones.doubleDescription(tensor(far), { tolerance: 1e-5 }).implicit, [0, 2]);
  });
});

test('f32 matrices are taken as the numbers that they are', () => {
  scope(() => {
    const A = random(seed).normal([12, 4], { dtype: 'f32' });
    const same = tensor(rowsOf(A));
    assert.equal(
      cones.doubleDescription(A).rays.toTypedArray(),
      cones.doubleDescription(same).rays.toTypedArray(),
    );
    assert.is(cones.doubleDescription(A).rays.dtype, 'f64');
  });
});

test('nested arrays, generators in their order, disposal', () => {
  const before = memory();
  const dd = cones.doubleDescription([[1, -1, 0]]);
  assert.equal(
    [dd.rays.shape, dd.lineality.shape],
    [
      [1, 3],
      [2, 3],
    ],
  );
  const all = cones.generators(dd);
  const [ray, p, q, minusP, minusQ] = rowsOf(all);
  assert.equal([ray, p, q], [...rowsOf(dd.rays), ...rowsOf(dd.lineality)]);
  near(
    minusP,
    p.map((x) => -x),
    0,
  );
  near(
    minusQ,
    q.map((x) => -x),
    0,
  );
  all.dispose();
  dd.dispose();
  dd.dispose();
  assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
  scope(() => {
    const kept = scope(() => cones.doubleDescription([[1, 0]]));
    assert.is(kept.rays.isDisposed, false);
  });
  assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
});

test('784 columns and 16 rows', () => {
  scope(() => {
    const A = cones.checkerboard(28, 28, { tiles: [4, 4] });
    const { vectors, lines } = described(rowsOf(A), 784);
    assert.ok(
      distanceOfSets(
        vectors,
        rowsOf(A).map((a) => a.map((x) => -x / 7)),
      ) < 1e-14,
    );
    assert.is(lines.length, 768);
  });
});

test.run();
