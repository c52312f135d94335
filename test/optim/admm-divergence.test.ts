// ADMM on problems without a solution: it says so, early, with a proof; and never of those that have one.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ConvergenceError,
  eye,
  memory,
  mul,
  optim,
  scope,
  sub,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { near, numbers, property } from '../support/check.js';

const { indicator, l1 } = optim.penalty;
const box = (lower: number, upper: number) => indicator((x) => optim.project.box(x, lower, upper));
const ball = (centre: Tensor, radius: number) =>
  indicator((x) => {
    const moved = optim.project.l2Ball(sub(x, centre), radius);
    return sub(moved, mul(centre, -1));
  });
const run = (problem: Parameters<typeof optim.admm>[0], x0: Tensor, options = {}) =>
  optim.admm(problem, x0, { throws: false, ...options });

test('two balls apart: the distance between them, in the direction of their centres', () =>
  property(
    fc.tuple(
      fc.integer({ min: 1, max: 6 }),
      fc.nat(1e6),
      fc.constantFrom(0.01, 1, 100),
      fc.constantFrom('f64', 'f32'),
    ),
    ([n, seed, rho, dtype]) =>
      scope(() => {
        const [p, q] = [numbers(n, seed), numbers(n, seed + 1).map((value) => value + 3)];
        const apart = Math.hypot(...p.map((value, i) => value - q[i]));
        const centres = [p, q].map((at) => tensor(at, { dtype: dtype as 'f64' }));
        const [f, g] = centres.map((centre) => ball(centre, 0.4 * apart));
        const s = run({ f, g }, zeros([n], { dtype: dtype as 'f64' }), { rho });
        assert.is(s.status, 'infeasible', s.message);
        assert.ok(s.iterations <= 1024, `${s.iterations} iterations`);
        const { y, distance } = s.certificate as { y: Tensor; distance: number };
        const [near1, bound] = dtype === 'f64' ? [1e-3, 1e-6] : [1e-1, 1e-2];
        near(
          y.data(),
          p.map((value, i) => (value - q[i]) / apart),
          near1,
        );
        assert.ok(distance <= 0.2 * apart * (1 + bound) && distance > 0.1 * apart, `${distance}`);
      }),
    40,
  ));

test('a constraint that no x meets, behind matrices; a box against a simplex; an error that has the proof', () =>
  scope(() => {
    // x = z_1 = z_2 with z_1 in [1, 2] and z_2 in [3, 4].
    const [lower, upper] = [tensor([1, 3]), tensor([2, 4])];
    const g = indicator((z) => optim.project.box(z, lower, upper));
    const A = tensor([[1], [1]]);
    const s = run({ f: { P: eye(1) }, g, A }, zeros([1]));
    assert.is(s.status, 'infeasible', s.message);
    near([s.certificate?.y === undefined ? 0 : Math.abs(s.certificate.y.data()[0])], [Math.SQRT1_2], 1e-3);
    const sets = { f: box(1, 2), g: indicator((x) => optim.project.simplex(x)) };
    const before = memory();
    assert.throws(
      () => scope(() => void optim.admm(sets, zeros([3]))),
      (error: unknown) =>
        error instanceof ConvergenceError && /no point meets all constraints/.test(error.message),
    );
    assert.is(memory().tensors, before.tensors);
  }));

test('linear along a ray that the constraints allow: the ray, and its slope', () =>
  scope(() => {
    const q = tensor([1, -2, 0]);
    for (const f of [{ P: zeros([3, 3]), q }, (x: Tensor, t: number) => sub(x, mul(q, t))]) {
      const s = run({ f, g: box(-1, Number.POSITIVE_INFINITY) }, zeros([3]));
      assert.is(s.status, 'unbounded', s.message);
      const { dx, dz, slope } = s.certificate as { dx: Tensor; dz: Tensor; slope: number };
      near(dx.data(), dz.data(), 1e-4);
      near(dx.data(), [0, Math.SQRT1_2, 0], 1e-2);
      near([slope], [-2 * Math.SQRT1_2], 1e-2);
    }
  }));

test('problems with a solution, if barely: nothing is said of them that is not so', () =>
  property(
    fc.tuple(
      fc.integer({ min: 2, max: 6 }),
      fc.nat(1e6),
      fc.constantFrom(0, 1e-3, 0.1),
      fc.constantFrom(1e-3, 1, 1e3),
    ),
    ([n, seed, overlap, unit]) =>
      scope(() => {
        const [p, q] = [numbers(n, seed), numbers(n, seed + 1)].map((at) => at.map((value) => unit * value));
        const apart = Math.hypot(...p.map((value, i) => value - q[i]));
        const balls = [p, q].map((at) => ball(tensor(at), (0.5 + overlap) * apart * (1 + 1e-12)));
        const touching = run({ f: balls[0], g: balls[1] }, zeros([n]), { maxIterations: 3000 });
        // Half-spaces that meet at a small angle, far from the origin.
        const [a, b] = [
          tensor(numbers(n, seed + 2)),
          tensor(numbers(n, seed + 2).map((v, i) => -v + (i ? 0 : 1e-2))),
        ];
        const planes = [a, b].map((normal) => indicator((x) => optim.project.halfSpace(x, normal, -unit)));
        const wedge = run({ f: planes[0], g: planes[1] }, zeros([n]), { maxIterations: 3000 });
        // Some take ten thousand iterations.
        const flat = run({ f: l1(unit), g: planes[0] }, zeros([n]), { maxIterations: 200_000 });
        for (const { status, message } of [touching, wedge, flat])
          assert.ok(['converged', 'maxIterations'].includes(status), message);
        assert.is(flat.status, 'converged', flat.message);
      }),
    60,
  ));

test('a minimiser of one’s own is not asked', () =>
  scope(() => {
    const asked: number[] = [];
    const f = {
      minimiser: (v: Tensor) => {
        asked.push(Math.max(...v.data().map(Math.abs)));
        return optim.project.box(v, 1, 2);
      },
    };
    const s = run({ f, g: box(-2, -1) }, zeros([2]), { maxIterations: 200, adaptRho: false });
    assert.is(s.status, 'maxIterations');
    assert.is(asked.length, 200);
    assert.ok(Math.max(...asked) < 1e4);
  }));

test.run();
