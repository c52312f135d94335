// The pose of a camera: scenes without noise, minima, derivatives, batches, errors.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  astype,
  ConvergenceError,
  checkGradients,
  compile,
  concat,
  DTypeError,
  div,
  grad,
  jvp,
  matmul,
  maximum,
  memory,
  minimum,
  mul,
  neg,
  nodes,
  ones,
  random,
  ShapeError,
  SingularMatrixError,
  scope,
  slice,
  sqrt,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  tensor,
  valueAndGrad,
  vjp,
  zeros,
} from '#src/index.js';
import { bitsOf, near, numbers, property, rejects } from '../support/check.js';
import { rodrigues, sceneOf } from '../support/scenes.js';

const { pnp, rotationMatrix } = nodes;

const OBJECTIVES = ['reprojection', 'cosine', 'huber'] as const;
type Objective = (typeof OBJECTIVES)[number];

const K0 = [800, 750, 320, 240];

/** The objective, written anew in operations. */
function costOf(
  objective: Objective,
  theta: Tensor,
  p2d: Tensor,
  p3d: Tensor,
  weights: Tensor,
  K: Tensor = tensor([1, 1, 0, 0]),
  alpha: Tensor | number = 1,
): Tensor {
  const X = add(
    matmul(p3d, rotationMatrix(slice(theta, [0], [3])), { transposeB: true }),
    slice(theta, [3], [6]),
  );
  const [focal, centre] = [slice(K, [0], [2]), slice(K, [2], [4])];
  const n = p2d.shape[0];
  if (objective === 'cosine') {
    const ray = concat([div(sub(p2d, centre), focal), ones([n, 1])], 1);
    const size = (x: Tensor) => sqrt(sum(square(x), { axis: 1 }));
    return sum(mul(weights, sub(1, div(sum(mul(ray, X), { axis: 1 }), mul(size(ray), size(X))))));
  }
  const seen = add(mul(div(slice(X, [0, 0], [n, 2]), slice(X, [0, 2], [n, 3])), focal), centre);
  const squares = sum(square(sub(seen, p2d)), { axis: 1 });
  if (objective === 'reprojection') return sum(mul(weights, squares));
  // z²/2 up to alpha, alpha (z - alpha/2) beyond: with the smaller of both, s, it is s (z - s/2).
  const z = sqrt(maximum(squares, 1e-300));
  const s = minimum(z, alpha);
  return sum(mul(weights, mul(s, sub(z, mul(s, 0.5)))));
}

/** theta and the scene's pose as matrices: vectors of angle π have two signs. */
function assertPose(theta: Tensor, want: readonly number[], bound: number, what: string): void {
  const got = Array.from(theta.toTypedArray());
  near(rodrigues(got).flat(), rodrigues(want).flat(), bound, `${what}: rotation`);
  near(got.slice(3), want.slice(3), bound * 10, `${what}: translation`);
  assert.ok(Math.hypot(...got.slice(0, 3)) <= Math.PI * (1 + 4e-16));
}

test('scenes without noise come back, without a start', () =>
  property(
    fc.record({
      seed: fc.integer({ min: 0, max: 1e6 }),
      n: fc.integer({ min: 4, max: 24 }),
      planar: fc.boolean(),
      angle: fc.oneof(
        fc.double({ min: 0, max: Math.PI, noNaN: true }),
        fc.constantFrom(0, 1e-12, Math.PI - 1e-10, Math.PI),
      ),
      objective: fc.constantFrom(...OBJECTIVES),
      camera: fc.boolean(),
    }),
    ({ objective, camera, ...options }) =>
      scope(() => {
        const K = camera ? K0 : [1, 1, 0, 0];
        const { p2d, p3d, theta } = sceneOf({ ...options, K });
        const found = pnp(p2d, p3d, { objective, K: camera ? tensor(K) : undefined });
        // Four points in bad positions lose some digits.
        assertPose(found, theta, options.n < 6 ? 1e-8 : 1e-10, objective);
      }),
    100,
  ));

