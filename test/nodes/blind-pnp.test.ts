// The pose of a camera without matches: the node is pnp of all pairs, weighted by a transport plan.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  broadcastTo,
  checkGradients,
  eye,
  memory,
  mul,
  neg,
  nodes,
  ones,
  reshape,
  ShapeError,
  scope,
  square,
  stack,
  sub,
  type Tensor,
  tensor,
  vjp,
} from '#src/index.js';
import { near, numbers, rejects } from '../support/check.js';
import { rodrigues, sceneOf } from '../support/scenes.js';

const { blindPnp, optimalTransport, pnp } = nodes;

/** Costs that are low for i = j. */
const costs = (n: number, seed: number, share = 0.1) =>
  sub(mul(square(tensor(numbers(n * n, seed), { shape: [n, n] })), share), eye(n));

test('matches that are clear give the pose, without a start', () =>
  scope(() => {
    for (const n of [4, 7, 30])
      for (const objective of ['reprojection', 'cosine', 'huber'] as const) {
        const { p2d, p3d, theta } = sceneOf({ seed: n, n });
        const found = blindPnp(p2d, p3d, costs(n, n), { gamma: 80, objective }).theta.toTypedArray();
        near(rodrigues(Array.from(found)).flat(), rodrigues(theta).flat(), 1e-8, `${n} ${objective}`);
        near(found.slice(3), theta.slice(3), 1e-7, `${n} ${objective}`);
      }
  }));

test('theta and plan are those of pnp and optimalTransport, with their derivatives', () =>
  scope(() => {
    const [m, n] = [5, 6];
    const { p2d, p3d, theta } = sceneOf({ seed: 2, n: 6, noise: 0.02 });
    const image = tensor(p2d.toTypedArray().slice(0, 2 * m), { shape: [m, 2] });
    const M = sub(
      mul(tensor(numbers(m * n, 3), { shape: [m, n] }), 0.2),
      tensor(Array.from(eye(n).toTypedArray()).slice(0, m * n), { shape: [m, n] }),
    );
    const theta0 = tensor(theta);
    const own = (image: Tensor, p3d: Tensor, M: Tensor, gamma: Tensor) => {
      const plan = optimalTransport(M, { gamma });
      const left = reshape(broadcastTo(reshape(image, [m, 1, 2]), [m, n, 2]), [m * n, 2]);
      const right = reshape(broadcastTo(reshape(p3d, [1, n, 3]), [m, n, 3]), [m * n, 3]);
      return { theta: pnp(left, right, { weights: reshape(plan, [m * n]), theta0 }), plan };
    };
    const f = (image: Tensor, p3d: Tensor, M: Tensor, gamma: Tensor) =>
      blindPnp(image, p3d, M, { gamma, theta0 });
    const args = [image, p3d, M, tensor(9)] as const;
    const [got, want] = [vjp(f, ...args), vjp(own, ...args)];
    near(got.value.theta.toTypedArray(), want.value.theta.toTypedArray(), 1e-12);
    near(got.value.plan.toTypedArray(), want.value.plan.toTypedArray(), 1e-14);
    const v = { theta: tensor(numbers(6, 4)), plan: tensor(numbers(m * n, 5), { shape: [m, n] }) };
    const [g, w] = [got.pullback(v), want.pullback(v)];
    g.forEach((x: Tensor, i: number) => void near(x.toTypedArray(), w[i].toTypedArray(), 1e-9, `${i}`));
    assert.ok(Math.max(...g[2].toTypedArray().map(Math.abs)) > 1e-2);
  }));

test('derivatives through the plan, against differences', () =>
  scope(() => {
    const { p2d, p3d, theta } = sceneOf({ seed: 3, n: 4, noise: 0.02 });
    const theta0 = tensor(theta);
    const f = (M: Tensor, gamma: Tensor) =>
      blindPnp(p2d, p3d, M, { gamma, theta0, r: masses, c: masses }).theta;
    const masses = tensor([0.3, 0.2, 0.1, 0.4]);
    checkGradients(f, [costs(4, 5), tensor(6)], { tolerance: 1e-5 });
  }));

test('batches', () =>
  scope(() => {
    const { p2d, p3d, theta } = sceneOf({ seed: 4, n: 5, noise: 0.01 });
    const options = { gamma: 30, theta0: tensor(theta) };
    const M = [costs(5, 1), costs(5, 2)];
    const images = stack([p2d, add(p2d, 0.01)]);
    const single = M.map((cost, k) => blindPnp(k === 0 ? p2d : add(p2d, 0.01), p3d, cost, options));
    const both = blindPnp(images, p3d, stack(M), options);
    assert.equal(both.theta.shape, [2, 6]);
    near(both.theta.toTypedArray(), stack(single.map((s) => s.theta)).toTypedArray(), 1e-12);
    near(both.plan.toTypedArray(), stack(single.map((s) => s.plan)).toTypedArray(), 1e-14);
    // One plan for several images.
    const shared = blindPnp(images, p3d, M[0], options);
    assert.equal(
      [shared.theta.shape, shared.plan.shape],
      [
        [2, 6],
        [5, 5],
      ],
    );
    near(shared.theta.toTypedArray().slice(0, 6), single[0].theta.toTypedArray(), 1e-12);
  }));

test('reports, errors, memory', () => {
  const before = memory().tensors;
  scope(() => {
    const { p2d, p3d } = sceneOf({ seed: 4, n: 5 });
    const reports: nodes.SolveReport[] = [];
    blindPnp(p2d, p3d, neg(eye(5)), { gamma: 60, onSolve: (report) => void reports.push(report) });
    assert.equal(
      reports.map(({ node, problems }) => [node, problems]),
      [['blindPnp', 1]],
    );
    const [square, wide] = [neg(eye(5)), ones([5, 6])];
    rejects(() => blindPnp(p2d, p3d, wide), ShapeError, /blindPnp: M/);
    rejects(() => blindPnp(p2d, p2d, square), ShapeError, /blindPnp: p3d/);
    rejects(() => blindPnp(p2d, p3d, square, { weights: p2d } as object), ArgumentError, /weights/);
    const short = ones([3]);
    rejects(() => blindPnp(p2d, p3d, square, { r: short }), ShapeError, /blindPnp: r/);
    const nan = mul(p3d, Number.NaN);
    rejects(() => blindPnp(p2d, nan, square, { gamma: 60 }), ArgumentError, /blindPnp: p3d must be finite/);
  });
  assert.is(memory().tensors, before);
});

test.run();
