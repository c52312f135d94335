// Losses against their definitions, at the edges of their ranges, with derivatives.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  compile,
  DTypeError,
  grad,
  greater,
  log,
  logSoftmax,
  logsumexp,
  mul,
  nn,
  ones,
  random,
  reshape,
  ShapeError,
  scope,
  softmax,
  square,
  sum,
  type Tensor,
  take,
  tensor,
  where,
  zeros,
} from '#src/index.js';
import { near, property, rejects } from '../support/check.js';
import { checkDerivatives, checkSingle } from '../support/derivatives.js';

const shape = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 }), fc.nat(1000));

test('cross-entropy is the mean of minus the logarithm of the softmax at the labels', () => {
  property(shape, ([n, k, seed]) => {
    scope(() => {
      const logits = random(seed).normal([n, k], { std: 5 });
      const labels = random(seed).integers([n], 0, k);
      const rows = softmax(logits).toArray() as number[][];
      const want = -rows.reduce((s, row, i) => s + Math.log(row[labels.data()[i]]), 0) / n;
      near([nn.crossEntropy(logits, labels).item()], [want], 1e-10 * (1 + want));
    });
  });
});

test('cross-entropy of any leading axes: that of the rows; ignored labels are left out, with their logits', () => {
  const ignored = -100;
  property(
    fc.tuple(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }), shape),
    ([lead, [, k, seed]]) => {
      scope(() => {
        const size = lead.reduce((p, n) => p * n, 1);
        const logits = random(seed).normal([...lead, k], { std: 5 });
        const flat = random(seed + 1)
          .integers([size], 0, k)
          .toTypedArray() as Int32Array;
        const rows = reshape(logits, [size, k]);
        const all = tensor(flat, { shape: lead });
        near([nn.crossEntropy(logits, all).item()], [nn.crossEntropy(rows, tensor(flat)).item()], 1e-15);
        const dropped = flat.map((label, i) => ((seed >> (i % 10)) & 1 ? ignored : label));
        const kept = [...dropped.keys()].filter((i) => dropped[i] !== ignored);
        const some = tensor(dropped, { shape: lead });
        const got = nn.crossEntropy(logits, some, { ignoreLabel: ignored });
        const slope = grad((x: Tensor) => nn.crossEntropy(x, some, { ignoreLabel: ignored }))(logits);
        if (kept.length === 0) {
          assert.ok(Number.isNaN(got.item()));
          assert.ok(Array.from(slope.data()).every((v) => v === 0));
          return;
        }
        const rest = nn.crossEntropy(take(rows, kept), tensor(Int32Array.from(kept, (i) => flat[i])));
        near([got.item()], [rest.item()], 1e-13 * (1 + rest.item()));
        const want = grad((x: Tensor) =>
          nn.crossEntropy(take(x, kept), tensor(Int32Array.from(kept, (i) => flat[i]))),
        )(rows);
        near(slope.data(), want.data(), 1e-13);
      });
    },
  );
  scope(() => {
    // Whatever the logits of an ignored label are.
    const bad = tensor([
      [1, 2],
      [Number.NaN, Number.POSITIVE_INFINITY],
    ]);
    const labels = tensor([1, -1], { dtype: 'i32' });
    const f = (x: Tensor) => nn.crossEntropy(x, labels, { ignoreLabel: -1 });
    near([f(bad).item()], [Math.log(1 + Math.exp(-1))], 1e-15);
    const slope = grad(f)(bad).toArray() as number[][];
    assert.equal(slope[1], [0, 0]);
    near(slope[0], [1 / (1 + Math.E), -1 / (1 + Math.E)], 1e-15);
    assert.is(compile(f)(bad).item(), f(bad).item());
    checkDerivatives(f, [random(1).normal([2, 2])]);
    const [deep, others] = [zeros([2, 3, 4]), zeros([2, 4], { dtype: 'i32' })];
    const [whole, real, three] = [zeros([2, 3], { dtype: 'i32' }), zeros([3]), zeros([2, 3])];
    rejects(
      () => nn.crossEntropy(deep, others),
      ShapeError,
      /^crossEntropy: logits must be \[n, …, classes\]/,
    );
    rejects(() => nn.crossEntropy(three, real), DTypeError, /^crossEntropy: labels/);
    rejects(() => nn.crossEntropy(whole, labels), DTypeError, /^crossEntropy: logits/);
    rejects(
      () => nn.crossEntropy(bad, labels),
      ArgumentError,
      /^crossEntropy: labels must be from 0 to 1, got -1/,
    );
    rejects(
      () => nn.crossEntropy(bad, labels, { ignoreLabel: 0.5 }),
      ArgumentError,
      /^crossEntropy: ignoreLabel/,
    );
  });
});

