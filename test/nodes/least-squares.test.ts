// leastSquares and ridge: against lstsq and exact formulas, conditioning, both modes to second order, batches, edges, errors.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  astype,
  compile,
  DTypeError,
  expandDims,
  eye,
  grad,
  jvp,
  linalg,
  matmul,
  memory,
  mul,
  nodes,
  ones,
  random,
  ShapeError,
  SingularMatrixError,
  scope,
  sqrt,
  stack,
  sub,
  sum,
  type Tensor,
  take,
  tensor,
  valueAndGrad,
  vjp,
  zeros,
} from '#src/index.js';
import { near, property, rejects, seed } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';

const { leastSquares, ridge } = nodes;
const left = { transposeA: true };
const normal = (shape: readonly number[], k = 0) => random(seed + k).normal(shape);
const largest = (x: Tensor) => Math.max(0, ...Array.from(x.toTypedArray(), Math.abs));
const list = (x: Tensor) => Array.from(x.toTypedArray());
const close = (got: Tensor, want: Tensor, bound: number, what = '') => {
  assert.equal(got.shape, want.shape, what);
  near(list(got), list(want), bound * (1 + largest(want)), what);
};
const weighted = (A: Tensor, b: Tensor, weights: Tensor) => leastSquares(A, b, { weights });

const sizes = fc.record({
  n: fc.integer({ min: 1, max: 6 }),
  more: fc.integer({ min: 1, max: 5 }),
  start: fc.nat(1e6),
});

test('the solution is that of lstsq on the weighted rows', () =>
  property(sizes, ({ n, more, start }) =>
    scope(() => {
      const m = n + more;
      const A = random(start).normal([m, n]);
      const [b, w] = [random(start + 1).normal([m]), add(random(start + 2).uniform([m]), 0.2)];
      const root = sqrt(w);
      const want = linalg.lstsq(mul(A, expandDims(root, 1)), mul(b, root));
      const s = (want.singularValues as Tensor).toTypedArray();
      const bound = (1e-14 * s[0] ** 2) / s[n - 1] ** 2 + 1e-13;
      close(weighted(A, b, w), want.x, bound, 'weighted');
      const plain = linalg.lstsq(A, b);
      const t = (plain.singularValues as Tensor).toTypedArray();
      close(leastSquares(A, b), plain.x, (1e-14 * t[0] ** 2) / t[n - 1] ** 2 + 1e-13, 'plain');
    }),
  ));

/** Q diag(1 … 1/condition) Vᵀ. */
function conditioned(m: number, n: number, condition: number): Tensor {
  const q = linalg.qr(normal([m, n], 3)).q;
  const v = linalg.qr(normal([n, n], 4)).q;
  const s = tensor(Float64Array.from({ length: n }, (_, i) => condition ** (-i / (n - 1))));
  return matmul(mul(q, s), v, { transposeB: true });
}

test('the condition number counts once, not squared', () =>
  scope(() => {
    for (const condition of [1e4, 1e6]) {
      const A = conditioned(30, 6, condition);
      const want = normal([6], 5);
      const b = matmul(A, want);
      close(leastSquares(A, b), want, 1e-14 * condition, `leastSquares ${condition}`);
      close(ridge(A, b, 0), want, 1e-14 * condition, `ridge ${condition}`);
      const byNormal = linalg.solve(matmul(A, A, left), matmul(A, b, left));
      if (condition === 1e6) assert.ok(largest(sub(byNormal, want)) > 1e-8, 'the test tells them apart');
    }
  }));

test('small rows keep their digits beside large ones', () =>
  scope(() => {
    const A = tensor([
      [1, 1, 1],
      [1, -1, 2],
      [1e12, 2e12, 5e12],
      [2, 1, -3],
      [0.5, 3, 1],
    ]);
    const want = tensor([3, -5, 7]);
    const b = matmul(A, want);
    close(leastSquares(A, b), want, 1e-11);
    close(weighted(A, b, tensor([1, 1, 1e-24, 1, 1])), want, 1e-13);
  }));

