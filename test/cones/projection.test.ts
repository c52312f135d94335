// project, distance, contains, and the kernel nearest_f64 below them: against enumeration of all faces, closed forms, optimality, and at every edge.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  astype,
  compile,
  cones,
  DTypeError,
  grad,
  memory,
  mul,
  ShapeError,
  scope,
  stopGradient,
  sum,
  type Tensor,
  tensor,
  vjp,
  zeros,
} from '#src/index.js';
import { drawing, near, property, rejects, seed } from '../support/check.js';
import { dot, matrix, norm, type Rows, rowsOf } from '../support/constraints.js';
import { checkDerivatives } from '../support/derivatives.js';

/** The solution of a square system, or undefined, by elimination with pivoting. */
function solved(M: Rows, r: number[]): number[] | undefined {
  const n = r.length;
  const a = M.map((row, i) => [...row, r[i]]);
  for (let c = 0; c < n; c++) {
    let p = c;
    for (let i = c; i < n; i++) if (Math.abs(a[i][c]) > Math.abs(a[p][c])) p = i;
    if (Math.abs(a[p][c]) < 1e-10) return undefined;
    [a[c], a[p]] = [a[p], a[c]];
    for (let i = 0; i < n; i++) {
      if (i === c) continue;
      const f = a[i][c] / a[c][c];
      for (let j = c; j <= n; j++) a[i][j] -= f * a[c][j];
    }
  }
  return a.map((row, i) => row[n] / row[i]);
}

/** The nearest point, over the nearest points of all intersections of planes: undefined where there is none. */
function byFaces(A: Rows, b: number[], y: number[], E: Rows = [], e: number[] = []): number[] | undefined {
  let best: number[] | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (let set = 0; set < 2 ** A.length; set++) {
    const rows = [...E, ...A.filter((_, i) => (set >> i) & 1)];
    const sides = [...e, ...b.filter((_, i) => (set >> i) & 1)];
    if (rows.length > y.length) continue;
    const l = solved(
      rows.map((p) => rows.map((q) => dot(p, q))),
      rows.map((p, i) => dot(p, y) - sides[i]),
    );
    if (l === undefined) continue;
    const x = y.map((v, j) => v - rows.reduce((s, row, i) => s + l[i] * row[j], 0));
    const size = Math.max(1, norm(x), norm(y));
    if (!A.every((a, i) => dot(a, x) <= b[i] + 1e-9 * norm(a) * size)) continue;
    const away = norm(x.map((v, j) => v - y[j]));
    if (away < least) [best, least] = [x, away];
  }
  return best;
}

/** Rows that span all, the first ones. */
function independent(E: Rows): number[] {
  const kept: number[] = [];
  E.forEach((row, i) => {
    const rows = [...kept.map((k) => E[k]), row];
    const gram = rows.map((p) => rows.map((q) => dot(p, q)));
    if (
      solved(
        gram,
        rows.map(() => 0),
      ) !== undefined
    )
      kept.push(i);
  });
  return kept;
}

const entry = fc.integer({ min: -4, max: 4 });
const vector = (n: number) => fc.array(entry, { minLength: n, maxLength: n });
const rowsIn = (d: number, most: number) => fc.array(vector(d), { minLength: 0, maxLength: most });

test('cones and polyhedra by small whole numbers, with rows that repeat and rows of zeros: against all faces', () => {
  const problem = fc.integer({ min: 1, max: 4 }).chain((d) =>
    fc.record({
      A: rowsIn(d, 6),
      shift: vector(d),
      slack: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 6, maxLength: 6 }),
      isCone: fc.boolean(),
      y: fc.array(vector(d), { minLength: 1, maxLength: 3 }),
    }),
  );
  property(
    problem,
    ({ A, shift, slack, isCone, y }) => {
      const b = A.map((a, i) => (isCone ? 0 : dot(a, shift) + slack[i]));
      scope(() => {
        const d = shift.length;
        const x = rowsOf(cones.project(matrix(A, d), matrix(y, d), isCone ? {} : { b: tensor(b) }));
        y.forEach((point, k) => void near(x[k], byFaces(A, b, point) as number[], 1e-12 * (8 + norm(point))));
      });
    },
    300,
  );
});