test('binary cross-entropy: the definition; no overflow, and exact where the sigmoid is next to 0 or 1', () => {
  property(shape, ([n, k, seed]) => {
    scope(() => {
      const [x, t] = [random(seed).normal([n, k], { std: 3 }), random(seed + 1).uniform([n, k])];
      const targets = t.data();
      const terms = [...x.data()].map((v, i) => {
        const s = 1 / (1 + Math.exp(-v));
        return -(targets[i] * Math.log(s) + (1 - targets[i]) * Math.log(1 - s));
      });
      const want = terms.reduce((a, b) => a + b, 0) / n;
      near([nn.binaryCrossEntropy(x, t).item()], [want], 1e-11 * (1 + want));
    });
  });
  scope(() => {
    const at = (x: number, t: number) => nn.binaryCrossEntropy(tensor([[x]]), tensor([[t]])).item();
    assert.is(at(1000, 0), 1000);
    near([at(40, 1), at(-40, 0)], [Math.exp(-40), Math.exp(-40)], 1e-30);
  });
});

test('kl: the definition, for probabilities and their logarithms; 0 log 0 is 0, p log (p / 0) infinite', () => {
  property(shape, ([n, k, seed]) => {
    scope(() => {
      const [a, b] = [0, 1].map((i) => random(seed + i).normal([n, k]));
      const [p, q] = [softmax(a), softmax(b)];
      const [ps, qs] = [[...p.data()], q.data()];
      const want = ps.reduce((s, v, i) => s + v * Math.log(v / qs[i]), 0) / n;
      near([nn.kl(p, q).item()], [want], 1e-13);
      near([nn.kl(logSoftmax(a), logSoftmax(b), { log: true }).item()], [want], 1e-13);
      assert.ok(want > -1e-13);
    });
  });
  scope(() => {
    const [sure, even] = [tensor([[1, 0]]), tensor([[0.5, 0.5]])];
    near([nn.kl(sure, even).item()], [Math.log(2)], 1e-15);
    assert.is(nn.kl(even, sure).item(), Number.POSITIVE_INFINITY);
    assert.is(nn.kl(sure, sure).item(), 0);
    near(grad(nn.kl, 1)(sure, even).data(), [-2, 0], 1e-15);
    near(grad(nn.kl, 1)(sure, sure).data(), [-1, 0], 1e-15);
    const logs = tensor([[0, Number.NEGATIVE_INFINITY]]);
    near([nn.kl(logs, tensor([[-1, -1]]), { log: true }).item()], [1], 1e-15);
    near(grad((p: Tensor) => nn.kl(p, even))(sure).data(), [Math.log(2) + 1, 0], 1e-15);
  });
});

