// coneConstraint: the guarantee for parameters and inputs of all sizes and on the boundary, the formula, the box, derivatives, training.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  compile,
  cones,
  DTypeError,
  full,
  memory,
  mul,
  nn,
  optim,
  RayLimitError,
  random,
  ShapeError,
  scope,
  type Tensor,
  tensor,
  trace,
  valueAndGrad,
  vjp,
  zeros,
} from '#src/index.js';
import { drawing, near, rejects, seed } from '../support/check.js';
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

const draw = drawing(seed);
const made = (make: () => Tensor): Rows => scope(() => rowsOf(make()));
/** Rows that have (1, …, 1) on the right side. */
const random4 = Array.from({ length: 9 }, () => {
  const a = Array.from({ length: 4 }, draw);
  return a.reduce((s, v) => s + v, 0) > 0 ? a.map((v) => -v) : a;
});

const CONES: Record<string, { A: Rows; d?: number; generators: number }> = {
  'ascending, in R^5': { A: made(() => cones.monotone(5)), generators: 6 },
  'convex, in R^6': { A: made(() => cones.convex(6)), generators: 8 },
  'a quadrant and a line': {
    A: [
      [-1, 0, 0],
      [0, 0, 1],
    ],
    generators: 4,
  },
  'a half-space': { A: [[1, 2, 0, -1]], generators: 7 },
  'a line': {
    A: [
      [1, 0],
      [-1, 0],
    ],
    generators: 2,
  },
  'R^3': { A: [], d: 3, generators: 6 },
  'rows of zeros': { A: [[0, 0]], generators: 4 },
  '{0}': {
    A: [
      [1, 0],
      [-1, 0],
      [0, 1],
      [1, -1],
      [-1, -2],
    ],
    generators: 0,
  },
  'a checkerboard': { A: made(() => cones.checkerboard(6, 6, { tiles: [3, 2] })), generators: 66 },
  'rows of scales from 1e-9 to 1e9': {
    A: made(() => cones.monotone(5)).map((row, i) => row.map((v) => v * 10 ** (6 * i - 9))),
    generators: 6,
  },
};

/** max(‖y‖∞ / c, 1) times less than |z| G, and the sum of |z| for that. */
function expected(G: Rows, z: number[], d: number, box?: number): { y: number[]; scale: number } {
  const y = new Array<number>(d).fill(0);
  G.forEach((g, q) => {
    if (z[q] !== 0) g.forEach((v, j) => void (y[j] += Math.abs(z[q]) * v));
  });
  const total = z.reduce((s, v) => s + Math.abs(v), 0);
  const shrink = box === undefined ? 1 : Math.max(1, Math.max(0, ...y.map(Math.abs)) / box);
  return { y: y.map((v) => v / shrink), scale: (1 + total) / shrink };
}

function check(
  A: Rows,
  G: Rows,
  y: number[],
  z: number[],
  dtype: Float,
  box: number | undefined,
  what: string,
) {
  const t = SLACK[dtype];
  const want = expected(G, z, y.length, box);
  satisfies(A, new Array(A.length).fill(0), y, want.scale, t, what);
  near(y, want.y, 3 * t * want.scale, what);
  if (box !== undefined)
    assert.ok(Math.max(0, ...y.map(Math.abs)) <= box * (1 + t), `${what}: outside of the box`);
}

const zerosOf = (A: Rows) => new Array(A.length).fill(0);
for (const [name, { A, d = A[0]?.length, generators }] of Object.entries(CONES))
  for (const box of [undefined, 1, 0.25]) {
    const options = box === undefined ? {} : { box };
    test(`${name}${box ? `, box ${box}` : ''}: outputs of all sizes lie in the cone`, () => {
      using layer = nn.coneConstraint(matrix(A, d), options);
      assert.equal(layer.generators.shape, [generators, d]);
      assert.equal(layer.outputShape([7]), [d]);
      assert.equal(rowsOf(layer.A), A);
      const G = rowsOf(layer.generators);
      for (const g of G) near([norm(g)], [1], 1e-15);
      for (const dtype of ['f64', 'f32'] as const)
        everywhere(layer, { k: 3, seed, dtype, sizes: [0, 1, 1e6] }, (Y, z, what) => {
          Y.forEach((y, k) => void check(A, G, y, z[k], dtype, box, `${name}: ${what}`));
        });
    });
  }

