// layerwise: rules in the place of step (c), and what they are given.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  compile,
  grad,
  memory,
  mul,
  nn,
  random,
  scope,
  square,
  sum,
  type Tensor,
  tensor,
  valueAndGrad,
} from '#src/index.js';
import { near, rejects } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';

type Dense = { weight: Tensor; bias: Tensor };
const layers = (list: unknown[]) => nn.sequential(list as nn.Layer<never>[]);

const model = layers([
  nn.flatten(),
  layers([nn.dense(5), nn.activation('tanh')]),
  nn.dense(4),
  nn.activation('silu'),
  nn.dense(3),
]);
const shape = [2, 3];
const params = () => model.init(random(1), shape, { dtype: 'f64' });
const x = random(2).normal([6, ...shape]);
const labels = random(3).integers([6], 0, 3);
const gradientRule: nn.LayerRule = ({ gradient }) => gradient;

const leaves = (tree: unknown): Tensor[] => {
  if (Array.isArray(tree)) return tree.flatMap(leaves);
  if (typeof (tree as Tensor).data === 'function') return [tree as Tensor];
  return Object.values(tree as object).flatMap(leaves);
};

test('with the gradient as a rule it is backpropagation, in the structure of the parameters', () => {
  const oracle = nn.layerwise(model, gradientRule);
  const p = params();
  const { value, grad: g } = valueAndGrad((q: unknown[]) => nn.crossEntropy(model.apply(q, x), labels))(p);
  const { loss, direction } = oracle.direction(p, x, labels);
  near([loss], [value.item()], 1e-15);
  const [got, want] = [leaves(direction), leaves(g)];
  assert.is(got.length, 6);
  got.forEach((leaf, i) => {
    assert.equal(leaf.shape, want[i].shape);
    near(leaf.data(), want[i].data(), 1e-15);
  });
  assert.equal((direction as unknown[])[0], {});
  oracle.dispose();
});

test('a rule is asked for linear layers but the last, with the input, the cotangent, the map and its transpose', () => {
  const p = params();
  const seen: string[] = [];
  const rule: nn.LayerRule = ({ layer, params: own, input, cotangent, gradient, forward, adjoint }) => {
    seen.push(`${layer.name} ${input.shape} ${cotangent.shape}`);
    near(forward(own).data(), layer.apply(own, input).data(), 0, 'forward');
    const [back, want] = [adjoint(cotangent) as Dense, gradient as Dense];
    near(back.weight.data(), want.weight.data(), 1e-15, 'adjoint');
    near(back.bias.data(), want.bias.data(), 1e-15, 'adjoint');
    return gradient;
  };
  scope(() => void nn.layerwise(model, rule).directionOf(p, x, labels));
  assert.equal(seen, ['dense 6,5 6,4', 'dense 6,6 6,5']);
});

test('the cotangent is that of the loss given, and a model of one layer has its gradient', () => {
  const one = nn.dense(2);
  const p = one.init(random(4), [3], { dtype: 'f64' });
  const [a, target] = [random(5).normal([4, 3]), random(6).normal([4, 2])];
  const oracle = nn.proxprop(one, { mode: 'exact' });
  const { loss, direction } = oracle.direction(p, a, target, nn.mse);
  const { value, grad: g } = valueAndGrad((q: nn.DenseParams) => nn.mse(one.apply(q, a), target))(p);
  near([loss], [value.item()], 1e-15);
  near(direction.weight.data(), g.weight.data(), 1e-15);
  oracle.dispose();
});

test('diagonalStep divides by the diagonal of the sums of squares', () => {
  const p = params();
  const tauTheta = 0.2;
  const d = leaves(nn.diagonalStep(model, { tauTheta }).directionOf(p, x, labels).direction);
  const g = leaves(nn.layerwise(model, gradientRule).directionOf(p, x, labels).direction);
  const rows = x.toTypedArray();
  const squares = [0, 1, 2, 3, 4, 5].map((j) =>
    [0, 1, 2, 3, 4, 5].reduce((s, i) => s + rows[i * 6 + j] ** 2, 0),
  );
  near(
    d[0].data(),
    [...g[0].data()].map((v, i) => v / (squares[i % 6] + 5)),
    1e-14,
    'weight',
  );
  near(
    d[1].data(),
    [...g[1].data()].map((v) => v / (6 + 5)),
    1e-14,
    'bias',
  );
  near(d[4].data(), g[4].data(), 1e-15, 'the last layer');
});

