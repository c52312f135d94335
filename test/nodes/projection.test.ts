// Projections: against quadratic programs and bisection, derivatives against differences, boundaries, magnitudes, batches, errors.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  compile,
  DTypeError,
  grad,
  jacrev,
  mul,
  nodes,
  optim,
  ShapeError,
  scope,
  sum,
  type Tensor,
  tensor,
  vjp,
  zeros,
} from '#src/index.js';
import { near, numbers, property, rejects } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';

type Project = (x: Tensor, options?: { radius?: Tensor | number }) => Tensor;
const sphere =
  (norm: number): Project =>
  (x, options) =>
    nodes.projectSphere(x, { norm, ...options });

const balls: Record<string, Project> = {
  simplex: nodes.projectSimplex,
  l1Ball: nodes.projectL1Ball,
  l2Ball: nodes.projectL2Ball,
  linfBall: nodes.projectLinfBall,
};
const spheres: Record<string, Project> = {
  l1Sphere: sphere(1),
  l2Sphere: sphere(2),
  linfSphere: sphere(Infinity),
};
const all: Record<string, Project> = { ...balls, ...spheres };
const list = (x: Tensor) => Array.from(x.toTypedArray());
const noise = (shape: number[], seed: number) =>
  tensor(
    numbers(
      shape.reduce((p, q) => p * q, 1),
      seed,
    ),
    { shape },
  );

/** Σ max(x_i - t, 0) = radius by bisection. */
function simplexByBisection(x: number[], radius: number): number[] {
  let [low, high] = [Math.min(...x) - radius, Math.max(...x)];
  for (let k = 0; k < 200; k++) {
    const t = (low + high) / 2;
    if (x.reduce((p, v) => p + Math.max(v - t, 0), 0) > radius) low = t;
    else high = t;
  }
  return x.map((v) => Math.max(v - (low + high) / 2, 0));
}

const size = { l1Ball: 1, l2Ball: 2, linfBall: Infinity, l1Sphere: 1, l2Sphere: 2, linfSphere: Infinity };
const norm = (x: number[], p: number) =>
  p === Infinity ? Math.max(...x.map(Math.abs)) : x.reduce((t, v) => t + Math.abs(v) ** p, 0) ** (1 / p);

/** The nearest point by other means. */
function oracle(kind: string, x: number[], radius: number): number[] {
  if (kind === 'simplex') return simplexByBisection(x, radius);
  const p = size[kind as keyof typeof size];
  const isInside = norm(x, p) <= radius;
  if (isInside && kind.endsWith('Ball')) return x;
  if (p === 2) return x.map((v) => (v * radius) / norm(x, 2));
  if (p === 1) {
    const shift = (radius - norm(x, 1)) / x.length;
    return isInside
      ? x.map((v) => v + (v < 0 ? -shift : shift))
      : simplexByBisection(x.map(Math.abs), radius).map((v, i) => (x[i] < 0 ? -v : v));
  }
  if (!isInside) return x.map((v) => Math.min(Math.max(v, -radius), radius));
  const first = x.findIndex((v) => Math.abs(v) === norm(x, Infinity));
  return x.map((v, i) => (i === first ? Math.sign(v) * radius : v));
}

test('nearest points', () => {
  const row = fc.record({
    x: fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 1, maxLength: 9 }),
    radius: fc.constantFrom(0.1, 1, 2.5, 30),
  });
  property(row, ({ x, radius }) => {
    for (const [kind, f] of Object.entries(all)) {
      if (kind.endsWith('Sphere') && x.every((v) => Math.abs(v) < 1e-3)) continue;
      scope(() => near(list(f(tensor(x), { radius })), oracle(kind, x, radius), 1e-12, kind));
    }
  });
});

