// rayConstraint: its guarantee for parameters and inputs of all sizes, its formula, its derivatives, and the point that it starts from.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  compile,
  cones,
  DTypeError,
  memory,
  mul,
  nn,
  random,
  ShapeError,
  scope,
  sum,
  type Tensor,
  tensor,
  trace,
  vjp,
  zeros,
} from '#src/index.js';
import { drawing, near, rejects, seed } from '../support/check.js';
import {
  dot,
  everywhere,
  identityOf,
  matrix,
  norm,
  parametersOf,
  type Rows,
  rowsOf,
  SLACK,
  satisfies,
} from '../support/constraints.js';
import { checkDerivatives } from '../support/derivatives.js';

interface Polyhedron {
  A: Rows;
  b: number[];
  E?: Rows;
  e?: number[];
  d?: number;
}

const cube = (d: number, half: number): Polyhedron => ({
  A: Array.from({ length: 2 * d }, (_, k) =>
    Array.from({ length: d }, (_, q) => (q === k % d ? (k < d ? 1 : -1) : 0)),
  ),
  b: new Array(2 * d).fill(half),
});
const draw = drawing(seed);
/** Rows in all directions, of lengths from 1e-6 to 1e6, around a point. */
function around(d: number, m: number, centre: number[]): Polyhedron {
  const A = Array.from({ length: m }, () => {
    const size = 10 ** (6 * draw());
    return Array.from({ length: d }, () => size * draw());
  });
  return { A, b: A.map((a) => dot(a, centre) + norm(a) * (0.1 + Math.abs(draw()))) };
}

const POLYHEDRA: Record<string, Polyhedron> = {
  square: { ...cube(2, 1), b: [1, 2, 1, 1] },
  'a cube in R^9': cube(9, 0.5),
  'a wedge': {
    A: [
      [-1, -1],
      [-1, 0],
      [0, -1],
    ],
    b: [-1, 0, 0],
  },
  'a simplex': {
    A: [
      [-1, 0, 0],
      [0, -1, 0],
      [0, 0, -1],
    ],
    b: [0, 0, 0],
    E: [[1, 1, 1]],
    e: [1],
  },
  'dependent equalities, rows that are constant there, rows of zeros': {
    A: [
      [1, 0, 0, 0],
      [1, 1, 1, 1],
      [0, 0, 0, 0],
      [0, 0, -1, 0],
    ],
    b: [1, 3, 0, 2],
    E: [
      [1, 1, 1, 1],
      [2, 2, 2, 2],
      [0, 0, 0, 0],
      [1, -1, 0, 0],
    ],
    e: [2, 4, 0, 1e-3],
  },
  'a cone': {
    A: [
      [1, -1, 0],
      [0, 1, -1],
    ],
    b: [0, 0],
  },
  'half a million away': { A: cube(2, 1).A, b: [500001, 1, -500000, 1] },
  'as thin as 1e-9': { A: cube(2, 1).A, b: [1e-9, 1, 1e-9, 1] },
  'as small as 1e-150': { A: cube(2, 1).A, b: [1e-150, 1e-150, 1e-150, 3e-150] },
  'without inequalities': { A: [], b: [], E: [[1, 2]], e: [5], d: 2 },
  'all of R^3': { A: [], b: [], d: 3 },
  'one point': {
    A: [[1, 1]],
    b: [10],
    E: [
      [1, 0],
      [0, 2],
    ],
    e: [3, 4],
  },
  'rows of all scales': around(5, 30, [3, -2, 0, 1, 100]),
  'many dimensions': around(70, 200, new Array(70).fill(1)),
};

const layerOf = ({ A, b, E, e, d }: Polyhedron, options = {}) =>
  nn.rayConstraint(matrix(A, d), tensor(b), {
    ...(E && { equalities: { A: matrix(E), b: tensor(e as number[]) } }),
    ...options,
  });

/** y of the formula, in f64. */
function expected({ A, b }: Polyhedron, x0: number[], N: Rows, z: number[]): number[] {
  const u = x0.map((_, j) => N.reduce((s, row, q) => s + z[q] * row[j], 0));
  // Rows that are constant where the equalities hold never end a step; what rounding leaves of a u is as large as u is.
  const isConstant = (a: number[]) => norm(N.map((row) => dot(a, row))) <= 1e-12 * norm(a);
  const steps = A.map((a, i) => (isConstant(a) ? 0 : dot(a, u) / (b[i] - dot(a, x0))));
  const kappa = Math.max(1, ...steps);
  return x0.map((v, j) => v + u[j] / kappa);
}