test('tiny angles keep their digits', () =>
  scope(() => {
    // Noise of rounding in the image is an absolute error of the angle: without rotation the image is exact.
    const p3d = tensor([
      [-1, -1, 0],
      [1, -1, 0],
      [1, 1, 0],
      [-1, 1, 0],
      [0.5, 0.25, -1],
    ]);
    const p2d = tensor([
      [-0.25, -0.25],
      [0.25, -0.25],
      [0.25, 0.25],
      [-0.25, 0.25],
      [0.5 / 3, 0.25 / 3],
    ]);
    near(pnp(p2d, p3d).toTypedArray(), [0, 0, 0, 0, 0, 4], 1e-15);
    const { theta, ...scene } = sceneOf({ seed: 3, n: 9, angle: 1e-7 });
    near(pnp(scene.p2d, scene.p3d).toTypedArray(), theta, 1e-14);
  }));

test('three points with a start', () =>
  scope(() => {
    for (let seed = 0; seed < 20; seed++) {
      const { p2d, p3d, theta } = sceneOf({ seed, n: 3 });
      const theta0 = add(tensor(theta), mul(tensor(numbers(6, seed)), 1e-3));
      for (const objective of OBJECTIVES)
        assertPose(pnp(p2d, p3d, { theta0, objective }), theta, 1e-8, `${seed}`);
    }
  }));

test('the solution is stationary and a minimum', () =>
  scope(() => {
    for (const objective of OBJECTIVES)
      for (let seed = 0; seed < 5; seed++) {
        const { p2d, p3d } = sceneOf({ seed, n: 10, noise: 0.02 });
        const weights = add(tensor(numbers(10, seed)), 1.1);
        const alpha = 0.01;
        const theta = pnp(p2d, p3d, { weights, objective, alpha });
        const f = (x: Tensor) => costOf(objective, x, p2d, p3d, weights, undefined, alpha);
        near(grad(f)(theta).toTypedArray(), zeros([6]).data(), 1e-13, objective);
        const cost = f(theta).item();
        for (let k = 0; k < 10; k++)
          assert.ok(f(add(theta, mul(tensor(numbers(6, 7 * seed + k)), 1e-3))).item() > cost, objective);
      }
  }));

test('the scale of the weights does not matter, and a weight of 0 leaves a point out', () =>
  scope(() => {
    const { p2d, p3d, theta } = sceneOf({ seed: 5, n: 9, noise: 0.02 });
    const weights = add(tensor(numbers(9, 5)), 1.1);
    const theta0 = tensor(theta);
    const found = pnp(p2d, p3d, { weights, theta0 });
    for (const scale of [1e-120, 1e120])
      near(
        pnp(p2d, p3d, { weights: mul(weights, scale), theta0 }).toTypedArray(),
        found.toTypedArray(),
        1e-12,
      );
    const w = weights.toTypedArray();
    w[2] = 0;
    const keep = (x: Tensor) => concat([slice(x, [0], [2]), slice(x, [3], [9])], 0);
    const rows = (x: Tensor) =>
      concat([slice(x, [0, 0], [2, x.shape[1]]), slice(x, [3, 0], [9, x.shape[1]])], 0);
    const less = pnp(rows(p2d), rows(p3d), { weights: keep(tensor(w)), theta0 });
    const r = vjp((weights: Tensor) => pnp(p2d, p3d, { weights, theta0 }), tensor(w));
    near(r.value.toTypedArray(), less.toTypedArray(), 1e-12);
    // Its derivative is the one from above.
    const v = tensor(numbers(6, 8));
    const at = (e: number) => {
      w[2] = e;
      return sum(mul(v, pnp(p2d, p3d, { weights: tensor(w), theta0 }))).item();
    };
    const [zero, one, two] = [at(0), at(1e-5), at(2e-5)];
    near([r.pullback(v)[0].toTypedArray()[2]], [(4 * one - two - 3 * zero) / 2e-5], 1e-7);
  }));

test('outliers: Huber from RANSAC is near the pose', () =>
  scope(() => {
    for (let seed = 0; seed < 10; seed++) {
      const { p2d, p3d, theta } = sceneOf({ seed, n: 40, outliers: 12, noise: 1e-4, K: K0 });
      const K = tensor(K0);
      const ransac = { iterations: 500, threshold: 2, seed };
      assertPose(pnp(p2d, p3d, { K, objective: 'huber', alpha: 0.1, ransac }), theta, 2e-2, `seed ${seed}`);
    }
  }));

