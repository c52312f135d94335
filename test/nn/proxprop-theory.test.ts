// Propositions 2 to 5 of Proximal Backpropagation, each against a matrix M that is built entry by entry.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linalg, nn, optim, random, scope, type Tensor, tensor } from '#src/index.js';
import { near, property } from '../support/check.js';

type Dense = { weight: Tensor; bias?: Tensor };

/** A layer as the matrix [W, b] of its parameters, row by row. */
const flat = ({ weight, bias }: Dense): number[] => {
  const out = weight.shape[0];
  const k = weight.size / out;
  const [w, b] = [[...weight.data()], bias === undefined ? undefined : [...bias.data()]];
  return Array.from({ length: out }, (_, i) => [
    ...w.slice(i * k, (i + 1) * k),
    ...(b === undefined ? [] : [b[i]]),
  ]).flat();
};

/**
 * M = I/τ + (∇φ)(∇φ)* of a layer, equation (14): the columns of ∇φ* are the layer's values at unit parameters, which is all that is
 * used of it.
 */
function denseM(layer: nn.Layer<unknown>, like: Dense, input: Tensor, tau: number): number[][] {
  const count = flat(like).length;
  const columns = Array.from({ length: count }, (_, i) => {
    const k = count / like.weight.shape[0];
    const inner = like.bias === undefined ? k : k - 1;
    const [row, column] = [Math.floor(i / k), i % k];
    const unit = {
      weight: tensor(
        Array.from({ length: like.weight.size }, (_, j) =>
          column < inner && j === row * inner + column ? 1 : 0,
        ),
        { shape: like.weight.shape },
      ),
      ...(like.bias && {
        bias: tensor(
          Array.from({ length: like.bias.size }, (_, j) => (column === inner && j === row ? 1 : 0)),
        ),
      }),
    };
    return [...layer.apply(unit, input).data()];
  });
  return columns.map((a, i) =>
    columns.map((b, j) => a.reduce((s, v, q) => s + v * b[q], 0) + (i === j ? 1 / tau : 0)),
  );
}

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((s, v, i) => s + v * b[i], 0);

interface Case {
  model: nn.Sequential;
  params: unknown[];
  x: Tensor;
  labels: Tensor;
  /** Positions of the layers that take proximal steps, and their inputs. */
  at: number[];
  inputs: Tensor[];
}

/** A random network: dense or convolutional, with or without biases, tanh or ReLU. */
function network(seed: number, kind: 'dense' | 'conv', n: number, width: number): Case {
  const generator = random(seed);
  const act = () => nn.activation(seed % 2 === 0 ? 'tanh' : 'relu');
  const list =
    kind === 'dense'
      ? [nn.dense(width), act(), nn.dense(3, { bias: seed % 3 !== 0 }), act(), nn.dense(3)]
      : [nn.conv(2, [3, 2], { padding: 1 }), act(), nn.conv(2, [2, 2]), act(), nn.flatten(), nn.dense(3)];
  const model = nn.sequential(list as nn.Layer<never>[]);
  const shape = kind === 'dense' ? [4] : [2, 3, 3];
  const params = model.init(generator, shape, { dtype: 'f64' });
  const x = generator.normal([n, ...shape], { std: 2 });
  const inputs: Tensor[] = [];
  model.layers.reduce((y, layer, i) => {
    inputs.push(y);
    return layer.apply(params[i], y);
  }, x);
  return { model, params, x, labels: generator.integers([n], 0, 3), at: [0, 2], inputs };
}

const cases = fc.record({
  seed: fc.nat(1e6),
  kind: fc.constantFrom('dense' as const, 'conv' as const),
  n: fc.integer({ min: 1, max: 9 }),
  width: fc.integer({ min: 1, max: 6 }),
  tau: fc.constantFrom(1e-3, 0.05, 1, 50),
});

const plain = (model: nn.Sequential) => nn.layerwise(model, ({ gradient }) => gradient);

test('Proposition 2: M d = g with M built entry by entry (equations (13) and (14)), and the last layer has its gradient', () => {
  property(
    cases,
    ({ seed, kind, n, width, tau }) =>
      scope(() => {
        const { model, params, x, labels, at, inputs } = network(seed, kind, n, width);
        const d = nn
          .proxprop(model, { mode: 'exact', tauTheta: tau })
          .directionOf(params, x, labels).direction;
        const g = plain(model).directionOf(params, x, labels).direction;
        for (const i of at) {
          const M = denseM(model.layers[i], params[i] as Dense, inputs[i], tau);
          const [direction, gradient] = [flat(d[i] as Dense), flat(g[i] as Dense)];
          const size = Math.max(...gradient.map(Math.abs), 1e-300);
          near(
            M.map((row) => dot(row, direction)),
            gradient,
            1e-11 * (1 + tau) * size,
            `layer ${i}`,
          );
        }
        const last = params.length - 1;
        near(flat(d[last] as Dense), flat(g[last] as Dense), 1e-13, 'last layer');
      }),
    40,
  );
});