test('with equalities: against all faces', () => {
  const problem = fc
    .integer({ min: 2, max: 4 })
    .chain((d) =>
      fc.record({ A: rowsIn(d, 4), E: rowsIn(d, 2), inside: vector(d), y: vector(d), slack: vector(4) }),
    );
  property(
    problem,
    ({ A, E, inside, y, slack }) => {
      const b = A.map((a, i) => dot(a, inside) + Math.abs(slack[i]));
      const e = E.map((row) => dot(row, inside));
      const own = independent(E);
      const faces = byFaces(
        A,
        b,
        y,
        own.map((i) => E[i]),
        own.map((i) => e[i]),
      ) as number[];
      scope(() => {
        const equalities = { A: matrix(E, y.length), b: tensor(e) };
        near(
          cones.project(matrix(A, y.length), tensor(y), { b: tensor(b), equalities }).data(),
          faces,
          1e-11,
        );
      });
    },
    200,
  );
});

/** The nearest ascending sequence, by pooling adjacent violators. */
function ascending(y: number[]): number[] {
  const blocks: { sum: number; count: number }[] = [];
  for (const v of y) {
    blocks.push({ sum: v, count: 1 });
    while (blocks.length > 1) {
      const [a, b] = blocks.slice(-2);
      if (a.sum / a.count <= b.sum / b.count) break;
      blocks.splice(-2, 2, { sum: a.sum + b.sum, count: a.count + b.count });
    }
  }
  return blocks.flatMap(({ sum, count }) => new Array<number>(count).fill(sum / count));
}

const draw = drawing(seed);
const drawn = (n: number, d: number): Rows =>
  Array.from({ length: n }, () => Array.from({ length: d }, () => 3 * draw()));

for (const d of [1, 2, 5, 60, 200])
  test(`ascending sequences of ${d}: against pooling of adjacent violators`, () => {
    scope(() => {
      const y = drawn(d > 100 ? 3 : 20, d);
      const x = rowsOf(cones.project(cones.monotone(d), matrix(y)));
      y.forEach((row, k) => void near(x[k], ascending(row), 1e-13 * d, `[SEED=${seed}]`));
    });
  });

test('boxes, simplices and checkerboards: against closed forms', () => {
  scope(() => {
    const y = drawn(30, 9);
    const identity = Array.from({ length: 9 }, (_, i) =>
      Array.from({ length: 9 }, (_, j) => Number(i === j)),
    );
    const box = [...identity, ...identity.map((row) => row.map((v) => -v))];
    const b = [...new Array(9).fill(1), ...new Array(9).fill(0.5)];
    near(
      cones.project(matrix(box), matrix(y), { b: tensor(b) }).data(),
      y.flat().map((v) => Math.max(-0.5, Math.min(1, v))),
      1e-14,
    );
    const signs = cones.signs(new Array(9).fill(1));
    const simplex = rowsOf(
      cones.project(signs, matrix(y), { equalities: { A: [new Array(9).fill(1)], b: [2] } }),
    );
    y.forEach((row, k) => {
      const descending = [...row].sort((p, q) => q - p);
      let [total, theta] = [0, 0];
      descending.forEach((v, i) => {
        total += v;
        if (v > (total - 2) / (i + 1)) theta = (total - 2) / (i + 1);
      });
      near(
        simplex[k],
        row.map((v) => Math.max(0, v - theta)),
        1e-13,
      );
    });
    const A = cones.checkerboard(6, 6, { tiles: [2, 3] });
    const images = drawn(10, 36);
    const rows = rowsOf(A);
    const x = rowsOf(cones.project(A, matrix(images)));
    images.forEach((image, k) => {
      const want = [...image];
      for (const a of rows) {
        const over = Math.max(0, dot(a, image)) / dot(a, a);
        a.forEach((v, j) => {
          want[j] -= over * v;
        });
      }
      near(x[k], want, 1e-14);
    });
  });
});

/** x is nearest if y - x has an angle of at least 90 degrees with all that leads from x into the set. */
function isNearest(A: Rows, b: number[], y: number[], x: number[], others: Rows, what: string): void {
  const size = norm(y) + Math.max(0, ...b.map((side, i) => Math.abs(side) / norm(A[i])));
  A.forEach((a, i) => {
    assert.ok(dot(a, x) - b[i] <= 1e-12 * norm(a) * size, `${what}: row ${i} is violated`);
  });
  const force = y.map((v, j) => v - x[j]);
  for (const z of others) {
    const to = z.map((v, j) => v - x[j]);
    assert.ok(dot(force, to) <= 1e-12 * size * (norm(to) + size), `${what}: another point is nearer`);
  }
}