test('gaussianKl is the divergence to the standard normal: the integral, by quadrature', () => {
  scope(() => {
    for (const [m, v] of [
      [0, 0],
      [1, 0.5],
      [-2, -1.5],
    ]) {
      const std = Math.exp(v / 2);
      let want = 0;
      const [steps, width] = [4000, 10 * std];
      for (let i = 0; i < steps; i++) {
        const x = m + width * ((2 * (i + 0.5)) / steps - 1);
        const logP = -0.5 * ((x - m) / std) ** 2 - Math.log(std);
        want += ((Math.exp(logP) * (logP + 0.5 * x * x)) / Math.sqrt(2 * Math.PI)) * ((2 * width) / steps);
      }
      near([nn.gaussianKl(tensor([[m]]), tensor([[v]])).item()], [want], 1e-9);
    }
    // Next to 0 it is logVariance² / 4: the digits are not lost.
    const tiny = nn.gaussianKl(zeros([1, 1]), tensor([[1e-8]])).item();
    assert.ok(Math.abs(tiny / 2.5e-17 - 1) < 1e-3, `${tiny}`);
  });
});

test('mse is the mean over all elements', () => {
  scope(() => {
    assert.is(
      nn
        .mse(
          tensor([
            [1, 2],
            [3, 4],
          ]),
          tensor([
            [1, 0],
            [3, 8],
          ]),
        )
        .item(),
      5,
    );
    assert.is(nn.mse(tensor([1, 3]), tensor(1)).item(), 2);
  });
});

test('derivatives of both orders, and gradients in f32', () => {
  scope(() => {
    const [a, b] = [random(1).normal([3, 4]), random(2).normal([3, 4])];
    const targets = random(3).uniform([3, 4]);
    checkDerivatives(nn.binaryCrossEntropy, [a, targets]);
    checkDerivatives((p: Tensor, q: Tensor) => nn.kl(softmax(p), softmax(q)), [a, b]);
    checkDerivatives((p: Tensor, q: Tensor) => nn.kl(logSoftmax(p), logSoftmax(q), { log: true }), [a, b]);
    checkDerivatives(nn.gaussianKl, [a, b]);
    checkDerivatives(nn.mse, [a, b]);
    for (const loss of [nn.binaryCrossEntropy, nn.gaussianKl, nn.mse]) checkSingle(loss, [a, targets], 1e-6);
  });
});

test('errors name what does not fit', () => {
  scope(() => {
    const [a, b, c] = [ones([2, 3]), ones([2, 4]), tensor(1)];
    rejects(
      () => nn.kl(a, b),
      ShapeError,
      /kl: p and q must be of one shape \[n, …\], got \[2, 3\] and \[2, 4\]/,
    );
    rejects(() => nn.gaussianKl(a, b), ShapeError, /gaussianKl: mean and logVariance/);
    rejects(() => nn.binaryCrossEntropy(c, c), ShapeError, /binaryCrossEntropy: logits and targets/);
  });
});