test('the same bits at every call, whatever else is drawn', () =>
  scope(() => {
    const { p2d, p3d } = sceneOf({ seed: 11, n: 60, outliers: 20, noise: 1e-3 });
    const first = bitsOf(pnp(p2d, p3d, { objective: 'huber', alpha: 0.01 }));
    random(3).uniform([5]);
    assert.equal(bitsOf(pnp(p2d, p3d, { objective: 'huber', alpha: 0.01 })), first);
  }));

test('first and second derivatives in all arguments, both modes', () =>
  scope(() => {
    for (const objective of OBJECTIVES)
      for (const seed of [1]) {
        const { p2d, p3d, theta } = sceneOf({ seed, n: 5, noise: 0.05 });
        const weights = add(tensor(numbers(5, seed)), 1.2);
        const K = tensor([1.1, 0.9, 0.05, -0.02]);
        const theta0 = tensor(theta);
        const start = pnp(p2d, p3d, { weights, K, theta0, objective, alpha: 0.04 });
        const f = (p2d: Tensor, p3d: Tensor, weights: Tensor, K: Tensor, alpha: Tensor) =>
          pnp(p2d, p3d, { weights, K, alpha, theta0: start, objective });
        checkGradients(f, [p2d, p3d, weights, K, tensor(0.04)], { order: 2, tolerance: 1e-4 });
      }
  }));

test('derivatives at angle 0, at tiny angles, near π, and without noise', () =>
  scope(() => {
    for (const objective of OBJECTIVES)
      for (const angle of [0, 1e-9, 3.1]) {
        const { p2d, p3d, theta } = sceneOf({ seed: 4, n: 4, angle });
        const theta0 = tensor(theta);
        const f = (p2d: Tensor, p3d: Tensor) => pnp(p2d, p3d, { theta0, objective });
        checkGradients(f, [p2d, p3d], { order: angle === 1e-9 ? 1 : 2, tolerance: 1e-4 });
      }
  }));

test('Σ w dw = 0, the start has zeros, a numeric alpha is a constant', () =>
  scope(() => {
    const { p2d, p3d, theta } = sceneOf({ seed: 6, n: 8, noise: 0.05 });
    const weights = add(tensor(numbers(8, 6)), 1.2);
    const v = tensor(numbers(6, 1));
    const f = (weights: Tensor, theta0: Tensor) =>
      pnp(p2d, p3d, { weights, theta0, objective: 'huber', alpha: 0.05 });
    const { pullback } = vjp(f, weights, tensor(theta));
    const [dw, d0] = pullback(v);
    near([sum(mul(dw, weights)).item()], [0], 1e-12);
    near(d0.toTypedArray(), zeros([6]).data(), 0);
    assert.ok(dw.toTypedArray().some((x: number) => Math.abs(x) > 1e-3));
    near(pullback(v)[0].toTypedArray(), dw.toTypedArray(), 0);
    near(
      jvp((theta0: Tensor) => f(weights, theta0), [tensor(theta)], [v]).tangent.toTypedArray(),
      zeros([6]).data(),
      0,
    );
  }));

test('a batch is a loop, and what is shared gets the sum', () =>
  scope(() => {
    const scenes = [0, 1, 2].map((k) => sceneOf({ seed: 9, n: 8, noise: 0.01 * (k + 1) }));
    const { p3d } = scenes[0];
    const weights = add(tensor(numbers(8, 2)), 1.2);
    const V = tensor([numbers(6, 1), numbers(6, 2), numbers(6, 3)]);
    const f = (p2d: Tensor, p3d: Tensor, weights: Tensor) => pnp(p2d, p3d, { weights });
    const whole = vjp(f, stack(scenes.map(({ p2d }) => p2d)), p3d, weights);
    const [d2, d3, dw] = whole.pullback(V);
    const single = scenes.map(({ p2d }, k) => {
      const { value, pullback } = vjp(f, p2d, p3d, weights);
      return { value, grads: pullback(tensor(numbers(6, k + 1))) };
    });
    near(whole.value.toTypedArray(), stack(single.map(({ value }) => value)).toTypedArray(), 0, 'value');
    near(d2.toTypedArray(), stack(single.map(({ grads }) => grads[0])).toTypedArray(), 1e-12, 'p2d');
    near(
      d3.toTypedArray(),
      sum(stack(single.map(({ grads }) => grads[1])), { axis: 0 }).toTypedArray(),
      1e-11,
      'p3d',
    );
    near(
      dw.toTypedArray(),
      sum(stack(single.map(({ grads }) => grads[2])), { axis: 0 }).toTypedArray(),
      1e-11,
      'weights',
    );
    assert.equal(d3.shape, [8, 3]);
    assert.equal(pnp(zeros([0, 5, 2]), zeros([5, 3])).shape, [0, 6]);
    assert.equal(pnp(stack([stack([scenes[0].p2d])]), p3d).shape, [1, 1, 6]);
  }));