for (const [name, A, isCone] of [
  ['40 random rows in R^30', drawn(40, 30), true],
  ['a polyhedron of 300 rows in R^8', drawn(300, 8), false],
  ['150 random rows in R^140', drawn(150, 140), true],
  ['a polyhedron of 200 rows in R^170', drawn(200, 170), false],
  ['convex sequences of 150', scope(() => rowsOf(cones.convex(150))), true],
  ['convex sequences of 60', scope(() => rowsOf(cones.convex(60))), true],
  [
    'rows of scales from 1e-9 to 1e9',
    drawn(30, 12).map((row, i) => row.map((v) => v * 10 ** ((i % 19) - 9))),
    false,
  ],
  ['every row twice, of other lengths', drawn(8, 5).flatMap((row) => [row, row.map((v) => 3 * v)]), true],
] as [string, Rows, boolean][])
  test(`${name}: the point satisfies the conditions of optimality`, () => {
    scope(() => {
      const b = A.map((a) => (isCone ? 0 : norm(a) * (0.2 + Math.abs(draw()))));
      const d = A[0].length;
      const y = drawn(6, d).map((row) => row.map((v) => 3 * v));
      const options = isCone ? {} : { b: tensor(b) };
      const x = rowsOf(cones.project(matrix(A), matrix(y), options));
      // Points of the set: those of other starts, and the origin.
      const others = [
        ...x,
        ...rowsOf(cones.project(matrix(A), matrix(drawn(20, d)), options)),
        new Array(d).fill(0),
      ];
      y.forEach((point, k) => {
        isNearest(A, b, point, x[k], others, `${name} [SEED=${seed}]`);
        // In a cone, y - x is orthogonal to x.
        if (isCone) near([dot(x[k], point) - dot(x[k], x[k])], [0], 1e-12 * norm(point) ** 2);
      });
    });
  });

test('{0}, everything, one point, no rows, no points', () => {
  scope(() => {
    const y = drawn(4, 3);
    const zero = [
      ...drawn(1, 3),
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
      [-1, -1, -1],
      [1, -1, 1],
      [-1, 1, -1],
      [-1, 0, 0],
      [0, -1, 0],
      [0, 0, -1],
    ];
    near(cones.project(matrix(zero), matrix(y)).data(), new Array(12).fill(0), 1e-15);
    assert.equal(cones.project(zeros([0, 3]), matrix(y)).toArray(), y);
    assert.equal(cones.project(zeros([2, 3]), matrix(y)).toArray(), y);
    const point = {
      equalities: {
        A: [
          [1, 1],
          [1, -1],
        ],
        b: [3, 1],
      },
    };
    near(cones.project(zeros([0, 2]), [[5, 5]], point).data(), [2, 1], 1e-15);
    near(cones.project([[1, 0]], [[5, 5]], { ...point, b: [2] }).data(), [2, 1], 1e-15);
    assert.equal(cones.project([[1, 0]], zeros([0, 2])).shape, [0, 2]);
    assert.equal(cones.distance([[1, 0]], zeros([0, 2])).shape, [0]);
    assert.equal(cones.project([[1, 0]], [-1, 2]).toArray(), [-1, 2]);
    assert.equal(cones.distance([[1, 0]], [3, 2]).toArray(), 3);
    assert.equal(cones.contains([[1, 0]], [3, 2]).toArray(), 0);
  });
});

test('points of all sizes, far and near, in polyhedra of all sizes', () => {
  scope(() => {
    const A = [
      [1, 2],
      [-1, 1],
    ];
    const want = rowsOf(
      cones.project(A, [
        [3, 1],
        [-1, 2],
        [2, 2],
      ]),
    );
    for (const size of [1e300, 1e150, 1e-150, 1e-300])
      near(
        cones
          .project(
            A,
            mul(
              tensor([
                [3, 1],
                [-1, 2],
                [2, 2],
              ]),
              size,
            ),
          )
          .data(),
        want.flat().map((v) => v * size),
        1e-15 * size,
      );
    near(
      cones
        .project(
          [
            [1, 0],
            [-1, 0],
          ],
          [
            [7, 1],
            [-1e9, 1],
          ],
          { b: [1e-200, 0] },
        )
        .data(),
      [1e-200, 1, 0, 1],
      1e-210,
    );
    near(cones.project([[1], [-1]], [[0], [1e12]], { b: [500001, -500000] }).data(), [500000, 500001], 1e-9);
    near(cones.distance(A, mul(tensor([[3, 1]]), 1e300)).data(), [5e300 / Math.sqrt(5)], 1e286);
    near(cones.distance(A, mul(tensor([[3, 1]]), 1e-300)).data(), [5e-300 / Math.sqrt(5)], 1e-314);
  });
});