test('derivatives in A, b and weights, both modes, to second order', () =>
  scope(() => {
    for (const [m, n] of [
      [1, 1],
      [4, 1],
      [3, 3],
      [7, 4],
    ]) {
      const A = add(normal([m, n], m), mul(ones([m, n]), 0.1));
      const args = [A, normal([m], 2), add(random(seed).uniform([m]), 0.5)];
      checkDerivatives(weighted, args, { tolerance: 1e-4 });
      checkDerivatives((a: Tensor, b: Tensor) => leastSquares(a, b), args.slice(0, 2), { tolerance: 1e-4 });
    }
  }));

test('derivatives of ridge in A, b and lambda, both modes, to second order', () =>
  scope(() => {
    for (const [m, n] of [
      [1, 1],
      [6, 3],
      [3, 5],
      [2, 2],
    ]) {
      const args = [normal([m, n], m), normal([m], 2), tensor(0.7)];
      checkDerivatives((a: Tensor, b: Tensor, l: Tensor) => ridge(a, b, l), args, { tolerance: 1e-5 });
    }
  }));

test('ridge: formulas in lambda', () =>
  scope(() => {
    for (const [m, n, lambda] of [
      [8, 5, 0.1],
      [5, 8, 0.5],
      [9, 4, 0],
      [4, 4, 1e8],
    ]) {
      const [A, b, v] = [normal([m, n], 1), normal([m], 2), normal([n], 3)];
      const N = add(matmul(A, A, left), mul(eye(n), lambda));
      const x = linalg.solve(N, matmul(A, b, left));
      close(ridge(A, b, lambda), x, 1e-10);
      const f = (l: Tensor) => ridge(A, b, l);
      const first = linalg.solve(N, x);
      const { tangent } = jvp(f, [tensor(lambda)], [tensor(1)]) as { tangent: Tensor };
      near(
        list(tangent),
        list(first).map((d) => -d),
        1e-9 * largest(first),
      );
      const second = grad(grad((l: Tensor) => sum(mul(v, f(l)))))(tensor(lambda)) as Tensor;
      const want = sum(mul(v, linalg.solve(N, first))).item() * 2;
      near([second.item()], [want], 1e-7 * (largest(linalg.solve(N, first)) * n));
    }
  }));

test('a weight of 0 leaves its row out, and has its derivative', () =>
  scope(() => {
    const [A, b, v] = [normal([6, 3], 1), normal([6], 2), normal([3], 3)];
    const w = tensor([1, 0, 2, 0.5, 0, 1.5]);
    const kept = [0, 2, 3, 5];
    const x = weighted(take(A, kept), take(b, kept), take(w, kept));
    const { value, pullback } = vjp(weighted, A, b, w);
    close(value as Tensor, x, 1e-12, 'value');
    const N = matmul(A, mul(A, expandDims(w, 1)), left);
    const want = mul(sub(b, matmul(A, x)), matmul(A, linalg.solve(N, v)));
    const [dA, db, dw] = pullback(v) as Tensor[];
    close(dw, want, 1e-11, 'gradient');
    for (const row of [1, 4]) {
      assert.equal(
        list(dA)
          .slice(3 * row, 3 * row + 3)
          .map(Math.abs),
        [0, 0, 0],
      );
      assert.is(Math.abs(list(db)[row]), 0);
    }
    // From above, by differences; and the second derivative.
    const at = (t: number) => list(weighted(A, b, add(w, tensor([0, t, 0, 0, 0, 0]))));
    // Of three points, as the curvature of a badly conditioned draw is large.
    const [zero, one, two] = [0, 1e-6, 2e-6].map(at);
    const slope = one.map((p, i) => (4 * p - 3 * zero[i] - two[i]) / 2e-6);
    const { tangent } = jvp((y: Tensor) => weighted(A, b, y), [w], [tensor([0, 1, 0, 0, 0, 0])]);
    near(list(tangent as Tensor), slope, 1e-4 * (1 + largest(tangent as Tensor)));
    const first = (y: Tensor) => grad((z: Tensor) => sum(mul(v, weighted(A, b, z))))(y) as Tensor;
    const second = jvp(first, [w], [tensor([0, 1, 0, 0, 0, 0])]).tangent as Tensor;
    const along = (t: number) => list(first(add(w, tensor([0, t, 0, 0, 0, 0]))));
    const [f0, f1, f2] = [0, 1e-6, 2e-6].map(along);
    const wanted = f1.map((p, i) => (4 * p - 3 * f0[i] - f2[i]) / 2e-6);
    near(list(second), wanted, 1e-3 * (1 + largest(second)));
  }));