test('a far origin costs no digits', () =>
  scope(() => {
    const { p2d, p3d } = sceneOf({ seed: 8, n: 8, noise: 0.01 });
    const far = add(p3d, tensor([1e6, -2e6, 5e5]));
    const v = tensor([1, 2, -1, 0, 0, 0]);
    const second = (points: Tensor) => {
      const theta0 = pnp(p2d, points);
      const first = grad((x: Tensor) => sum(mul(v, pnp(x, points, { theta0 }))));
      return [theta0, first(p2d), jvp(first, [p2d], [p2d]).tangent].map(
        (x) => Array.from(x.toTypedArray()) as number[],
      );
    };
    const [got, want] = [second(far), second(p3d)];
    near(got[0].slice(0, 3), want[0].slice(0, 3), 1e-8);
    near(got[1], want[1], 1e-7);
    near(got[2], want[2], 1e-6);
  }));

test('a compiled plan solves anew', () =>
  scope(() => {
    const { p2d, p3d, theta } = sceneOf({ seed: 8, n: 8, noise: 0.01 });
    const theta0 = tensor(theta);
    const f = valueAndGrad((x: Tensor) => sum(pnp(x, p3d, { theta0, objective: 'huber', alpha: 0.005 })));
    const plan = compile(f);
    for (const factor of [1, 1.01]) {
      const x = mul(p2d, factor);
      near(plan(x).grad.toTypedArray(), f(x).grad.toTypedArray(), 1e-11);
    }
    plan.dispose();
  }));

test('reports', () =>
  scope(() => {
    const { p2d, p3d, theta } = sceneOf({ seed: 6, n: 8, noise: 0.05 });
    const reports: nodes.SolveReport[] = [];
    const onSolve = (report: nodes.SolveReport) => void reports.push(report);
    pnp(stack([p2d, p2d]), p3d, { onSolve });
    grad((x: Tensor) => sum(pnp(x, p3d, { onSolve, theta0: tensor(theta) })))(p2d);
    assert.equal(
      reports.map((r) => [r.node, r.problems, r.converged]),
      [
        ['pnp', 2, true],
        ['pnp', 1, true],
      ],
    );
    for (const { residuals, iterations } of reports) {
      assert.equal(Object.keys(residuals), ['stationarity']);
      assert.ok(residuals.stationarity < 1e-14, `${residuals.stationarity}`);
      assert.ok(iterations > 0 && iterations < 30);
    }
  }));

test('f32', () =>
  scope(() => {
    const { p2d, p3d, theta } = sceneOf({ seed: 6, n: 8, noise: 0.05 });
    const single = (x: Tensor) => astype(x, 'f32');
    const f = (x: Tensor, y: Tensor) => pnp(x, y, { theta0: astype(tensor(theta), x.dtype as 'f32') });
    const [want, got] = [vjp(f, p2d, p3d), vjp(f, single(p2d), single(p3d))];
    assert.is(got.value.dtype, 'f32');
    near(got.value.toTypedArray(), want.value.toTypedArray(), 1e-5);
    const v = tensor(numbers(6, 1));
    const [g, w] = [got.pullback(single(v)), want.pullback(v)];
    g.forEach((x: Tensor, i: number) => {
      assert.is(x.dtype, 'f32');
      near(x.toTypedArray(), w[i].toTypedArray(), 1e-3);
    });
  }));