for (const [name, polyhedron] of Object.entries(POLYHEDRA)) {
  const { A, b, E = [], e = [] } = polyhedron;
  test(`${name}: a point inside and a basis of directions`, () => {
    using layer = layerOf(polyhedron);
    const [x0, N] = [Array.from(layer.interior.data()), rowsOf(layer.nullspace)];
    A.forEach((a, i) => {
      if (norm(a) > 0) assert.ok(dot(a, x0) < b[i], `row ${i}`);
    });
    E.forEach((row, i) => void near([dot(row, x0)], [e[i]], 1e-12 * (1 + norm(row) * norm(x0))));
    N.forEach((row, p) => {
      N.forEach((other, q) => void near([dot(row, other)], [Number(p === q)], 1e-13));
      E.forEach((equality) => void near([dot(row, equality)], [0], 1e-13 * norm(equality)));
    });
  });

  for (const dtype of ['f64', 'f32'] as const)
    test(`${name}, ${dtype}: the constraints hold, and values are the formula's`, () => {
      using layer = layerOf(polyhedron);
      const [x0, N] = [Array.from(layer.interior.data()), rowsOf(layer.nullspace)];
      const t = SLACK[dtype];
      everywhere(layer, { k: 3, seed, dtype, sizes: [0, 1, 1e6] }, (Y, z, what) => {
        Y.forEach((y, k) => {
          const scale = 1 + norm(x0) + norm(y.map((v, j) => v - x0[j]));
          satisfies(A, b, y, scale, t, what);
          satisfies(E, e, y, scale, t, what);
          satisfies(
            E.map((row) => row.map((v) => -v)),
            e.map((v) => -v),
            y,
            scale,
            t,
            what,
          );
          near(y, expected(polyhedron, x0, N, z[k]), 100 * t * scale, what);
        });
      });
    });
}

for (const dtype of ['f64', 'f32'] as const)
  test(`${dtype}: z of the largest sizes ends on the boundary, z below it is added`, () => {
    using layer = layerOf(POLYHEDRA.square);
    const most = dtype === 'f64' ? 1e308 : 3e38;
    const z: Rows = [
      [most, 0],
      [most, most],
      [-most, most / 4],
      [0, -most],
      [0.25, 0.5],
      [0, 0],
    ];
    const { norm: n, dense } = identityOf(layer, 2, dtype);
    for (let i = 0; i < 2; i++) dense.weight.data()[3 * i] = 1;
    const unscaled = { dense, norm: { ...n, runningVariance: tensor([1 - 1e-5, 1 - 1e-5], { dtype }) } };
    near(layer.interior.data(), [0, 0], 2e-3);
    const y = rowsOf(layer.apply(unscaled, matrix(z, 2, dtype)));
    const [p, q] = layer.interior.data();
    const t = SLACK[dtype];
    near(y[0], [1, q], t);
    near(y[1], [1, q + 1 - p], t);
    near(y[2], [-1, q + (1 + p) / 4], t);
    near(y[3], [p, -1], t);
    near(y[4], [p + 0.25, q + 0.5], t);
    near(y[5], [p, q], t);
  });

const LAYERS: Record<string, () => nn.RayConstraint> = {
  square: () => layerOf({ ...cube(2, 0.3), b: [0.3, 0.4, 0.3, 0.4] }),
  simplex: () => layerOf(POLYHEDRA['a simplex']),
  wedge: () => layerOf(POLYHEDRA['a wedge']),
};
for (const [name, make] of Object.entries(LAYERS))
  for (const training of [false, true])
    test(`derivatives of the ${name}${training ? ' in training' : ''}, compiled and traced values`, () => {
      using layer = make();
      const all = parametersOf(layer, 2, 23, 'f64', 0.7);
      const x = random(21).normal([3, 2]);
      const { weight, bias, ...running } = all.norm;
      const f = (dense: nn.ConstraintParams['dense'], w: Tensor, c: Tensor, at: Tensor) =>
        layer.apply({ dense, norm: { weight: w, bias: c, ...running } }, at, { training });
      checkDerivatives(f, [all.dense, weight, bias, x], { tolerance: 2e-6 });
      const want = f(all.dense, weight, bias, x).toTypedArray();
      using plan = compile(f);
      near(plan(all.dense, weight, bias, x).data(), want, 1e-14);
      const graph = trace(f, all.dense, weight, bias, x);
      near((graph.run(all.dense, weight, bias, x) as Tensor).data(), want, 1e-14);
      graph.dispose();
    });