test('directions are operations: they compile with what stands around them, and have derivatives', () => {
  const p = params();
  const oracle = nn.proxprop(model, { mode: { cg: 2 }, tauTheta: 0.5 });
  const length = (q: unknown[], a: Tensor) =>
    leaves(oracle.directionOf(q, a, labels).direction).reduce(
      (s, leaf) => (s === undefined ? sum(square(leaf)) : sum(square(leaf))),
      undefined as Tensor | undefined,
    ) as Tensor;
  const plan = compile(length);
  near([plan(p, x).item()], [length(p, x).item()], 1e-14);
  plan.dispose();
  for (const mode of ['exact', { cg: 2 }] as const) {
    const small = layers([nn.dense(2), nn.activation('tanh'), nn.dense(2)]);
    const own = small.init(random(7), [2], { dtype: 'f64' });
    const target = tensor([0, 1, 1, 0, 1], { dtype: 'i32' });
    const of = nn.proxprop(small, { mode });
    checkDerivatives(
      (q: unknown[], a: Tensor) => (of.directionOf(q, a, target).direction[0] as Dense).weight,
      [own, random(8).normal([5, 2])],
      { order: 1 },
    );
  }
  const through = grad((a: Tensor) => oracle.directionOf(p, a, labels).loss)(x) as Tensor;
  assert.equal(through.shape, x.shape);
});

test('one program per shapes, freed by dispose and made again after', () => {
  const p = params();
  const before = memory();
  const oracle = nn.layerwise(model, ({ gradient, params: own }) => {
    const { weight, bias } = gradient as Dense;
    // Keys in another order than the parameters have them.
    return { bias: mul(bias, 2), weight: mul(weight, own === undefined ? 1 : 2) };
  });
  const bytes = scope(() => {
    oracle.direction(p, x, labels);
    return oracle.bytes;
  });
  const again = scope(() => {
    const { direction } = oracle.direction(p, x, labels);
    assert.equal(Object.keys((direction as Dense[][])[1][0]), ['weight', 'bias']);
    return oracle.bytes;
  });
  assert.ok(bytes > 0);
  assert.is(again, bytes);
  oracle.dispose();
  assert.is(oracle.bytes, 0);
  scope(() => void oracle.direction(p, x, labels));
  oracle[Symbol.dispose]();
  const after = memory();
  assert.equal([after.tensors, after.bytes], [before.tensors, before.bytes]);
});

test('errors say what is wrong and leave nothing', () => {
  const p = params();
  rejects(
    () => nn.layerwise(5 as never, gradientRule),
    ArgumentError,
    /layerwise: model must be a layer, got 5/,
  );
  rejects(() => nn.layerwise(model, 5 as never), ArgumentError, /rule must be a function, got 5/);
  const wrong = nn.layerwise(model, ({ gradient }) => (gradient as Dense).weight);
  rejects(
    () => wrong.direction(p, x, labels),
    ArgumentError,
    /layerwise: the rule's direction must have the structure/,
  );
  const turned = nn.layerwise(model, ({ gradient }) => {
    const { weight, bias } = gradient as Dense;
    return { weight: bias, bias: weight };
  });
  rejects(() => turned.direction(p, x, labels), ArgumentError, /the rule's direction must match its f64/);
  const empty = layers([nn.activation('relu')]);
  rejects(
    () => nn.layerwise(empty, gradientRule).direction([{}], x, labels),
    ArgumentError,
    /must have parameters/,
  );
  rejects(
    () => nn.diagonalStep(model, { tauTheta: -1 }),
    ArgumentError,
    /diagonalStep: tauTheta must be a positive/,
  );
});

test.run();