for (const [name, { A, d = A[0]?.length, generators }] of Object.entries(CONES))
  for (const dtype of ['f64', 'f32'] as const)
    test(`${name}, ${dtype}: generators by themselves, and sums of those on a row, stay within rounding of it`, () => {
      if (generators === 0) return;
      using layer = nn.coneConstraint(matrix(A, d));
      const G = rowsOf(layer.generators);
      const tight = A.map((a) => G.map((g) => Number(Math.abs(dot(a, g)) <= 1e-9 * norm(a))));
      const X = [...G.map((_, q) => G.map((__, p) => Number(p === q))), ...tight];
      scope(() => {
        const params = identityOf(layer, generators, dtype);
        for (const size of [1, 1e-3, 1e6]) {
          const x = mul(matrix(X, generators, dtype), size);
          const [Y, z] = [rowsOf(layer.apply(params, x)), entriesOf(params, x, false)];
          Y.forEach((y, k) => void check(A, G, y, z[k], dtype, undefined, `size ${size}, point ${k}`));
        }
      });
    });

test('long sums in f32, every rounding of which goes the wrong way, stay within the guarantee', () => {
  // The cone over a prism: 800 rays lie on its first row, x_1 = 3 x_0. Terms of 0.7 half units in the last place are lost against
  // x_0, one by one, and three times as much is rounded up at x_1.
  const N = 800;
  const sides = Array.from({ length: N }, (_, k) => {
    const angle = (2 * Math.PI * k) / N;
    return [-0.01, 0, Math.cos(angle), Math.sin(angle)];
  });
  const A = [[-3, 1, 0, 0], [0, -1, 0, 0], ...sides];
  using layer = nn.coneConstraint(A);
  const G = rowsOf(layer.generators);
  assert.is(G.length, 2 * N);
  const on = G.flatMap((g, q) => (Math.abs(dot(A[0], g)) < 1e-9 ? [q] : []));
  assert.is(on.length, N);
  scope(() => {
    const params = identityOf(layer, G.length, 'f32');
    const z = new Array<number>(G.length).fill(0);
    for (const q of on) z[q] = (0.7 * 2 ** -4) / G[q][0];
    z[on[0]] = (1.3 * 2 ** 20) / G[on[0]][0];
    const x = matrix([z, z, z, z], G.length, 'f32');
    const [Y, entries] = [rowsOf(layer.apply(params, x)), entriesOf(params, x, false)];
    Y.forEach((y, k) => void check(A, G, y, entries[k], 'f32', undefined, 'a long sum'));
  });
});

for (const dtype of ['f64', 'f32'] as const)
  test(`${dtype}: the box holds where the sum overflows, and where it is tiny`, () => {
    using layer = nn.coneConstraint(cones.monotone(4), { box: 2 });
    const G = rowsOf(layer.generators);
    const most = dtype === 'f64' ? 1.7e308 : 3.3e38;
    const shares = [
      [1, 1, 1, 1, 0.5],
      [1, 0, 0, 0, 0],
      [0, 0, 0, 1, 1],
      [0.1, 1, 0.2, 0.9, 0],
    ];
    scope(() => {
      const { norm: n, dense } = identityOf(layer, 5, dtype);
      for (let i = 0; i < 5; i++) dense.weight.data()[6 * i] = 1;
      const params = { dense, norm: { ...n, runningVariance: full([5], 1 - 1e-5, { dtype }) } };
      const [A, Y] = [rowsOf(layer.A), rowsOf(layer.apply(params, mul(matrix(shares, 5, dtype), most)))];
      Y.forEach((y, k) => {
        const want = expected(G, shares[k], 4);
        const size = Math.max(...want.y.map(Math.abs));
        near(
          y,
          want.y.map((v) => (size > 1e-12 ? (2 * v) / size : 0)),
          20 * SLACK[dtype],
        );
        satisfies(A, zerosOf(A), y, 3, SLACK[dtype], 'huge');
      });
      const tiny = dtype === 'f64' ? 1e-300 : 1e-37;
      const small = rowsOf(layer.apply(params, mul(matrix(shares, 5, dtype), tiny)));
      small.forEach(
        (y, k) =>
          void near(
            y.map((v) => v / tiny),
            expected(G, shares[k], 4).y,
            1e-5,
          ),
      );
      using point = nn.coneConstraint([[1]], { box: 1e-300 });
      const at = point.apply(identityOf(point, 1, 'f64'), tensor([[1e300], [1e-310]])).data();
      near([at[0] / 1e-300], [-1], 1e-14);
      near([at[1] / 1e-310], [-1], 1e-5);
    });
  });