test('Propositions 4 and 5: descent, within the cosine that (33) bounds away from zero, for the exact step and any number of iterations', () => {
  property(
    fc.record({ base: cases, steps: fc.integer({ min: 0, max: 6 }), perUnit: fc.boolean() }),
    ({ base: { seed, kind, n, width, tau }, steps, perUnit }) =>
      scope(() => {
        const { model, params, x, labels, at, inputs } = network(seed, kind, n, width);
        const mode = steps === 0 ? 'exact' : { cg: steps, perUnit };
        const d = nn.proxprop(model, { mode, tauTheta: tau }).directionOf(params, x, labels).direction;
        const g = plain(model).directionOf(params, x, labels).direction;
        for (const i of at) {
          const [direction, gradient] = [flat(d[i] as Dense), flat(g[i] as Dense)];
          const norm = Math.sqrt(dot(gradient, gradient));
          if (norm < 1e-12) continue;
          const M = tensor(denseM(model.layers[i], params[i] as Dense, inputs[i], tau));
          const eigenvalues = [...linalg.eigvalsh(M).data()];
          const bound = eigenvalues[0] / eigenvalues[eigenvalues.length - 1];
          const cosine = dot(direction, gradient) / norm / Math.sqrt(dot(direction, direction));
          // x_k lies in a Krylov space, where the same bound holds by its own projection of M (equations (36) and (38)).
          assert.ok(cosine >= bound * (1 - 1e-9), `layer ${i}: cosine ${cosine}, bound ${bound}`);
        }
      }),
    60,
  );
});

test('Proposition 3: the direction is zero where the gradient is, and only there', () => {
  // Two examples of the same input with different labels: the minimiser of the loss is known, logits that are equal.
  const model = nn.sequential([nn.dense(3), nn.activation('tanh'), nn.dense(2)] as nn.Layer<never>[]);
  const params = [
    nn.dense(3).init(random(1), [2], { dtype: 'f64' }),
    {},
    {
      weight: tensor([
        [1, 2, 3],
        [1, 2, 3],
      ]),
      bias: tensor([5, 5]),
    },
  ];
  const [x, labels] = [
    tensor([
      [1, 2],
      [1, 2],
    ]),
    tensor([0, 1], { dtype: 'i32' }),
  ];
  for (const mode of ['exact', { cg: 1 }, { cg: 4 }, { cg: 3, perUnit: false }] as const) {
    const { direction } = nn.proxprop(model, { mode }).directionOf(params, x, labels);
    for (const i of [0, 2])
      near(
        flat(direction[i] as Dense),
        flat(direction[i] as Dense).map(() => 0),
        1e-16,
        String(mode),
      );
  }
});

test('Proposition 3: where ProxProp comes to rest the gradient is zero', () => {
  // Two linear layers: not convex, but without the valleys in which activations never come to rest.
  const model = nn.sequential([nn.dense(2), nn.dense(1)] as nn.Layer<never>[]);
  const [x, target] = [random(1).normal([8, 2]), random(2).normal([8, 1])];
  for (const mode of ['exact', { cg: 2 }] as const) {
    const params = model.init(random(3), [2], { dtype: 'f64' });
    const oracle = nn.proxprop(model, { mode, tauTheta: 10 });
    const optimizer = optim.sgd({ learningRate: 0.3, momentum: 0.9 });
    const state = optimizer.init(params);
    for (let i = 0; i < 1200; i++)
      scope(() => optimizer.step(params, oracle.direction(params, x, target, nn.mse).direction, state));
    const { direction, loss } = plain(model).directionOf(params, x, target, nn.mse);
    near(
      direction.flatMap((d) => flat(d as Dense)),
      new Array<number>(9).fill(0),
      1e-14,
      'gradient',
    );
    // The minimiser is that of linear least squares.
    const rows = tensor([...Array(8).keys()].map((i) => [...x.data().slice(2 * i, 2 * i + 2), 1]));
    const { residuals } = linalg.lstsq(rows, target);
    near([loss.item()], [residuals.data()[0] / 8], 1e-13, 'loss');
    oracle.dispose();
  }
});

test('a step that is small enough lowers the loss', () => {
  property(
    fc.record({ base: cases, steps: fc.integer({ min: 0, max: 4 }) }),
    ({ base: { seed, kind, n, width, tau }, steps }) =>
      scope(() => {
        const { model, params, x, labels } = network(2 * seed, kind, n, width);
        const mode = steps === 0 ? 'exact' : { cg: steps };
        const oracle = nn.proxprop(model, { mode, tauTheta: tau });
        const { loss, direction } = oracle.directionOf(params, x, labels);
        const optimizer = optim.sgd({ learningRate: 1e-4 / Math.max(1, tau) });
        const state = optimizer.init(params);
        const { params: next } = optimizer.update(params, direction, state);
        const after = nn.crossEntropy(model.apply(next, x), labels).item();
        assert.ok(after <= loss.item() + 1e-14, `${loss.item()} to ${after}`);
      }),
    30,
  );
});

test.run();