test('what is inside stays bit by bit; a projection does not move again; a batch is its rows', () => {
  scope(() => {
    const A = matrix(drawn(12, 6));
    const b = tensor(Array.from({ length: 12 }, () => 0.5 + Math.abs(draw())));
    const y = drawn(20, 6);
    const x = cones.project(A, matrix(y), { b });
    near(cones.project(A, x, { b }).data(), x.data(), 1e-14);
    const inside = mul(x, 0.9);
    assert.equal(cones.project(A, inside, { b }).toTypedArray(), inside.toTypedArray());
    assert.equal(cones.distance(A, inside, { b }).toArray(), new Array(20).fill(0));
    assert.equal(cones.contains(A, inside, { b }).toArray(), new Array(20).fill(1));
    y.forEach((row, k) => void near(cones.project(A, row, { b }).data(), rowsOf(x)[k], 1e-14));
  });
});

test('contains: to the tolerance, relative to rows and points', () => {
  scope(() => {
    const A = [
      [1e6, 0],
      [0, -1e-6],
      [0, 0],
    ];
    const points = [
      [1, 0],
      [1 + 5e-10, 0],
      [1 + 2e-9, 0],
      [0, -5e-10],
      [0, -2e-9],
      [1 + 5e-8, 100],
      [1 + 2e-7, 100],
    ];
    assert.equal(cones.contains(A, points, { b: [1e6, 0, 0] }).toArray(), [1, 1, 0, 1, 0, 1, 0]);
    assert.equal(cones.contains(A, [0, 0], { b: [1e6, 0, -1] }).toArray(), 0);
    assert.equal(cones.contains(A, [1.05, 0], { b: [1e6, 0, 0], tolerance: 0.09 }).toArray(), 1);
    const equalities = { A: [[3, 4]], b: [5] };
    assert.equal(
      cones
        .contains(
          A,
          [
            [0.6, 0.8],
            [0.6, 0.9],
          ],
          { b: [1e6, 0, 0], equalities },
        )
        .toArray(),
      [1, 0],
    );
    assert.is(cones.contains(A, [0, 0]).dtype, 'i32');
  });
});

test('derivatives of projection and distance, to second order', () => {
  scope(() => {
    const A = matrix([
      [1, 2, 0],
      [-1, 1, 1],
      [0, -1, 3],
    ]);
    const b = tensor([0.5, 0.4, 0.3]);
    const y = matrix([
      [2, 1.5, 1],
      [3, 0.1, -2],
      [0.1, 0.1, 0],
      [-2, -3, 4],
      [0.3, 5, 0.2],
    ]);
    const active = rowsOf(cones.project(A, y, { b })).map(
      (x) => rowsOf(A).filter((a, i) => Math.abs(dot(a, x) - b.data()[i]) < 1e-9).length,
    );
    assert.equal([...new Set(active)].sort(), [0, 1, 2], 'faces of several dimensions');
    checkDerivatives((v: Tensor) => cones.project(A, v, { b }), [y]);
    checkDerivatives((v: Tensor) => cones.distance(A, v, { b }), [y]);
    const equalities = { A: [[1, 1, 1]], b: [1] };
    checkDerivatives((v: Tensor) => cones.project(A, v, { b, equalities }), [y]);
    checkDerivatives((v: Tensor) => cones.distance(A, v, { b, equalities }), [y]);
    // The gradient of half the square of the distance is y less the nearest point.
    const x = cones.project(A, y, { b });
    const g = grad((v: Tensor) =>
      sum(mul(0.5, mul(cones.distance(A, v, { b }), cones.distance(A, v, { b })))),
    )(y);
    near(
      g.data(),
      [...y.data()].map((v, i) => v - x.data()[i]),
      1e-14,
    );
  });
});

test('compiled: the same numbers, also for another A, and for f32', () => {
  scope(() => {
    const b = tensor([0.5, 0.4]);
    const f = (A: Tensor, y: Tensor) => [
      cones.project(A, y, { b }),
      cones.distance(A, y, { b }),
      cones.contains(A, y, { b }),
    ];
    using plan = compile(f);
    for (const [A, y] of [
      [
        matrix([
          [1, 2],
          [-1, 1],
        ]),
        matrix([
          [2, 1],
          [0, 0],
        ]),
      ],
      [
        matrix([
          [3, -2],
          [0, 1],
        ]),
        matrix([
          [1, 1],
          [5, 2],
        ]),
      ],
    ])
      for (const [i, got] of plan(A, y).entries()) near(got.data(), f(A, y)[i].data(), 0);
    const y32 = tensor([[2, 1]], { dtype: 'f32' });
    assert.is(cones.project([[1, 2]], y32).dtype, 'f64');
    near(cones.project([[1, 2]], y32).data(), [1.2, -0.6], 1e-15);
    const g = grad((y: Tensor) => sum(astype(cones.distance([[1, 2]], y), 'f32')))(y32);
    assert.is(g.dtype, 'f32');
    near(g.data(), [1 / Math.sqrt(5), 2 / Math.sqrt(5)], 1e-7);
  });
});