test('memory is what it was, and does not grow with the iterations', () =>
  scope(() => {
    const { p2d, p3d, theta } = sceneOf({ seed: 6, n: 8, noise: 0.05 });
    const theta0 = tensor(theta.map((x) => x + 0.3));
    const before = memory();
    pnp(p2d, p3d).dispose();
    const r = vjp((x: Tensor) => pnp(x, p3d, { theta0 }), p2d);
    const held = memory().tensors;
    for (let k = 0; k < 3; k++) for (const g of r.pullback(r.value)) g.dispose();
    // What all pullbacks share is kept by the first.
    assert.ok(memory().tensors <= held + 1);
    r.value.dispose();
    r.dispose();
    assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
  }));

test('not converged: an error, or the best point without a derivative', () =>
  scope(() => {
    const { p2d, p3d, theta } = sceneOf({ seed: 6, n: 8, noise: 0.05 });
    const theta0 = tensor(theta.map((x) => x + 0.2));
    rejects(
      () => pnp(p2d, p3d, { theta0, maxIterations: 1 }),
      ConvergenceError,
      /pnp: not converged after 1 iterations/,
    );
    const many = stack([tensor(theta.map((x) => x + 0.4)), pnp(p2d, p3d)]);
    rejects(() => pnp(p2d, p3d, { theta0: many, maxIterations: 1 }), ConvergenceError, /problem 0 of 2/);
    const options = { theta0, maxIterations: 2, throws: false };
    assert.equal(pnp(p2d, p3d, options).shape, [6]);
    rejects(
      () => grad((x: Tensor) => sum(pnp(x, p3d, options)))(p2d),
      ConvergenceError,
      /only at a solution/,
    );
  }));

test('points behind the camera', () =>
  scope(() => {
    const { p2d, p3d, theta } = sceneOf({ seed: 6, n: 8 });
    // Seen from the other side: the image is the same, all depths are negative.
    const R = rodrigues(theta);
    const turned = rodrigues([0, 0, Math.PI]).map((row) =>
      R[0].map((_, j) => row.reduce((s, x, k) => s + x * R[k][j], 0)),
    );
    const mirrored = neg(matmul(p3d, tensor(turned), { transposeB: true }));
    const behind = sub(mirrored, tensor([0, 0, 5]));
    const image = div(slice(behind, [0, 0], [8, 2]), slice(behind, [0, 2], [8, 3]));
    const theta0 = zeros([6]);
    rejects(
      () => pnp(image, behind, { theta0 }),
      ConvergenceError,
      /pnp: 8 of the points are behind the camera/,
    );
    const [images, points] = [stack([p2d, image]), stack([p3d, behind])];
    const starts = stack([tensor(theta), theta0]);
    rejects(() => pnp(images, points, { theta0: starts }), ConvergenceError, /problem 1 of 2/);
    const best = pnp(image, behind, { theta0, throws: false });
    near(best.toTypedArray(), theta0.data(), 1e-10);
    rejects(
      () => grad((x: Tensor) => sum(pnp(x, behind, { theta0, throws: false })))(image),
      ConvergenceError,
      /solution/,
    );
  }));

test('a pose that is not unique has no derivative', () =>
  scope(() => {
    // Beyond alpha, points that lie in one line of sight say nothing of where on it the camera is.
    const { p2d, p3d } = sceneOf({ seed: 6, n: 4 });
    const weights = tensor([1, 1, 1, 1]);
    assert.equal(pnp(p2d, p3d, { weights }).shape, [6]);
    // Three points on the danger cylinder: the centre of the camera on the cylinder over the circle through them.
    const p = tensor([
      [1, 0, 0],
      [-0.5, Math.sqrt(0.75), 0],
      [-0.5, -Math.sqrt(0.75), 0],
    ]);
    const X = add(p, tensor([1, 0, 3]));
    const image = div(slice(X, [0, 0], [3, 2]), slice(X, [0, 2], [3, 3]));
    const f = (x: Tensor) => sum(pnp(x, p, { theta0: tensor([0, 0, 0, 1, 0, 3]) }));
    const before = memory().tensors;
    assert.throws(
      () => grad(f)(image),
      (e: unknown) => e instanceof SingularMatrixError && /pnp.*unique/.test(e.message),
    );
    assert.is(memory().tensors, before);
  }));

