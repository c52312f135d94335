// polyhedronConstraint: the guarantee for parameters and inputs of all sizes and on the boundary, the formula, derivatives.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  compile,
  memory,
  nn,
  RayLimitError,
  random,
  ShapeError,
  scope,
  type Tensor,
  tensor,
  trace,
  vjp,
} from '#src/index.js';
import { near, rejects, seed } from '../support/check.js';
import {
  dot,
  entriesOf,
  everywhere,
  type Float,
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

const square: Rows = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
];
/** A polygon around the origin, with many corners. */
const polygon = Array.from({ length: 200 }, (_, k) => [Math.cos(k / 31.8), Math.sin(k / 31.8)]);

const POLYHEDRA: Record<string, { A: Rows; b: number[]; vertices: number; generators: number }> = {
  'a square': { A: square, b: [1, 1, 1, 1], vertices: 4, generators: 0 },
  'a wedge': {
    A: [
      [-1, -1],
      [-1, 0],
      [0, -1],
    ],
    b: [-1, 0, 0],
    vertices: 2,
    generators: 2,
  },
  'a strip with a line': {
    A: [
      [1, 1, 0],
      [-1, -1, 0],
    ],
    b: [2, 1],
    vertices: 2,
    generators: 4,
  },
  'a flat triangle': {
    A: [
      [1, 1, 1],
      [-1, -1, -1],
      [-1, 0, 0],
      [0, -1, 0],
      [0, 0, -1],
    ],
    b: [1, -1, 0, 0, 0],
    vertices: 3,
    generators: 0,
  },
  'half a million away': { A: square, b: [500001, 1, -500000, 1], vertices: 4, generators: 0 },
  'of the size 1e-6': { A: square, b: [1e-6, 2e-6, 1e-6, 1e-6], vertices: 4, generators: 0 },
  'a cone': {
    A: [
      [-1, 0],
      [1, -1],
    ],
    b: [0, 0],
    vertices: 1,
    generators: 2,
  },
  'a point': { A: square, b: [2, 3, -2, -3], vertices: 1, generators: 0 },
  'all of R^2': { A: [[0, 0]], b: [1], vertices: 1, generators: 4 },
  'a polygon of 200 corners': { A: polygon, b: polygon.map(() => 1), vertices: 200, generators: 0 },
};

/** softmax(z_v) V + |z_g| G, and the scale of its rounding errors. */
function expected(V: Rows, G: Rows, z: number[]): { y: number[]; scale: number } {
  const top = Math.max(...z.slice(0, V.length));
  const e = z.slice(0, V.length).map((v) => Math.exp(v - top));
  const total = e.reduce((s, v) => s + v, 0);
  const lambda = z.slice(V.length).map(Math.abs);
  const y = V[0].map(
    (_, j) =>
      V.reduce((s, v, q) => s + (e[q] / total) * v[j], 0) +
      G.reduce((s, g, q) => s + (lambda[q] === 0 ? 0 : lambda[q] * g[j]), 0),
  );
  return { y, scale: Math.max(1, ...V.map(norm)) + lambda.reduce((s, v) => s + v, 0) };
}

function check(A: Rows, b: number[], V: Rows, G: Rows, y: number[], z: number[], dtype: Float, what: string) {
  const want = expected(V, G, z);
  satisfies(A, b, y, want.scale, SLACK[dtype], what);
  near(y, want.y, 3 * SLACK[dtype] * want.scale, what);
}

for (const [name, { A, b, vertices, generators }] of Object.entries(POLYHEDRA)) {
  test(`${name}: outputs of all sizes lie in it`, () => {
    using layer = nn.polyhedronConstraint(matrix(A), tensor(b));
    const [V, G] = [rowsOf(layer.vertices), rowsOf(layer.generators)];
    assert.equal([V.length, G.length], [vertices, generators]);
    assert.equal([rowsOf(layer.A), layer.b.toArray()], [A, b]);
    for (const dtype of ['f64', 'f32'] as const)
      everywhere(layer, { k: 4, seed, dtype, sizes: [0, 1, 100, 1e6] }, (Y, z, what) => {
        Y.forEach((y, k) => void check(A, b, V, G, y, z[k], dtype, `${name}: ${what}`));
      });
  });

  for (const dtype of ['f64', 'f32'] as const)
    test(`${name}, ${dtype}: each vertex, each generator from a vertex, and sums of those on a row`, () => {
      using layer = nn.polyhedronConstraint(matrix(A), tensor(b));
      const [V, G] = [rowsOf(layer.vertices), rowsOf(layer.generators)];
      const k = V.length + G.length;
      const X: Rows = [];
      V.forEach((v, p) => {
        const at = (list: number[]) =>
          Array.from({ length: k }, (_, q) => (q === p ? 1e4 : Number(list.includes(q))));
        X.push(at([]), ...G.map((_, q) => at([V.length + q])));
        A.forEach((a, i) => {
          if (Math.abs(dot(a, v) - b[i]) > 1e-9 * norm(a) * Math.max(1, norm(v))) return;
          X.push(at(G.flatMap((g, q) => (Math.abs(dot(a, g)) < 1e-9 * norm(a) ? [V.length + q] : []))));
        });
      });
      scope(() => {
        const params = identityOf(layer, k, dtype);
        const x = matrix(X, k, dtype);
        const [Y, z] = [rowsOf(layer.apply(params, x)), entriesOf(params, x, false)];
        Y.forEach((y, l) => void check(A, b, V, G, y, z[l], dtype, `${name}, point ${l}`));
      });
    });
}