test('nearest points by quadratic programs', () => {
  for (const seed of [1, 2, 3]) {
    scope(() => {
      const x = numbers(5, seed).map((v) => 2 * v);
      const rows = [...Array(32).keys()].map((k) => [...Array(5).keys()].map((i) => ((k >> i) & 1 ? 1 : -1)));
      const eye = [...Array(5).keys()].map((i) => [...Array(5).keys()].map((j) => (i === j ? 1 : 0)));
      const neg = (A: number[][]) => A.map((r) => r.map((v) => -v));
      const solve = (more: object) =>
        list(optim.quadraticProgram({ P: tensor(eye), q: tensor(x.map((v) => -v)), ...more }).x as Tensor);
      const [G, h] = [tensor(rows), tensor(new Array(32).fill(1.5))];
      near(list(nodes.projectL1Ball(tensor(x), { radius: 1.5 })), solve({ G, h }), 1e-7);
      const box = { G: tensor([...eye, ...neg(eye)]), h: tensor(new Array(10).fill(0.7)) };
      near(list(nodes.projectLinfBall(tensor(x), { radius: 0.7 })), solve(box), 1e-7);
      const A = tensor([[1, 1, 1, 1, 1]]);
      const simplex = { G: tensor(neg(eye)), h: zeros([5]), A, b: tensor([0.9]) };
      near(list(nodes.projectSimplex(tensor(x), { radius: 0.9 })), solve(simplex), 1e-7);
    });
  }
});

test('derivatives in x and radius, inside and outside, to second order', () => {
  for (const [name, f] of Object.entries(all))
    for (const radius of [0.37, 5]) {
      const g = (x: Tensor, r: Tensor) => f(x, { radius: r });
      try {
        checkDerivatives(g, [noise([5], 7), tensor(radius)], { tolerance: 1e-5 });
        checkDerivatives(g, [noise([2, 3], 8), tensor([radius, radius + 1])], { tolerance: 1e-5 });
      } catch (error) {
        (error as Error).message += ` [${name}, ${radius}]`;
        throw error;
      }
    }
});

test('boundaries count as inside, also to rounding', () => {
  scope(() => {
    const eye = [1, 0, 0, 0, 1, 0, 0, 0, 1];
    const jacobian = (f: Project, x: number[], radius: number) =>
      list(jacrev((y: Tensor) => f(y, { radius }))(tensor(x)));
    for (const f of [balls.l1Ball, balls.l2Ball, balls.linfBall]) near(jacobian(f, [1, 0, 0], 1), eye, 0);
    near(jacobian(balls.l1Ball, [0.1, 0.2, -0.7], 1), eye, 0);
    near(jacobian(balls.l2Ball, list(nodes.projectL2Ball(tensor([1, 2, 3]))), 1), eye, 0);
    near(jacobian(balls.l1Ball, list(nodes.projectL1Ball(tensor([1, -2, 3]), { radius: 3.3 })), 3.3), eye, 0);
    // On the threshold of the simplex: left out.
    near(
      jacobian(balls.simplex, [1, 0, -1], 1),
      [1, 0, 0, 0, 0, 0, 0, 0, 0].map(() => 0),
      0,
    );
    near(jacobian(balls.simplex, [1.1, 0.1, 1.1], 2), [0.5, 0, -0.5, 0, 0, 0, -0.5, 0, 0.5], 0);
  });
});

test('conventions where several points are nearest', () => {
  scope(() => {
    near(
      list(nodes.projectSphere(tensor([0, -0.2, 0]), { norm: 1 })),
      [0.8 / 3, -0.2 - 0.8 / 3, 0.8 / 3],
      1e-15,
    );
    near(list(nodes.projectSphere(tensor([0.1, -0.5, 0.5]), { norm: Infinity })), [0.1, -1, 0.5], 0);
    near(list(nodes.projectSphere(tensor([0, 0]), { radius: 0 })), [0, 0], 0);
  });
});

test('radius 0: the derivative in the radius is the limit from above', () => {
  scope(() => {
    for (const [name, f] of Object.entries(all)) {
      const at = (radius: number) => {
        const { value, pullback } = vjp(
          (x: Tensor, r: Tensor) => f(x, { radius: r }),
          tensor([3, -1, 3, 0.5]),
          tensor(radius),
        );
        return [value, ...pullback(tensor([1, 2, 4, 8]))].map(list);
      };
      const [zero, near0] = [at(0), at(1e-9)];
      near(zero[0].map(Math.abs), [0, 0, 0, 0], 0, name);
      near(zero[2], near0[2], 1e-12, name);
      if (name.startsWith('l2') || name.startsWith('linf')) near(zero[1], near0[1], 1e-8, name);
      else near(zero[1], [0, 0, 0, 0], 0, name);
    }
  });
});