test('nothing but y has a derivative', () => {
  scope(() => {
    const A = tensor([[1, 2]]);
    const y = tensor([2, 1]);
    for (const f of [cones.project, cones.distance]) {
      assert.throws(
        () => vjp((M: Tensor) => f(M, y), A).pullback(zeros(f === cones.project ? [2] : [])),
        (error: Error) => error instanceof ArgumentError && /A is differentiated/.test(error.message),
      );
      assert.equal(grad((v: Tensor) => sum(f(stopGradient(A), v)))(y).shape, [2]);
    }
  });
});

const square = [
  [1, 0],
  [0, 1],
];
for (const [name, kind, message, f] of [
  [
    'an empty polyhedron',
    ArgumentError,
    /project: A x <= b must have a solution/,
    () => cones.project([[1], [-1]], [3], { b: [-1, -1] }),
  ],
  [
    'an empty one that equalities make',
    ArgumentError,
    /project: A x <= b must have a solution/,
    () => cones.project([[1, 1]], [3, 1], { b: [1], equalities: { A: [[2, 2]], b: [5] } }),
  ],
  [
    'an empty one of many rows',
    ArgumentError,
    /distance: A x <= b must have a solution/,
    () =>
      cones.distance(
        [
          [1, 1],
          [-1, 0],
          [0, -1],
        ],
        [3, 1],
        { b: [-1, 0, 0] },
      ),
  ],
  [
    'a row of zeros that cannot hold',
    ArgumentError,
    /project: A x <= b must/,
    () => cones.project([[0]], [3], { b: [-1] }),
  ],
  [
    'contradicting equalities',
    ArgumentError,
    /project: equalities must have a solution/,
    () =>
      cones.project(square, [3, 1], {
        equalities: {
          A: [
            [1, 1],
            [1, 1],
          ],
          b: [0, 1],
        },
      }),
  ],
  [
    'NaN in y',
    ArgumentError,
    /project: y must be finite, got NaN at \[1\]|project: y must be finite, got NaN/,
    () => cones.project(square, [1, Number.NaN]),
  ],
  [
    'an infinite A',
    ArgumentError,
    /distance: A must be finite/,
    () => cones.distance([[Number.POSITIVE_INFINITY]], [1]),
  ],
  [
    'an infinite b',
    ArgumentError,
    /contains: b must be finite/,
    () => cones.contains([[1]], [1], { b: [Number.POSITIVE_INFINITY] }),
  ],
  [
    'y of another length',
    ShapeError,
    /project: y must be \[2\] or \[n, 2\]/,
    () => cones.project(square, [1, 2, 3]),
  ],
  ['y of three axes', ShapeError, /project: y must be/, () => cones.project(square, zeros([1, 1, 2]))],
  ['a scalar', ShapeError, /distance: y must be/, () => cones.distance(square, tensor(1))],
  [
    'b of another length',
    ShapeError,
    /project: b must be \[2\]/,
    () => cones.project(square, [1, 2], { b: [1] }),
  ],
  [
    'a vector for A',
    ShapeError,
    /contains: A must be a matrix/,
    () => cones.contains([1, 2] as never, [1, 2]),
  ],
  [
    'integers',
    DTypeError,
    /project: y must be f64 or f32/,
    () => cones.project(square, tensor([1, 2], { dtype: 'i32' })),
  ],
  [
    'a tolerance of 1',
    ArgumentError,
    /project: tolerance must/,
    () => cones.project(square, [1, 2], { tolerance: 1 }),
  ],
  [
    'an unknown option',
    ArgumentError,
    /no option 'box'/,
    () => cones.project(square, [1, 2], { box: 1 } as never),
  ],
] as [string, typeof ArgumentError, RegExp, () => unknown][])
  test(`refuses ${name}, and leaves nothing behind`, () => {
    try {
      scope(f as () => never);
    } catch {}
    rejects(() => scope(f as () => never), kind, message);
  });

test('no tensor but the result is left', () => {
  const A = matrix(drawn(5, 3));
  const y = matrix(drawn(4, 3));
  const run = () => {
    for (const f of [cones.project, cones.distance, cones.contains]) f(A, y).dispose();
  };
  run();
  const before = memory();
  run();
  assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
});

test.run();