test('derivatives are finite at kinks, and of huge entries', () => {
  using layer = layerOf(cube(2, 1));
  scope(() => {
    const params = identityOf(layer, 2, 'f64');
    const at = tensor([
      [0, 0],
      [1, 1],
      [1, 0],
      [2, 2],
      [-3, 3],
      [1e200, 1e200],
      [1e-300, 0],
    ]);
    const { value, pullback } = vjp((p: unknown, x: Tensor) => layer.apply(p as never, x), params, at);
    const [p, x] = pullback(random(1).normal((value as Tensor).shape));
    for (const g of [...Object.values(p.dense), p.norm.weight, p.norm.bias, x] as Tensor[])
      assert.ok([...g.data()].every(Number.isFinite));
  });
});

test('the interior point: the centre of a largest ball, the nearest to the origin, of bounded size', () => {
  const centre = (p: Polyhedron) => {
    using layer = layerOf(p);
    return Array.from(layer.interior.data());
  };
  near(centre(cube(3, 2)), [0, 0, 0], 1e-8);
  near(centre({ A: cube(2, 1).A, b: [4, 3, -2, -1] }), [3, 2], 1e-2);
  near(centre(POLYHEDRA['a simplex']), [1 / 3, 1 / 3, 1 / 3], 1e-2);
  // A strip: of the centres, the one nearest to the origin.
  near(
    centre({
      A: [
        [1, 1],
        [-1, -1],
      ],
      b: [3, -1],
    }),
    [1, 1],
    1e-2,
  );
  // Balls of any size: within 1 of the point nearest to the origin.
  near(centre({ A: [[-1, 0]], b: [-500000] }), [500001, 0], 1e-2);
  near(centre({ A: [[0, 1]], b: [7] }), [0, 0], 1e-2);
  const sequence = centre({ A: rowsOf(cones.monotone(30)), b: new Array(29).fill(0) });
  near([norm(sequence)], [1], 1e-9);
  near(
    sequence.slice(1).map((v, i) => v - sequence[i]),
    new Array(29).fill(2 / Math.sqrt((30 * 29 * 31) / 3)),
    1e-3,
  );
});

test('a given interior point is where rays begin', () => {
  using layer = layerOf(cube(2, 1), { interior: tensor([0.5, -0.25], { dtype: 'f32' }) });
  assert.equal(layer.interior.toArray(), [0.5, -0.25]);
  using other = layerOf(POLYHEDRA['a simplex'], { interior: [0.2, 0.3, 0.5 + 1e-12] });
  near([Array.from(other.interior.data()).reduce((s, v) => s + v, 0)], [1], 1e-15);
  near(other.interior.data(), [0.2, 0.3, 0.5], 1e-11);
});

