// Initial weights: their distribution by name, functions of one's own, biases.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  DTypeError,
  full,
  nn,
  random,
  ShapeError,
  scope,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { near, rejects } from '../support/check.js';

/** Largest size and standard deviation. */
const spread = (x: Tensor) => {
  const data = [...x.data()];
  return {
    most: Math.max(...data.map(Math.abs)),
    std: Math.sqrt(data.reduce((s, v) => s + v * v, 0) / data.length),
  };
};

test('each rule has its bound and its variance, for dense layers and for convolutions', () => {
  scope(() => {
    const [i, o] = [60, 90];
    for (const [shape, layer, fanIn, fanOut] of [
      [[i], (init: nn.Initialise) => nn.dense(o, { init }), i, o],
      [[i / 6, 20, 20], (init: nn.Initialise) => nn.conv(o / 6, [2, 3], { init }), i, o],
    ] as const) {
      const rules = {
        uniform: [1 / Math.sqrt(fanIn), 1 / Math.sqrt(3 * fanIn)],
        he: [Number.POSITIVE_INFINITY, Math.sqrt(2 / fanIn)],
        heUniform: [Math.sqrt(6 / fanIn), Math.sqrt(2 / fanIn)],
        glorot: [Math.sqrt(6 / (fanIn + fanOut)), Math.sqrt(2 / (fanIn + fanOut))],
        glorotNormal: [Number.POSITIVE_INFINITY, Math.sqrt(2 / (fanIn + fanOut))],
      } as const;
      for (const [name, [bound, std]] of Object.entries(rules)) {
        const { weight, bias } = layer(name as nn.InitialiseRule).init(random(1), shape, { dtype: 'f64' });
        const got = spread(weight);
        assert.ok(got.most <= bound, `${name}: ${got.most} > ${bound}`);
        if (bound < Number.POSITIVE_INFINITY) assert.ok(got.most > 0.98 * bound, `${name}: ${got.most}`);
        // 900 or more numbers: 8 % is over three deviations.
        assert.ok(Math.abs(got.std / std - 1) < 0.08, `${name}: ${got.std} for ${std}`);
        assert.is(
          bias?.data().every((v) => v === 0),
          name !== 'uniform',
          name,
        );
      }
    }
  });
});

test('no bias; a bias of its own; dtypes; the same seed gives the same weights', () => {
  scope(() => {
    const plain = nn.dense(3, { bias: false });
    const params = plain.init(random(1), [2]);
    assert.equal([Object.keys(params), params.weight.dtype], [['weight'], 'f32']);
    assert.equal(plain.apply({ weight: tensor([[1, 2]]) }, tensor([[3, 4]])).toArray(), [[11]]);
    const image = nn.conv(3, [2], { bias: false });
    assert.equal(Object.keys(image.init(random(1), [2, 5])), ['weight']);
    const x = tensor([[[1, 2, 3]]]);
    assert.equal(image.apply({ weight: tensor([[[1, 1]], [[0, 1]], [[2, 0]]]) }, x).toArray(), [
      [
        [3, 5],
        [2, 3],
        [2, 4],
      ],
    ]);
    const own = nn.dense(2, {
      init: (_, shape, fanIn, fanOut, dtype) => full(shape, 10 * fanIn + fanOut, { dtype }),
      biasInit: 'zeros',
    });
    const made = own.init(random(1), [3], { dtype: 'f64' });
    assert.equal(made.weight.toArray(), [
      [32, 32, 32],
      [32, 32, 32],
    ]);
    assert.equal(made.bias?.toArray(), [0, 0]);
    const [a, b] = [1, 1].map((seed) => nn.conv(4, [3]).init(random(seed), [2, 9]).weight);
    near(a.data(), b.data(), 0);
  });
});

test('errors, and nothing is left of what was drawn before', () => {
  const generator = random(1);
  rejects(
    () => nn.dense(2, { init: 'kaiming' as never }),
    ArgumentError,
    /init must be a function or one of uniform/,
  );
  rejects(() => nn.conv(2, [3], { biasInit: 'x' as never }), ArgumentError, /conv: biasInit must be/);
  const broken = (init: nn.InitialiseFunction) => () => nn.dense(2, { init }).init(generator, [3]);
  rejects(
    broken(() => zeros([3, 2], { dtype: 'f32' })),
    ShapeError,
    /init must give \[2, 3\], got \[3, 2\]/,
  );
  rejects(
    broken(() => zeros([2, 3])),
    DTypeError,
    /init must give f32, got f64/,
  );
  rejects(
    broken(() => 1 as never),
    ArgumentError,
    /init must give a tensor, got 1/,
  );
  const model = nn.sequential([nn.dense(3), nn.conv(2, [3])]);
  rejects(() => model.init(generator, [4, 4]), ShapeError, /put flatten\(\) before/);
  const late = nn.sequential([nn.dense(3), nn.dense(2, { init: () => zeros([9], { dtype: 'f32' }) })]);
  rejects(() => late.init(generator, [4]), ShapeError, /init must give \[2, 3\]/);
});

test.run();