test('boxAfterEpoch: without the box in training before, with it ever after and in inference', () => {
  using layer = nn.coneConstraint(
    [
      [1, 1, 0],
      [0, 1, 1],
    ],
    { box: 1, boxAfterEpoch: 2 },
  );
  const model = nn.sequential([
    nn.activation('identity'),
    nn.sequential([layer] as nn.Layer[]),
  ] as nn.Layer[]);
  scope(() => {
    const params = parametersOf(layer, 3, seed, 'f64', 5);
    const x = random(8).normal([7, 3]);
    const isBoxed = (options: nn.ApplyOptions) => {
      const y = layer.apply(params, x, options);
      const wrapped = model.apply([{}, [params]], x, { ...options, key: tensor([1, 2], { dtype: 'i32' }) });
      assert.equal(wrapped.toArray(), y.toArray(), 'sequential hands the epoch on');
      return Math.max(...Array.from(y.data()).map(Math.abs)) <= 1 + 1e-12;
    };
    assert.equal(
      [0, 1, 2, 9, undefined].map((epoch) => isBoxed({ training: true, epoch })),
      [false, false, true, true, true],
    );
    assert.equal(
      [0, 5, undefined].map((epoch) => isBoxed({ epoch })),
      [true, true, true],
    );
  });
});

test('fit begins without the box and goes on with it; validation has it', async () => {
  using layer = nn.coneConstraint(cones.monotone(3), { box: 1, boxAfterEpoch: 2 });
  const [x, y] = [random(1).normal([128, 4]), full([128, 3], 5)];
  const options = {
    loss: nn.mse,
    epochs: 4,
    batchSize: 8,
    validation: { x, y },
    optimizer: optim.adam({ learningRate: 0.1 }),
  };
  const objective = (params: never, batch: { x: Tensor; y: Tensor }, applied: nn.ApplyOptions) => ({
    loss: nn.mse(layer.apply(params, batch.x, applied), batch.y),
  });
  for (const how of ['layer', 'objective', 'uncompiled'])
    await (async () => {
      const params = layer.init(random(3), [4], { dtype: 'f64' });
      const { loss, ...rest } = options;
      const { history } =
        how === 'objective'
          ? await nn.fit(objective as never, params, { x, y }, rest)
          : await nn.fit(
              layer,
              params,
              { x, y },
              { ...options, compile: how === 'uncompiled' ? false : undefined },
            );
      // Within the box no loss is below 16.
      assert.ok(history.loss[0] < 25 && history.loss[1] < 14, `${how}: ${history.loss}`);
      assert.ok(history.loss[2] >= 16 - 1e-9 && history.loss[3] >= 16 - 1e-9, `${how}: ${history.loss}`);
      assert.ok(
        (history.validationLoss as number[]).every((v) => v >= 16 - 1e-9),
        how,
      );
      void loss;
    })();
});

test('training in f32: the loss falls, and all outputs stay in the cone', async () => {
  using layer = nn.coneConstraint(cones.monotone(6), { box: 1 });
  const model = nn.sequential([nn.dense(8), nn.activation('relu'), layer] as nn.Layer[]);
  const x = random(1).normal([64, 4], { dtype: 'f32' });
  const y = tensor(
    Float32Array.from({ length: 64 * 6 }, (_, i) => ((i % 6) - 2.5) / 4),
    { shape: [64, 6] },
  );
  const { params, history } = await nn.fit(
    model,
    model.init(random(3), [4]),
    { x, y },
    {
      ...{ loss: nn.mse, epochs: 8, batchSize: 16, optimizer: optim.adam({ learningRate: 1e-2 }) },
    },
  );
  assert.ok((history.loss.at(-1) as number) < 0.8 * history.loss[0], `${history.loss}`);
  for (const row of rowsOf(model.apply(params, x)))
    row.forEach((v, j) => void assert.ok(Math.abs(v) <= 1 + 1e-5 && (j === 0 || row[j - 1] <= v + 1e-5)));
  const moved = (params as { norm: nn.BatchNormParams }[])[2].norm.runningMean.data();
  assert.ok(
    moved.some((v) => v !== 0),
    'running statistics move',
  );
});