test('the logarithm of 0: losses and derivatives of both orders are their limits, never NaN', () =>
  scope(() => {
    const inf = Number.POSITIVE_INFINITY;
    for (const dtype of ['f64', 'f32'] as const) {
      const both = (f: (x: Tensor) => Tensor, x: Tensor) => {
        const first = grad(f);
        const rows = (y: unknown) => (y as Tensor).toArray();
        // The Hessian's rows, added up.
        return [rows(first(x)), rows(grad((z: Tensor) => sum(first(z) as Tensor))(x))];
      };
      // Binary cross-entropy: [logit, target, loss, derivative].
      for (const [logit, target, loss, slope] of [
        [inf, 1, 0, 0],
        [-inf, 0, 0, 0],
        [inf, 0, inf, 1],
        [-inf, 1, inf, -1],
        [inf, 0.5, inf, 0.5],
        [800, 1, 0, 0],
      ]) {
        const [x, t] = [logit, target].map((v) => tensor([[v]], { dtype }));
        assert.is(nn.binaryCrossEntropy(x, t).item(), loss, `${logit} ${target}`);
        assert.equal(
          both((z) => nn.binaryCrossEntropy(z, t), x),
          [[[slope]], [[0]]],
          `${logit} ${target}`,
        );
      }
      // Cross-entropy: logits, label, loss, gradient.
      const cases: [number[], number, number, number[]][] = [
        [[inf, 0, 3], 0, 0, [0, 0, 0]],
        [[inf, 0, 3], 1, inf, [1, -1, 0]],
        [[0, -inf, -inf], 0, 0, [0, 0, 0]],
        [[0, -inf, -inf], 1, inf, [1, -1, 0]],
        [[inf, inf, 0], 1, Math.LN2, [0.5, -0.5, 0]],
      ];
      for (const [logits, label, loss, slopes] of cases) {
        const [x, at] = [tensor([logits], { dtype }), tensor([label], { dtype: 'i32' })];
        near([nn.crossEntropy(x, at).item()], [loss], 1e-7);
        const [first, second] = both((z) => nn.crossEntropy(z, at), x) as number[][][];
        assert.equal(
          first[0].map((v) => v + 0),
          slopes,
          `${logits} ${label}`,
        );
        assert.ok(
          second[0].every((v) => Math.abs(v) < 1e-6),
          `${logits} ${label}: ${second}`,
        );
      }
      // Kullback-Leibler divergence of logarithms: where p is 0, q does not matter.
      const logP = tensor([[Math.log(0.25), Math.log(0.75), -inf, -inf]], { dtype });
      const logQ = tensor([[Math.log(0.5), Math.log(0.25), Math.log(0.25), -inf]], { dtype });
      const f = (p: Tensor, q: Tensor) => nn.kl(p, q, { log: true });
      near([f(logP, logQ).item()], [0.25 * Math.log(0.5) + 0.75 * Math.log(3)], 1e-6);
      const [gp, gq] = grad(f, [0, 1])(logP, logQ) as Tensor[];
      near(gp.data(), [0.25 * (Math.log(0.5) + 1), 0.75 * (Math.log(3) + 1), 0, 0], 1e-6);
      near(gq.data(), [-0.25, -0.75, 0, 0], 1e-6);
      for (const [which, x] of [
        [0, logP],
        [1, logQ],
      ] as const) {
        const g = (z: Tensor) =>
          sum(square(grad(f, which)(which === 0 ? z : logP, which === 0 ? logQ : z) as Tensor));
        assert.ok((grad(g)(x) as Tensor).data().every(Number.isFinite));
      }
      // Rows of nothing but -Infinity: no mass to move.
      const none = tensor([new Array(3).fill(-inf), [0, 1, -inf]], { dtype });
      const soft = (z: Tensor) => sum(logsumexp(z, { axis: 1 }));
      const s = 1 / (1 + Math.E);
      const [first, second] = both(soft, none) as number[][][];
      near(first.flat(), [0, 0, 0, s, 1 - s, 0], 1e-6);
      near(second.flat(), new Array(6).fill(0), 1e-6);
      // An entropy: p log p where p is 0.
      const entropy = (z: Tensor) => {
        const p = softmax(z);
        return sum(where(greater(p, 0), mul(p, log(p)), 0));
      };
      const [e1, e2] = both(entropy, tensor([[0, 1, -inf]], { dtype })) as number[][][];
      assert.ok([...e1[0], ...e2[0]].every(Number.isFinite));
      assert.is(Math.abs(e1[0][2]), 0);
    }
  }));

test('gaussianKl: value and derivative keep their digits where the logarithm of the variance is almost 0', () =>
  scope(() => {
    for (const v of [1e-3, -1e-6, 1e-9, 1e-20, 0.3, -0.3]) {
      const [zero, x] = [tensor([[0]]), tensor([[v]])];
      // ½ (v² / 2 + v³ / 6 + …), and its derivative ½ (e^v - 1).
      let want = 0;
      for (let n = 20, factorial = 1; n >= 2; n--) {
        factorial = 1;
        for (let k = 2; k <= n; k++) factorial *= k;
        want += v ** n / factorial / 2;
      }
      near([nn.gaussianKl(zero, x).item()], [want], 1e-15 * want);
      near(
        [(grad((z: Tensor) => nn.gaussianKl(zero, z))(x) as Tensor).item()],
        [Math.expm1(v) / 2],
        1e-15 * Math.abs(v),
      );
    }
  }));

test.run();