test('a batch is a loop over its problems, and what is shared gets the sum', () =>
  scope(() => {
    const [A, b, w] = [normal([2, 1, 5, 3], 1), normal([4, 5], 2), add(random(3).uniform([5]), 0.1)];
    const { value, pullback } = vjp(weighted, A, b, w);
    assert.equal((value as Tensor).shape, [2, 4, 3]);
    const v = normal([2, 4, 3], 4);
    const [dA, db, dw] = (pullback(v) as Tensor[]).map(list);
    const sums = [dA, db, dw].map((g) => g.map(() => 0));
    for (let i = 0; i < 2; i++) {
      for (let j = 0; j < 4; j++) {
        const one = vjp(weighted, take(take(A, i as never), 0 as never), take(b, j as never), w);
        const at = 12 * i + 3 * j;
        assert.equal(list(one.value as Tensor), list(value as Tensor).slice(at, at + 3));
        const [gA, gb, gw] = (one.pullback(tensor(list(v).slice(at, at + 3))) as Tensor[]).map(list);
        gA.forEach((g, k) => void (sums[0][15 * i + k] += g));
        gb.forEach((g, k) => void (sums[1][5 * j + k] += g));
        gw.forEach((g, k) => void (sums[2][k] += g));
      }
    }
    [dA, db, dw].forEach((g, k) => void near(g, sums[k], 1e-12 * (1 + Math.max(...sums[k].map(Math.abs)))));
    const many = ridge(normal([5, 3], 1), normal([5], 2), tensor([0.1, 1, 10]));
    const single = stack(
      [0.1, 1, 10].map((l) => ridge(normal([5, 3], 1), normal([5], 2), l)),
      0,
    );
    assert.equal(list(many), list(single));
  }));

test('empty batches, no columns, no rows', () =>
  scope(() => {
    assert.equal(leastSquares(zeros([0, 4, 2]), zeros([4])).shape, [0, 2]);
    const { value, pullback } = vjp(weighted, zeros([0, 4, 2]), zeros([4]), ones([4]));
    assert.equal((value as Tensor).shape, [0, 2]);
    assert.equal((pullback(zeros([0, 2])) as Tensor[]).map(list), [[], [0, 0, 0, 0], [0, 0, 0, 0]]);
    assert.equal(leastSquares(zeros([3, 0]), ones([3])).shape, [0]);
    assert.equal(list(ridge(zeros([0, 2]), zeros([0]), 1)), [0, 0]);
    assert.equal(list(ridge(tensor([[2]]), tensor([6]), 0)), [3]);
  }));

