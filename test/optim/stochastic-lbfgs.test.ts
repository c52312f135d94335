// Stochastic L-BFGS: faster than SGD on mini-batches, positive definite whatever comes, steps bounded, pure and in place alike.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  CotangentError,
  compile,
  exp,
  grad,
  log1p,
  matmul,
  mean,
  memory,
  mul,
  neg,
  optim,
  random,
  scope,
  slice,
  square,
  sub,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { applyInverse } from '#src/optim/stochastic/stochastic-lbfgs.js';
import { near, numbers, property, rejects } from '../support/check.js';

const dotOf = (x: ArrayLike<number>, y: ArrayLike<number>) =>
  Array.from(x).reduce((sum, v, i) => sum + v * y[i], 0);

/** 512 samples of 12 numbers whose scales differ a hundredfold, their targets with noise, in batches of 64 with shared halves. */
function data() {
  const [n, d, size] = [512, 12, 64];
  const generator = random(3);
  const x = generator.normal([n, d]);
  const values = x.data();
  for (let i = 0; i < values.length; i++) values[i] *= 10 ** (-2 * ((i % d) / (d - 1)));
  const truth = tensor(
    numbers(d, 5).map((v, i) => v * 10 ** (i / (d - 1))),
    { shape: [d, 1] },
  );
  const clean = matmul(x, truth);
  const y = clean.toTypedArray();
  const noise = generator.normal([n]).data();
  for (let i = 0; i < n; i++) y[i] += 0.1 * noise[i];
  const target = tensor(y, { shape: [n, 1] });
  const labels = tensor(
    Array.from(y, (v) => (v > 0 ? 1 : -1)),
    { shape: [n, 1] },
  );
  const batches = Array.from({ length: n / size }, (_, b) => {
    const part = (t: Tensor, from: number, to: number) =>
      slice(t, [b * size + from, 0], [b * size + to, t.shape[1]]);
    return {
      batch: [part(x, 0, size), part(target, 0, size), part(labels, 0, size)],
      overlap: [part(x, size / 2, size), part(target, size / 2, size), part(labels, size / 2, size)],
    };
  });
  return { d, x, target, labels, batches };
}

const losses = {
  squares: (w: Tensor, x: Tensor, y: Tensor) => mean(square(sub(matmul(x, w), y))),
  logistic: (w: Tensor, x: Tensor, _: Tensor, label: Tensor) =>
    mean(log1p(exp(neg(mul(label, matmul(x, w)))))),
};

test('on mini-batches it comes closer to the minimum than SGD of any rate with as many gradients', () =>
  scope(() => {
    const { d, x, target, labels, batches } = data();
    const epochs = 15;
    const cosine = (initial: number, steps: number) => optim.schedules.cosine({ initial, steps });
    for (const [name, loss] of Object.entries(losses)) {
      const gradient = compile(grad(loss));
      const full = (w: Tensor) => loss(w, x, target, labels);
      const least = optim.minimize(full, zeros([d, 1]), optim.lbfgs(), { throws: false }).value;
      const sgd = [0.03, 0.1, 0.3, 1, 3].map((learningRate) => {
        const w = zeros([d, 1]);
        const optimizer = optim.sgd({ learningRate: cosine(learningRate, 2 * epochs * batches.length) });
        const state = optimizer.init(w);
        for (let e = 0; e < 2 * epochs; e++)
          for (const { batch } of batches)
            optimizer.step(w, gradient(w, batch[0], batch[1], batch[2]), state);
        const excess = full(w).item() - least;
        return Number.isNaN(excess) ? Number.POSITIVE_INFINITY : excess;
      });
      for (const overlap of [false, true]) {
        const w = zeros([d, 1]);
        const optimizer = optim.stochasticLbfgs({
          overlap,
          learningRate: cosine(0.5, epochs * batches.length),
        });
        const state = optimizer.init(w);
        for (let e = 0; e < epochs; e++)
          for (const parts of batches) {
            optimizer.step(
              w,
              (v, part) => gradient(v, parts[part][0], parts[part][1], parts[part][2]),
              state,
            );
          }
        const [mine, best] = [full(w).item() - least, Math.min(...sgd)];
        if (process.env.VERBOSE) console.log(name, { overlap, mine, sgd });
        assert.ok(mine < best / 1.2, `${name}, overlap ${overlap}: ${mine} against ${best}`);
        assert.ok(mine < 0.1 * Math.max(...sgd.slice(0, 2)));
      }
      gradient.dispose();
    }
  }));

test('whatever the gradients, the matrix stays positive definite, and pairs without curvature are skipped', () => {
  property(fc.tuple(fc.nat(1e6), fc.constantFrom('f64' as const, 'f32' as const)), ([seed, dtype]) =>
    scope(() => {
      const n = 6;
      const optimizer = optim.stochasticLbfgs({ history: 3, learningRate: 1 });
      const w = tensor(numbers(n, seed), { dtype });
      const state = optimizer.init(w);
      // Convex, concave and neither by turns.
      for (let k = 0; k < 20; k++) {
        const random = numbers(n, seed + k);
        const curvatures = tensor(
          random.map((v) => (k % 3 === 2 ? v : (0.1 + Math.abs(v)) * (k % 3 === 0 ? 1 : -1))),
          { dtype },
        );
        optimizer.step(w, (v) => mul(curvatures, v), state);
      }
      assert.ok(state.skipped > 0, 'a pair is skipped');
      assert.ok(state.pairs > 0 && state.pairs <= 3);
      assert.is(state.step, 20);
      for (let k = 0; k < state.pairs; k++) {
        const [s, y] = [state.s[k].data(), state.y[k].data()];
        assert.ok(dotOf(s, y) > 0.9e-4 * Math.sqrt(dotOf(s, s) * dotOf(y, y)));
      }
      for (let k = 0; k < 5; k++) {
        const g = numbers(n, seed + 100 + k);
        const direction = tensor(g, { dtype });
        applyInverse(state, direction);
        assert.ok(dotOf(direction.data(), g) > 0);
      }
    }),
  );
});