test('entries of any size', () => {
  scope(() => {
    const x = [3, -4, 1];
    for (const scale of [1e-300, 1e-160, 1e160, 1e300])
      for (const [name, f] of Object.entries(all)) {
        const got = list(f(tensor(x.map((v) => v * scale)), { radius: 2 * scale }));
        near(
          got.map((v) => v / scale),
          list(f(tensor(x), { radius: 2 })),
          1e-14,
          `${name} ${scale}`,
        );
        const far = list(f(tensor(x.map((v) => v * 1e300)), { radius: 1e-300 }));
        assert.ok(far.every(Number.isFinite) && far.some((v) => v !== 0), name);
        const slope = (s: number) => {
          const { pullback } = vjp(
            (y: Tensor, r: Tensor) => f(y, { radius: r }),
            tensor(x.map((v) => v * s)),
            tensor(2 * s),
          );
          return pullback(tensor([1, 2, 4])).flatMap(list);
        };
        near(slope(scale), slope(1), 1e-13, `${name} ${scale}`);
      }
  });
});

test('batches, radii that are shared, empty batches, plans, f32', () => {
  scope(() => {
    const x = noise([4, 5], 3);
    for (const [name, f] of Object.entries(all)) {
      const [r, V] = [tensor(0.8), noise([4, 5], 4)];
      const g = (y: Tensor, s: Tensor) => f(y, { radius: s });
      const { value, pullback } = vjp(g, x, r);
      const [gx, gr] = pullback(V);
      let total = 0;
      for (let k = 0; k < 4; k++) {
        const row = (z: Tensor) => tensor(list(z).slice(5 * k, 5 * k + 5));
        const one = vjp(g, row(x), r);
        near(list(row(value)), list(one.value), 0, name);
        const [hx, hr] = one.pullback(row(V));
        near(list(row(gx)), list(hx), 0, name);
        total += hr.item();
      }
      near(list(gr), [total], 1e-13, name);
      assert.equal(f(zeros([0, 3])).shape, [0, 3]);
      assert.equal(f(zeros([2, 0])).shape, [2, 0]);
      const loss = (y: Tensor, s: Tensor) => sum(mul(V, g(y, s)));
      const plan = compile(grad(loss, [0, 1]));
      for (const by of [1, 3]) {
        const z = mul(x, by);
        const [a, b] = plan(z, r);
        const [c, d] = grad(loss, [0, 1])(z, r) as [Tensor, Tensor];
        near([...list(a), ...list(b)], [...list(c), ...list(d)], 1e-15, name);
      }
      plan.dispose();
      const single = vjp(g, tensor(list(x), { shape: [4, 5], dtype: 'f32' }), tensor(0.8, { dtype: 'f32' }));
      assert.is(single.value.dtype, 'f32');
      near(list(single.value), list(value), 1e-6, name);
      const [sx, sr] = single.pullback(tensor(list(V), { shape: [4, 5], dtype: 'f32' }));
      near(list(sx), list(gx), 1e-5, name);
      near(list(sr), list(gr), 1e-5, name);
    }
  });
});

test('errors', () => {
  const bad = (f: () => unknown, kind: new (...args: never[]) => Error, text: RegExp) =>
    rejects(() => scope(f), kind as never, text);
  for (const f of Object.values(all)) {
    bad(() => f(tensor([1, Number.NaN])), ArgumentError, /x must be finite, got NaN at \[1\]/);
    bad(() => f(tensor([[1], [Infinity]])), ArgumentError, /x .*problem 1 of 2/);
    bad(() => f(tensor([1]), { radius: -1 }), ArgumentError, /radius .* got -1/);
    bad(() => f(tensor([1]), { radius: tensor(-1) }), ArgumentError, /radius .* got -1/);
    bad(() => f(tensor([1]), { radius: Infinity }), ArgumentError, /radius .* got Infinity/);
    bad(() => f(tensor(1)), ShapeError, /x must have shape/);
    bad(() => f(tensor([1]), { radius: tensor(1, { dtype: 'f32' }) }), DTypeError, /radius/);
    bad(() => f(3 as never), ArgumentError, /x/);
  }
  for (const f of Object.values(spheres))
    bad(
      () =>
        f(
          tensor([
            [1, 1],
            [0, 0],
          ]),
        ),
      ArgumentError,
      /projectSphere: x .*centre.*problem 1 of 2/,
    );
  bad(() => nodes.projectSphere(tensor([1]), { norm: 3 }), ArgumentError, /norm/);
});

test.run();