const LAYERS: Record<string, () => nn.ConeConstraint> = {
  ascending: () => nn.coneConstraint(cones.monotone(4)),
  'ascending, in a box': () => nn.coneConstraint(cones.monotone(4), { box: 0.5 }),
  'a half-space, in a box': () => nn.coneConstraint([[1, 2, 0, -1]], { box: 1 }),
};
for (const [name, make] of Object.entries(LAYERS))
  for (const training of [false, true])
    test(`derivatives: ${name}${training ? ', in training' : ''}; compiled and traced values`, () => {
      using layer = make();
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

test('derivatives are finite at kinks: zeros, the corners of the box, huge and tiny entries', () => {
  for (const dtype of ['f64', 'f32'] as const)
    for (const box of [undefined, 1])
      scope(() => {
        const layer = nn.coneConstraint(
          [
            [-1, 0],
            [0, -1],
          ],
          box === undefined ? {} : { box },
        );
        const params = identityOf(layer, 2, dtype);
        const most = dtype === 'f64' ? 1e150 : 1e18;
        const x = matrix(
          [
            [0, 0],
            [1, 1],
            [1, 0],
            [2, 2],
            [most, most],
            [most, 1],
            [1 / most, 0],
          ],
          2,
          dtype,
        );
        for (const at of [x, zeros([5, 2], { dtype })])
          for (const training of [false, true]) {
            const { value, pullback } = vjp(
              (p: unknown, v: Tensor) => layer.apply(p as never, v, { training }),
              params,
              at,
            );
            const [p, v] = pullback(random(1).normal((value as Tensor).shape, { dtype }));
            for (const g of [...Object.values(p.dense), p.norm.weight, p.norm.bias, v] as Tensor[])
              assert.ok([...g.data()].every(Number.isFinite), `${dtype}, box ${box}, ${training}`);
          }
      });
});

test('a line is multiplied once: the difference of two coefficients, also where they cancel', () => {
  scope(() => {
    const layer = nn.coneConstraint(zeros([0, 3]));
    const z = [
      [1, -2, 3, 1, 0.5, -4],
      [1e8, 1, 1, 1e8, 1, 1],
    ];
    const y = layer.apply(identityOf(layer, 6, 'f64'), matrix(z));
    const lines = rowsOf(layer.generators).slice(0, 3);
    const plus = lines[0].map((_, j) => 0 * lines[0][j] + 1.5 * lines[1][j] - lines[2][j]);
    near(rowsOf(y)[0], plus, 1e-14);
    near(rowsOf(y)[1], [0, 0, 0], 1e-7);
  });
});

test('exact numbers, equalities, and the options of enumerations', () => {
  scope(() => {
    const layer = nn.coneConstraint(
      [
        ['-1/3', '1/7'],
        [-1n, 0n],
      ],
      { exact: true },
    );
    near(layer.A.data(), [-1 / 3, 1 / 7, -1, 0], 1e-16);
    assert.equal(layer.generators.shape, [2, 2]);
    const flat = nn.coneConstraint(cones.monotone(3), {
      equalities: [[1, 1, 1]],
      order: 'maxcutoff',
      exact: 'verified',
    });
    assert.equal(flat.generators.shape, [2, 3]);
    const y = flat.apply(flat.init(random(1), [2], { dtype: 'f64' }), random(2).normal([5, 2]));
    for (const row of rowsOf(y)) near([row[0] + row[1] + row[2]], [0], 1e-13);
    const drawn = nn
      .coneConstraint(cones.monotone(3), { init: 'zeros', biasInit: 'zeros' })
      .init(random(1), [2]);
    assert.equal(drawn.dense.weight.toArray(), [
      [0, 0],
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    assert.equal(nn.parameterCount(drawn), 4 + 8 + 4);
    const G = nn.coneConstraint(random4, {}).generators;
    assert.equal(G.toArray(), cones.generators(cones.doubleDescription(random4)).toArray());
  });
});

test('in networks and their wrappers: vae, proxprop, scope', () => {
  const before = memory();
  const model = scope(() =>
    nn.models.vae({
      encoder: nn.dense(4),
      decoder: nn.sequential([
        nn.dense(5),
        nn.coneConstraint(cones.monotone(3), { box: 1, boxAfterEpoch: 1 }),
      ] as nn.Layer[]),
      latent: 2,
      likelihood: 'gaussian',
    }),
  );
  scope(() => {
    const params = model.init(random(1), [3], { dtype: 'f64' });
    const x = random(2).normal([6, 3]);
    const loss = (p: never, at: Tensor, noise: Tensor) =>
      model.loss(p, at, noise, { training: true, epoch: 0 });
    const { value, grad } = valueAndGrad(loss)(params as never, x, random(3).normal([6, 2]));
    assert.ok(Number.isFinite(value.item()) && grad !== undefined);
    for (const row of rowsOf(model.apply(params, x)))
      assert.ok(row[0] <= row[1] + 1e-12 && row[1] <= row[2] + 1e-12);
  });
  (model as unknown as { decoder: nn.Sequential }).decoder.layers.forEach((layer) => {
    (layer as Partial<nn.ConeConstraint>).dispose?.();
  });
  assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
});

const two = [
  [1, 2],
  [3, 4],
];
for (const [name, kind, message, make] of [
  ['NaN', ArgumentError, /A must/, () => nn.coneConstraint([[Number.NaN, 1]])],
  ['a vector', ShapeError, /A must/, () => nn.coneConstraint(tensor([1, 2]))],
  ['no columns', ShapeError, /A must/, () => nn.coneConstraint(zeros([2, 0]))],
  ['integers', DTypeError, /A must/, () => nn.coneConstraint(tensor(two, { dtype: 'i32' }))],
  ['a box of -1', ArgumentError, /box must/, () => nn.coneConstraint(two, { box: -1 })],
  [
    'an infinite box',
    ArgumentError,
    /box must/,
    () => nn.coneConstraint(two, { box: Number.POSITIVE_INFINITY }),
  ],
  [
    'half an epoch',
    ArgumentError,
    /boxAfterEpoch must/,
    () => nn.coneConstraint(two, { box: 1, boxAfterEpoch: 0.5 }),
  ],
  [
    'an epoch without a box',
    ArgumentError,
    /boxAfterEpoch must go with box/,
    () => nn.coneConstraint(two, { boxAfterEpoch: 2 }),
  ],
  ['too many rays', RayLimitError, /rays/, () => nn.coneConstraint(random4, { maxRays: 4 })],
  ['an unknown order', ArgumentError, /order must/, () => nn.coneConstraint(two, { order: 'x' as never })],
  ['an unknown rule', ArgumentError, /init must/, () => nn.coneConstraint(two, { init: 'x' as never })],
  [
    'an unknown option',
    ArgumentError,
    /no option 'boxes'/,
    () => nn.coneConstraint(two, { boxes: 1 } as never),
  ],
  ['bigints without exact', ArgumentError, /exact/, () => nn.coneConstraint([[1n, 2n]])],
] as [string, typeof ArgumentError, RegExp, () => unknown][])
  test(`refuses ${name}, and leaves nothing behind`, () => {
    try {
      scope(make as () => never);
    } catch {}
    rejects(
      () => scope(make as () => never),
      kind as never,
      new RegExp(`^coneConstraint: .*${message.source}`),
    );
  });

test('layers free what they hold, and only that', () => {
  const before = memory();
  const A = matrix(two);
  const layer = nn.coneConstraint(A, { box: 1 });
  layer.dispose();
  layer.dispose();
  assert.equal(A.toArray(), two, "the caller's matrix stays");
  A.dispose();
  assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
});

test.run();