for (const name of ['a square', 'a wedge', 'a strip with a line'])
  for (const training of [false, true])
    test(`derivatives: ${name}${training ? ', in training' : ''}; compiled and traced values`, () => {
      const { A, b } = POLYHEDRA[name];
      using layer = nn.polyhedronConstraint(matrix(A), tensor(b));
      const all = parametersOf(layer, 2, 23, 'f64', 1);
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

test('derivatives are finite at zero, at ties, and where softmax saturates', () => {
  scope(() => {
    const layer = nn.polyhedronConstraint(POLYHEDRA['a wedge'].A, POLYHEDRA['a wedge'].b);
    const params = identityOf(layer, 4, 'f64');
    const x = tensor([
      [0, 0, 0, 0],
      [1, 1, 1, 1],
      [1e5, -1e5, 0, 1],
      [1e150, 1, 1e150, 0],
    ]);
    const { value, pullback } = vjp((p: unknown, v: Tensor) => layer.apply(p as never, v), params, x);
    const [p, v] = pullback(random(1).normal((value as Tensor).shape));
    for (const g of [...Object.values(p.dense), p.norm.weight, p.norm.bias, v] as Tensor[])
      assert.ok([...g.data()].every(Number.isFinite));
  });
});

test('exact numbers and equalities', () => {
  scope(() => {
    const equalities = { A: [[1n, 1n, 1n]], b: ['1/3'] };
    const A = [
      [-1, 0, 0],
      [0, -1, 0],
      [0, 0, -1],
    ];
    const layer = nn.polyhedronConstraint(A, [0, '0', 0n], { exact: true, equalities });
    near(
      layer.vertices.data().slice().sort() as Float64Array,
      [0, 0, 0, 0, 0, 0, 1 / 3, 1 / 3, 1 / 3],
      1e-16,
    );
    assert.equal(layer.b.toArray(), [0, 0, 0]);
    const y = layer.apply(layer.init(random(1), [2], { dtype: 'f64' }), random(2).normal([5, 2]));
    for (const row of rowsOf(y)) near([row[0] + row[1] + row[2]], [1 / 3], 1e-15);
  });
});

for (const [name, kind, message, make] of [
  ['an empty polyhedron', ArgumentError, /empty/, () => nn.polyhedronConstraint([[1], [-1]], [-1, -1])],
  ['NaN in b', ArgumentError, /b must/, () => nn.polyhedronConstraint([[1]], [Number.NaN])],
  ['no b', ArgumentError, /b must/, () => nn.polyhedronConstraint([[1]], undefined as never)],
  ['b of another length', ShapeError, /b must/, () => nn.polyhedronConstraint([[1]], [1, 2])],
  [
    'too many vertices',
    RayLimitError,
    /rays/,
    () =>
      nn.polyhedronConstraint(
        polygon,
        polygon.map(() => 1),
        { maxRays: 20 },
      ),
  ],
  ['a box', ArgumentError, /no option 'box'/, () => nn.polyhedronConstraint([[1]], [1], { box: 1 } as never)],
  [
    'equalities without a side',
    ArgumentError,
    /equalities.b must/,
    () => nn.polyhedronConstraint([[1]], [1], { equalities: { A: [[1]] } as never }),
  ],
] as [string, typeof ArgumentError, RegExp, () => unknown][])
  test(`refuses ${name}, and leaves nothing behind`, () => {
    try {
      scope(make as () => never);
    } catch {}
    rejects(
      () => scope(make as () => never),
      kind as never,
      new RegExp(`^polyhedronConstraint: .*${message.source}`),
    );
  });

test('a layer frees what it holds', () => {
  const before = memory();
  const layer = scope(() => nn.polyhedronConstraint(square, [1, 1, 1, 1]));
  scope(() => void layer.apply(layer.init(random(1), [2]), random(1).normal([2, 2], { dtype: 'f32' })));
  layer.dispose();
  assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
});

test.run();