const line = [[1], [-1]];
for (const [name, kind, message, make] of [
  ['no interior', ArgumentError, /leave a point with A x < b/, () => nn.rayConstraint(line, [1, -1])],
  ['an empty polyhedron', ArgumentError, /leave a point/, () => nn.rayConstraint(line, [-1, -1])],
  ['a row of zeros that cannot hold', ArgumentError, /row 0 of A is 0/, () => nn.rayConstraint([[0]], [-1])],
  [
    'a flat one',
    ArgumentError,
    /leave a point/,
    () => layerOf({ A: cube(3, 1).A, b: [1, 1, 0.1, 1, 1, -0.1] }),
  ],
  [
    'a row that is constant where the equalities hold',
    ArgumentError,
    /row 0 of A is (1|0.99)/,
    () => layerOf({ A: [[1, 1]], b: [1], E: [[2, 2]], e: [2] }),
  ],
  [
    'equalities that contradict each other',
    ArgumentError,
    /equalities must have a solution/,
    () =>
      layerOf({
        A: [[1, 1]],
        b: [1],
        E: [
          [2, 2],
          [1, 1],
        ],
        e: [2, 2],
      }),
  ],
  ['0 = 1', ArgumentError, /row 0 says 0 = 1/, () => layerOf({ A: [[1]], b: [1], E: [[0]], e: [1] })],
  [
    'an interior point on the edge',
    ArgumentError,
    /interior must have A x < b, but at row 0 b - a x is 0/,
    () => nn.rayConstraint(line, [1, 1], { interior: [1] }),
  ],
  [
    'an interior point beside the equalities',
    ArgumentError,
    /interior must have E x = e/,
    () => layerOf(POLYHEDRA['a simplex'], { interior: [0.3, 0.3, 0.3] }),
  ],
  ['NaN', ArgumentError, /A must/, () => nn.rayConstraint([[Number.NaN]], [1])],
  ['an infinite side', ArgumentError, /b must/, () => nn.rayConstraint([[1]], [Number.POSITIVE_INFINITY])],
  ['no b', ArgumentError, /b must/, () => nn.rayConstraint([[1]], undefined as never)],
  ['a vector', ShapeError, /A must be a matrix/, () => nn.rayConstraint(tensor([1]), [1])],
  ['too many sides', ShapeError, /b must/, () => nn.rayConstraint([[1]], [1, 2])],
  ['no columns', ShapeError, /A must/, () => nn.rayConstraint(zeros([2, 0]), [1, 2])],
  ['integers', DTypeError, /A must/, () => nn.rayConstraint(tensor([[1]], { dtype: 'i32' }), [1])],
  [
    'equalities of other width',
    ShapeError,
    /equalities/,
    () => nn.rayConstraint([[1]], [1], { equalities: { A: [[1, 2]], b: [1] } }),
  ],
  [
    'an interior point of other length',
    ShapeError,
    /interior must/,
    () => nn.rayConstraint([[1]], [1], { interior: [0, 0] }),
  ],
  [
    'an unknown option',
    ArgumentError,
    /no option 'box'/,
    () => nn.rayConstraint([[1]], [1], { box: 1 } as never),
  ],
] as [string, typeof ArgumentError, RegExp, () => unknown][])
  test(`refuses ${name}, and leaves nothing behind`, () => {
    // What the solvers make once is made.
    try {
      scope(make as () => never);
    } catch {}
    rejects(() => scope(make as () => never), kind, new RegExp(`^rayConstraint: .*${message.source}`));
  });

test('x that does not fit is named', () => {
  using layer = layerOf(cube(2, 1));
  const params = layer.init(random(1), [3]);
  const [wide, other, half] = [zeros([2, 4], { dtype: 'f32' }), zeros([2, 3]), { norm: params.norm }];
  for (const [kind, message, f] of [
    [ShapeError, /^rayConstraint: x must be \[n, 3\]/, () => layer.apply(params, wide)],
    [
      DTypeError,
      /^rayConstraint: params.dense.weight must be of x's dtype/,
      () => layer.apply(params, other),
    ],
    [ArgumentError, /^rayConstraint: params.norm must/, () => layer.apply({} as never, other)],
    [ArgumentError, /^rayConstraint: params.dense must/, () => layer.apply(half as never, other)],
    [ShapeError, /^rayConstraint: inputShape must be \[k\]/, () => layer.init(random(1), [3, 2])],
  ] as const)
    rejects(f, kind, message);
});

test('the layer outlives the scope that returns it, and one that does not is freed', () => {
  const before = memory();
  const layer = scope(() => layerOf(POLYHEDRA['a simplex']));
  scope(() => void layerOf(POLYHEDRA['a simplex']));
  const x = random(1).normal([2, 3], { dtype: 'f32' });
  scope(() => {
    const y = layer.apply(layer.init(random(2), [3]), x);
    near([sum(mul(y, 1)).item()], [2], 1e-5);
  });
  x.dispose();
  layer.dispose();
  assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
  assert.throws(() =>
    scope(() => layer.apply(layer.init(random(2), [3], { dtype: 'f64' }), random(1).normal([2, 3]))),
  );
});

test.run();