test('compiled: new numbers, and a report at every run', () =>
  scope(() => {
    let reports = 0;
    const loss = (A: Tensor, b: Tensor, w: Tensor) =>
      sum(mul(leastSquares(A, b, { weights: w, onSolve: () => void reports++ }), tensor([1, -2, 3])));
    const f = valueAndGrad(loss, [0, 1, 2]);
    const args = [normal([6, 3], 1), normal([6], 2), add(random(3).uniform([6]), 0.1)];
    const plan = compile(f);
    for (let run = 0; run < 3; run++) {
      const xs = args.map((x) => mul(x, 1 + run));
      const want = f(...xs) as unknown as { value: Tensor; grad: Tensor[] };
      reports = 0;
      const got = plan(...xs) as unknown as { value: Tensor; grad: Tensor[] };
      assert.is(reports, 1);
      assert.equal(list(got.value), list(want.value));
      got.grad.forEach((g, i) => void close(g, want.grad[i], 1e-13));
    }
    plan.dispose();
  }));

test('the report: once per call, with a residual of rounding', () =>
  scope(() => {
    const seen: nodes.SolveReport[] = [];
    const onSolve = (r: nodes.SolveReport) => void seen.push(r);
    const [A, b] = [normal([3, 7, 4], 1), normal([7], 2)];
    grad((a: Tensor) => sum(leastSquares(a, b, { onSolve })))(A);
    ridge(A, b, 0.2, { onSolve });
    assert.equal(
      seen.map(({ node, problems, iterations, converged }) => [node, problems, iterations, converged]),
      [
        ['leastSquares', 3, 0, true],
        ['ridge', 3, 0, true],
      ],
    );
    for (const { residuals } of seen) {
      assert.equal(Object.keys(residuals), ['stationarity']);
      assert.ok(residuals.stationarity < 1e-14, String(residuals.stationarity));
    }
  }));

test('f32: computed in f64 but for the products, and f32 throughout', () =>
  scope(() => {
    const args = [normal([9, 4], 1), normal([9], 2), add(random(3).uniform([9]), 0.5)];
    const [exact, single] = [args, args.map((x) => astype(x, 'f32'))].map((xs) => {
      const { value, pullback } = vjp(weighted, ...(xs as [Tensor, Tensor, Tensor]));
      return [value as Tensor, ...(pullback(astype(ones([4]), xs[0].dtype)) as Tensor[])];
    });
    single.forEach((x, i) => {
      assert.is(x.dtype, 'f32');
      near(list(x), list(exact[i]), 1e-4 * (1 + largest(exact[i])));
    });
    assert.is(ridge(single[1], astype(normal([9], 2), 'f32'), 0.5).dtype, 'f32');
  }));

test('any scale: values and derivatives of 1e-300 and 1e300', () =>
  scope(() => {
    const [A, b, w] = [normal([5, 3], 1), normal([5], 2), tensor([1, 2, 3, 4, 5])];
    const v = tensor([1, 2, 3]);
    const base = vjp(weighted, A, b, w);
    const wanted = base.pullback(v) as Tensor[];
    for (const scale of [1e-300, 1e-160, 1e160, 1e300]) {
      const { value, pullback } = vjp(weighted, mul(A, scale), mul(b, scale), w);
      close(value as Tensor, base.value as Tensor, 1e-11, `value at ${scale}`);
      const [dA, db, dw] = pullback(v) as Tensor[];
      close(mul(dA, scale), wanted[0], 1e-10, `A at ${scale}`);
      close(mul(db, scale), wanted[1], 1e-10, `b at ${scale}`);
      close(dw, wanted[2], 1e-10, `weights at ${scale}`);
    }
    for (const scale of [1e-300, 1e300]) {
      const { value, pullback } = vjp(weighted, A, b, mul(w, scale));
      close(value as Tensor, base.value as Tensor, 1e-11, `weights times ${scale}`);
      const [dA, , dw] = pullback(v) as Tensor[];
      close(dA, wanted[0], 1e-10);
      close(mul(dw, scale), wanted[2], 1e-10);
    }
    near(list(ridge(A, b, 1e300)), list(mul(matmul(A, b, left), 1e-300)), 1e-312);
  }));