test('errors name the function and the argument', () =>
  scope(() => {
    const { p2d, p3d } = sceneOf({ seed: 1, n: 6 });
    const line = tensor([0, 1, 2, 3, 4, 5].map((k) => [0.1 * k, 0.7 - 0.3 * k, 3 + 0.7 * k]));
    const [two2, two3] = [zeros([2, 2]), zeros([2, 3])];
    const w = (...xs: number[]) => tensor(xs);
    const theta0 = zeros([6]);
    const cases: [string, () => Tensor, new (...args: never[]) => Error, RegExp][] = [
      ['two points', () => pnp(two2, two3), ArgumentError, /pnp: at least 4 points .*theta0, got 2$/],
      [
        'two points, start',
        () => pnp(two2, two3, { theta0 }),
        ArgumentError,
        /pnp: at least 3 points .* got 2$/,
      ],
      [
        'weights of 0',
        () => pnp(p2d, p3d, { weights: given.zero }),
        ArgumentError,
        /at least 4 points of positive weight.*got 3/,
      ],
      ['line', () => pnp(p2d, line), ArgumentError, /pnp: .*p3d lie on a line/],
      ['line in a batch', () => pnp(p2d, given.both), ArgumentError, /line \(problem 1 of 2\)/],
      ['one point', () => pnp(p2d, given.same), ArgumentError, /line/],
      ['shape', () => pnp(p2d, p2d), ShapeError, /pnp: p3d/],
      ['other count', () => pnp(p2d, two3), ShapeError, /p3d/],
      ['shape of weights', () => pnp(p2d, p3d, { weights: given.three }), ShapeError, /weights/],
      ['shape of K', () => pnp(p2d, p3d, { K: given.three }), ShapeError, /\bK\b/],
      ['shape of theta0', () => pnp(p2d, p3d, { theta0: given.three }), ShapeError, /theta0/],
      ['dtype', () => pnp(given.single, p3d), DTypeError, /pnp: p3d/],
      [
        'negative',
        () => pnp(p2d, p3d, { weights: given.minus }),
        ArgumentError,
        /weights must be at least 0, got -1 at \[4\]/,
      ],
      ['NaN', () => pnp(p2d, p3d, { weights: given.nan }), ArgumentError, /weights must be finite, got NaN/],
      ['NaN in K', () => pnp(p2d, p3d, { K: given.nanK }), ArgumentError, /K must be finite/],
      [
        'focal length',
        () => pnp(p2d, p3d, { K: given.flat }),
        ArgumentError,
        /K must be a focal length other than 0, got 0 at \[1\]/,
      ],
      [
        'alpha',
        () => pnp(p2d, p3d, { alpha: 0, objective: 'huber' }),
        ArgumentError,
        /alpha must be above 0, got 0/,
      ],
      [
        'objective',
        () => pnp(p2d, p3d, { objective: 'l1' as 'huber' }),
        ArgumentError,
        /objective must be 'reprojection', 'cosine' or 'huber', got/,
      ],
      ['option', () => pnp(p2d, p3d, { weight: 1 } as object), ArgumentError, /weight/],
      ['tolerance', () => pnp(p2d, p3d, { tolerance: 0 }), ArgumentError, /tolerance/],
      ['ransac', () => pnp(p2d, p3d, { ransac: { iterations: 0 } }), ArgumentError, /ransac.iterations/],
      ['threshold', () => pnp(p2d, p3d, { ransac: { threshold: -1 } }), ArgumentError, /ransac.threshold/],
      ['seed', () => pnp(p2d, p3d, { ransac: { seed: 0.5 } }), ArgumentError, /ransac.seed/],
    ];
    const given = {
      zero: w(1, 1, 0, 0, 0, 1),
      both: stack([p3d, line]),
      same: ones([6, 3]),
      three: ones([3]),
      single: astype(p2d, 'f32'),
      minus: w(1, 1, 1, 1, -1, 1),
      nan: w(1, 1, 1, 1, Number.NaN, 1),
      nanK: w(1, 1, Number.NaN, 0),
      flat: w(1, 0, 0, 0),
    };
    for (const [name, f, kind, message] of cases) {
      try {
        rejects(f, kind as never, message);
      } catch (error) {
        throw new Error(`${name}: ${(error as Error).message}`);
      }
    }
  }));

test.run();
