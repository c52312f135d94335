// lastLayer: proximal steps for all layers but the last, as in the paper, or for the last one, too.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  concat,
  eye,
  matmul,
  mul,
  nn,
  ones,
  optim,
  random,
  reshape,
  scope,
  slice,
  type Tensor,
  take,
  transpose,
} from '#src/index.js';
import { near, rejects } from '../support/check.js';

type Dense = { weight: Tensor; bias: Tensor };
const mlp = (widths: number[]) =>
  nn.sequential([
    nn.flatten(),
    ...widths.flatMap((width) => [nn.dense(width), nn.activation('relu')]),
    nn.dense(10),
  ] as nn.Layer<never>[]);

test('an implicit last layer solves its own system, and changes no other', () =>
  scope(() => {
    const model = mlp([7]);
    const params = model.init(random(1), [2, 3], { dtype: 'f64' });
    const [x, y] = [random(2).normal([9, 2, 3]), random(3).integers([9], 0, 10)];
    const tauTheta = 0.3;
    const direction = (lastLayer?: nn.LastLayer) => {
      const oracle = nn.proxprop(model, { mode: 'exact', tauTheta, ...(lastLayer && { lastLayer }) });
      const { direction: d } = oracle.direction(params, x, y);
      oracle.dispose();
      return d as unknown as Dense[];
    };
    const [plain, named, implicit] = [direction(), direction('explicit'), direction('implicit')];
    for (const key of ['weight', 'bias'] as const) {
      near(named[3][key].data(), plain[3][key].data(), 0);
      near(implicit[1][key].data(), plain[1][key].data(), 1e-14);
    }
    // (I/τ + ÃᵀÃ) D = G, with Ã the hidden layer's output and a column of ones.
    const hidden = nn.sequential([nn.flatten(), nn.dense(7), nn.activation('relu')] as nn.Layer<never>[]);
    const a = concat([hidden.apply(params.slice(0, 3) as never, x), ones([9, 1])], 1);
    const rows = ({ weight, bias }: Dense) => concat([weight, reshape(bias, [10, 1])], 1);
    const M = add(matmul(a, a, { transposeA: true }), mul(eye(8), 1 / tauTheta));
    near(matmul(M, transpose(rows(implicit[3]))).data(), transpose(rows(plain[3])).data(), 1e-13);
  }));

/** The losses of `steps` batches at a step size with Nesterov's momentum, as long as they are finite. */
function losses(options: nn.ProxpropOptions, tau: number, steps: number): number[] {
  return scope(() => {
    const set = nn.syntheticImages(random(1), { count: 1000, shape: [3, 12, 12], condition: 1e7 });
    const model = mlp([64, 32, 64]);
    const params = model.init(random(2), [3, 12, 12]);
    const oracle = nn.proxprop(model, options);
    const optimizer = optim.sgd({ learningRate: tau, momentum: 0.95, nesterov: true });
    const state = optimizer.init(params);
    const shuffle = random(3);
    const found: number[] = [];
    for (let step = 0; step < steps; step++) {
      scope(() => {
        const rows = slice(shuffle.permutation(1000), [0], [500]);
        const at = oracle.direction(params, take(set.images, rows, 0), take(set.labels, rows, 0));
        found.push(at.loss);
        optimizer.step(params, at.direction, state);
      });
      if (!Number.isFinite(found[step])) break;
    }
    oracle.dispose();
    return found;
  });
}

test('at a step size of 50 accurate steps follow an explicit last layer to infinity, and train with an implicit one', () => {
  assert.not(losses({ mode: 'exact' }, 50, 80).every(Number.isFinite));
  for (const cg of [1, 3]) {
    const found = losses({ mode: { cg }, lastLayer: 'implicit' }, 50, 80);
    assert.is(found.length, 80);
    assert.ok(Math.max(...found) < 5 && Math.min(...found) < 1, `cg${cg}: ${found}`);
  }
});

test('the option of layerwise and of diagonalStep; values that are none', () =>
  scope(() => {
    const model = mlp([5]);
    const params = model.init(random(1), [4], { dtype: 'f64' });
    const [x, y] = [random(2).normal([6, 4]), random(3).integers([6], 0, 10)];
    const asked: unknown[] = [];
    const rule: nn.LayerRule = ({ layer, gradient }) => {
      asked.push(layer);
      return gradient;
    };
    nn.layerwise(model, rule, { lastLayer: 'implicit' }).directionOf(params, x, y);
    assert.is(asked.length, 2);
    const last = (lastLayer: nn.LastLayer) => {
      const oracle = nn.diagonalStep(model, { lastLayer });
      const d = (oracle.direction(params, x, y).direction as unknown as Dense[])[3].bias.toArray();
      oracle.dispose();
      return d as number[];
    };
    // A bias has the diagonal 6 + 1.
    near(
      last('implicit'),
      last('explicit').map((v) => v / 7),
      1e-15,
    );
    for (const wrong of ['last', true, null]) {
      const options = { mode: 'exact', lastLayer: wrong } as never;
      const other = { lastLayer: wrong } as never;
      rejects(
        () => nn.proxprop(model, options),
        ArgumentError,
        /proxprop: lastLayer must be 'explicit' or 'implicit', got/,
      );
      rejects(() => nn.layerwise(model, rule, other), ArgumentError, /layerwise: lastLayer/);
      rejects(() => nn.diagonalStep(model, other), ArgumentError, /diagonalStep: lastLayer/);
    }
  }));

test.run();