test('what does not determine x is refused, and leaves no memory', () =>
  scope(() => {
    const [A, b] = [
      tensor([
        [1, 2],
        [3, 4],
        [5, 7],
      ]),
      tensor([1, 2, 3]),
    ];
    const deficient = tensor([
      [1, 2],
      [2, 4],
      [3, 6],
    ]);
    const batch = stack([A, deficient, A], 0);
    const bad = (x: number) => tensor([1, x, 2]);
    rejects(() => leastSquares(deficient, b), SingularMatrixError, /leastSquares.*rank.*ridge.*lstsq/s);
    const nothing = zeros([3, 2]);
    const [row, side] = [tensor([[1, 2, 3]]), tensor([1])];
    const first = tensor([1, 0, 0]);
    rejects(() => leastSquares(nothing, b), SingularMatrixError, /rank 0/);
    rejects(() => ridge(row, side, 0), SingularMatrixError, /rank/);
    rejects(() => leastSquares(batch, b), SingularMatrixError, /problem 1 of 3/);
    rejects(() => weighted(A, b, first), SingularMatrixError, /rank/);
    rejects(() => grad((a: Tensor) => sum(leastSquares(a, b)))(deficient), SingularMatrixError, /rank/);
    rejects(() => leastSquares(A, b, { rcond: 0.5 }), SingularMatrixError, /rank/);
    rejects(() => ridge(deficient, b, 0), SingularMatrixError, /ridge.*rank.*lambda/s);

    assert.ok(list(ridge(deficient, b, 1e-8)).every(Number.isFinite));
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const y = bad(value);
      rejects(() => leastSquares(A, y), ArgumentError, /leastSquares: b must be finite.*\[1\]/);
      rejects(() => weighted(A, b, y), ArgumentError, /weights/);
      rejects(() => ridge(A, b, value), ArgumentError, /ridge: lambda/);
    }
    const [hole, wide] = [
      tensor([
        [1, Number.NaN],
        [0, 1],
      ]),
      tensor([[1, 2, 3]]),
    ];
    const [one, two, minus, lambdas] = [tensor([1]), tensor([1, 1]), bad(-1), tensor([1, -1, 2])];
    const single = astype(b, 'f32');
    rejects(() => leastSquares(hole, two), ArgumentError, /A must.*\[0, 1\]/);
    rejects(() => weighted(A, b, minus), ArgumentError, /weights must.*-1 at \[1\]/);
    rejects(() => ridge(A, b, -0.1), ArgumentError, /lambda.*-0\.1/);
    rejects(() => ridge(A, b, lambdas), ArgumentError, /problem 1 of 3/);
    rejects(() => leastSquares(wide, one), ShapeError, /leastSquares: A .* 1 x 3/);
    rejects(() => leastSquares(A, two), ShapeError, /leastSquares: b/);
    rejects(() => weighted(A, b, two), ShapeError, /weights/);
    rejects(() => leastSquares(A, single), DTypeError, /leastSquares: b/);
    rejects(() => leastSquares(A, b, { rcond: -1 }), ArgumentError, /rcond/);
    rejects(() => leastSquares(A, b, { weight: b } as never), ArgumentError, /weights/);
    rejects(() => ridge(A, b, undefined as never), ArgumentError, /lambda/);
  }));

test('a pullback factors nothing, and a recording keeps the factor only', () =>
  scope(() => {
    const [A, b] = [normal([400, 60], 1), normal([400], 2)];
    const before = memory().bytes;
    const { value, pullback, dispose } = vjp((a: Tensor) => leastSquares(a, b), A) as never as {
      value: Tensor;
      pullback: (v: Tensor) => Tensor[];
      dispose: () => void;
    };
    // R is 60 x 60; A itself (400 x 60) is not copied.
    assert.ok(memory().bytes - before < 8 * (60 * 60 + 1000), String(memory().bytes - before));
    const [first, second] = [0, 1].map(() => pullback(ones([60]))[0]);
    assert.equal(list(first), list(second));
    value.dispose();
    dispose?.();
  }));

test.run();