test('without curvature no pair is ever taken, and the steps are gradient steps', () =>
  scope(() => {
    const optimizer = optim.stochasticLbfgs({ learningRate: 0.1, maxStep: 100 });
    const w = tensor([1, 2]);
    const state = optimizer.init(w);
    for (let k = 0; k < 3; k++) optimizer.step(w, (v) => neg(v), state);
    assert.equal([state.pairs, state.skipped], [0, 3]);
    near(w.data(), [1.1 ** 3, 2 * 1.1 ** 3], 1e-14);
  }));

test('after n steps on a quadratic function the matrix is its inverse where it has been', () =>
  scope(() => {
    const optimizer = optim.stochasticLbfgs({ learningRate: 0.5, maxStep: 10 });
    const w = tensor([1, 1, 1]);
    const state = optimizer.init(w);
    const curvatures = tensor([1, 4, 9]);
    for (let k = 0; k < 30; k++) optimizer.step(w, (v) => mul(curvatures, v), state);
    near(w.data(), [0, 0, 0], 1e-6);
    const y = state.y[(state.next + 9) % 10].toTypedArray();
    const q = tensor(Array.from(y));
    applyInverse(state, q);
    const s = state.s[(state.next + 9) % 10].data();
    near(q.data(), s, 1e-12 * Math.hypot(...s));
  }));

test('no step is longer than maxStep', () => {
  property(fc.tuple(fc.nat(1e6), fc.double({ min: 0.01, max: 3, noNaN: true })), ([seed, maxStep]) =>
    scope(() => {
      const optimizer = optim.stochasticLbfgs({ learningRate: 1, maxStep });
      const w = tensor(numbers(5, seed));
      const state = optimizer.init(w);
      for (let k = 0; k < 8; k++) {
        const before = w.toTypedArray();
        const curvatures = tensor(numbers(5, seed + k).map((v) => 10 * v));
        optimizer.step(w, (v) => mul(curvatures, v), state);
        const length = Math.hypot(...before.map((v, i) => v - w.data()[i]));
        assert.ok(length <= maxStep + 1e-12);
      }
    }),
  );
});

test('pure and in place are alike, on trees, and nothing leaks', () =>
  scope(() => {
    const look = (tree: unknown) => JSON.stringify(tree, (_, x) => (x?.toArray ? x.toArray() : x));
    const optimizer = optim.stochasticLbfgs({ history: 2, overlap: true });
    const params = { a: tensor([1, 2]), b: [tensor(3)] };
    const calls: string[] = [];
    const gradient = ({ a, b }: typeof params, part: string) => {
      calls.push(part);
      return { a: mul(a, 2), b: [mul(b[0], 5)] };
    };
    const state = optimizer.init(params);
    const before = [params, state].map(look);
    let pure = optimizer.update(params, gradient, state);
    assert.equal([params, state].map(look), before);
    assert.equal(calls, ['batch', 'overlap', 'overlap']);
    for (let k = 0; k < 3; k++) pure = optimizer.update(pure.params, gradient, pure.state);
    for (let k = 0; k < 4; k++) optimizer.step(params, gradient, state);
    assert.equal([params, state].map(look), [pure.params, pure.state].map(look));
    const memoryBefore = memory();
    for (let k = 0; k < 1000; k++) optimizer.step(params, gradient, state);
    assert.equal(memory(), memoryBefore);
  }));

test('a gradient that is not finite moves nothing; wrong arguments are named', () =>
  scope(() => {
    const optimizer = optim.stochasticLbfgs();
    const w = tensor([1, 2]);
    const state = optimizer.init(w);
    optimizer.step(w, (v) => mul(v, Number.NaN), state);
    assert.equal([w.toArray(), state.skipped, state.pairs], [[1, 2], 1, 0]);
    const other = zeros([3]);
    rejects(() => optimizer.step(w, 3 as never, state), CotangentError, /gradient must be a function/);
    rejects(() => optimizer.step(w, () => other, state), CotangentError, /gradient \(batch\) must match/);
    rejects(() => optimizer.step(other, (v) => v, state), CotangentError, /state must be what init/);
    rejects(() => optimizer.step(w, (v) => v, {} as never), CotangentError, /state must be what init/);
    rejects(() => optim.stochasticLbfgs({ history: 0 }), CotangentError, /history/);
    rejects(() => optim.stochasticLbfgs({ maxStep: 0 }), CotangentError, /maxStep/);
    rejects(() => optim.stochasticLbfgs({ curvature: 1 }), CotangentError, /curvature/);
  }));

test.run();
