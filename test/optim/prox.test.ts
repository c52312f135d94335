// Proximal operators and projections: feasible, idempotent, nearest; optimal by subgradients and Moreau's identity; batches, edges.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  CotangentError,
  grad,
  linalg,
  matmul,
  optim,
  scope,
  slice,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  transpose,
  zeros,
} from '#src/index.js';
import { EPSILON, near, numbers, property, rejects } from '../support/check.js';

const { prox, project } = optim;
type Map = (x: Tensor) => Tensor;
const norm = (p: 1 | 2 | 'inf') => (x: ArrayLike<number>) => {
  const sizes = Array.from(x, Math.abs);
  if (p === 'inf') return Math.max(0, ...sizes);
  return p === 1 ? sizes.reduce((a, b) => a + b, 0) : Math.hypot(...sizes);
};
const dot = (x: ArrayLike<number>, y: ArrayLike<number>) =>
  Array.from(x).reduce((s, v, i) => s + v * y[i], 0);
const dtypes = ['f64', 'f32'] as const;

/** A vector whose entries go over some orders of magnitude, with ties and zeros. */
const vectors = fc
  .record({ n: fc.integer({ min: 1, max: 12 }), seed: fc.nat(1e6), scale: fc.constantFrom(0.1, 1, 30) })
  .map(({ n, seed, scale }) =>
    numbers(n, seed).map((v, i) => (i % 4 === 3 ? 0 : i % 5 === 4 ? 0.5 : v) * scale),
  );
const radii = fc.constantFrom(0, 1e-3, 0.3, 1, 7);

/** For a radius and a dimension: the projection, and whether a point lies in the set up to a tolerance. */
const sets: Record<
  string,
  (r: number, n: number) => { map: Map; has(x: ArrayLike<number>, e: number): boolean }
> = {
  l1Ball: (r) => ({ map: (x) => project.l1Ball(x, r), has: (x, e) => norm(1)(x) <= r + e }),
  l2Ball: (r) => ({ map: (x) => project.l2Ball(x, r), has: (x, e) => norm(2)(x) <= r + e }),
  linfBall: (r) => ({ map: (x) => project.linfBall(x, r), has: (x, e) => norm('inf')(x) <= r + e }),
  box: (r) => ({
    map: (x) => project.box(x, -r, 2 * r),
    has: (x, e) => Array.from(x).every((v) => v >= -r - e && v <= 2 * r + e),
  }),
  simplex: (r) => ({
    map: (x) => project.simplex(x, r),
    has: (x, e) => Array.from(x).every((v) => v >= 0) && Math.abs(dot(x, Array(x.length).fill(1)) - r) <= e,
  }),
  halfSpace: (r, n) => {
    const a = numbers(n, 77);
    return {
      map: (x) => scope(() => project.halfSpace(x, tensor(a, { dtype: x.dtype }), r)),
      has: (x, e) => dot(a, x) <= r + e * norm(2)(a),
    };
  },
  hyperplane: (r, n) => {
    const a = numbers(n, 78);
    return {
      map: (x) => scope(() => project.hyperplane(x, tensor(a, { dtype: x.dtype }), r)),
      has: (x, e) => Math.abs(dot(a, x) - r) <= e * norm(2)(a),
    };
  },
  secondOrderCone: () => ({
    map: project.secondOrderCone,
    has: (x, e) => norm(2)(Array.from(x).slice(1)) <= x[0] + e,
  }),
};

test('projections are feasible, idempotent, and nearest: <x - Px, z - Px> <= 0 for every z of the set', () => {
  for (const [name, make] of Object.entries(sets)) {
    property(fc.tuple(vectors, vectors, radii, fc.constantFrom(...dtypes)), ([v, w, r, dtype]) =>
      scope(() => {
        const n = v.length;
        const { map, has } = make(r, n);
        const [x, other] = [
          tensor(v, { dtype }),
          tensor(
            numbers(n, 5).map((u, i) => (w[i] ?? u) * 2),
            { dtype },
          ),
        ];
        const [p, z] = [map(x), map(other)];
        const size = 1 + norm('inf')(x.data()) + norm('inf')(z.data()) + r;
        const e = 16 * n * EPSILON[dtype] * size;
        assert.ok(has(p.data(), e), `${name}: ${p} of ${x} is not in the set of size ${r}`);
        near(map(p).data(), p.data(), e, `${name} idempotent`);
        const [a, b, c] = [x.data(), p.data(), z.data()];
        const inner = dot(
          Array.from(a, (u, i) => u - b[i]),
          Array.from(c, (u, i) => u - b[i]),
        );
        assert.ok(inner <= 4 * n * e * size, `${name}: ${inner} for ${x}, ${p}, ${z}`);
        if (has(a, 0) && name !== 'simplex' && name !== 'hyperplane')
          near(b, a, 0, `${name} keeps what is in the set`);
      }),
    );
  }
});

test('positive semidefinite matrices: feasible, idempotent, nearest, the symmetric part, stacks', () => {
  property(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.nat(1e6)), ([n, seed]) =>
    scope(() => {
      const x = tensor(numbers(2 * n * n, seed), { shape: [2, n, n] });
      const p = project.positiveSemidefinite(x);
      assert.equal(p.shape, [2, n, n]);
      for (const value of linalg.eigvalsh(p).data()) assert.ok(value >= -1e-14);
      near(project.positiveSemidefinite(p).data(), p.data(), 1e-13);
      near(transpose(p, [0, 2, 1]).data(), p.data(), 0);
      const g = tensor(numbers(n * n, seed + 1), { shape: [n, n] });
      const z = matmul(g, transpose(g)).data();
      const [a, b] = [x.data().subarray(0, n * n), p.data().subarray(0, n * n)];
      const symmetric = Array.from(a, (v, i) => (v + a[(i % n) * n + Math.floor(i / n)]) / 2);
      const inner = dot(
        symmetric.map((v, i) => v - b[i]),
        Array.from(z, (v, i) => v - b[i]),
      );
      assert.ok(inner <= 1e-12);
    }),
  );
});

/** Proxes of norms, and the subgradients of each norm by its dual ball. */
const norms: Record<
  string,
  { map(x: Tensor, t: number): Tensor; f(x: ArrayLike<number>): number; dual: Map }
> = {
  l1: { map: prox.l1, f: norm(1), dual: project.linfBall },
  l2: { map: prox.l2, f: norm(2), dual: project.l2Ball },
  linf: { map: prox.linf, f: norm('inf'), dual: project.l1Ball },
};

test('proxes of norms: x - prox is t times the projection of x / t to the ball of the dual norm (Moreau)', () => {
  for (const [name, { map, dual }] of Object.entries(norms)) {
    property(fc.tuple(vectors, radii, fc.constantFrom(...dtypes)), ([v, t, dtype]) =>
      scope(() => {
        const x = tensor(v, { dtype });
        const p = map(x, t).data();
        const e = 8 * v.length * EPSILON[dtype] * (1 + norm('inf')(v));
        if (t === 0) near(p, x.data(), 0, name);
        else {
          const ball = dual(tensor(Array.from(x.data(), (u) => u / t))).data();
          near(
            p,
            Array.from(x.data(), (u, i) => u - t * ball[i]),
            e,
            `${name} ${t}`,
          );
        }
      }),
    );
  }
});

test('proxes are optimal: no point nearby, and none on the way to any other, has a smaller t f(z) + |z - x|² / 2', () => {
  const smooth = {
    ...norms,
    squaredL2: { map: prox.squaredL2, f: (x: ArrayLike<number>) => dot(x, x) / 2 },
    elasticNet: {
      map: (x: Tensor, t: number) => prox.elasticNet(x, t, 0.3),
      f: (x: ArrayLike<number>) => 0.3 * norm(1)(x) + 0.35 * dot(x, x),
    },
  };
  for (const [name, { map, f }] of Object.entries(smooth)) {
    property(fc.tuple(vectors, radii, fc.nat(1e6)), ([v, t, seed]) =>
      scope(() => {
        const p = Array.from(map(tensor(v), t).data());
        const cost = (z: number[]) => t * f(z) + 0.5 * norm(2)(z.map((u, i) => u - v[i])) ** 2;
        const least = cost(p);
        const q = numbers(v.length, seed);
        for (const h of [1e-4, 0.01, 0.3]) {
          for (const z of [
            p.map((u, i) => u + h * q[i]),
            p.map((u, i) => (1 - h) * u + h * v[i]),
            p.map((u) => u * (1 - h)),
          ])
            assert.ok(cost(z) >= least - 1e-13 * (1 + least), `${name} ${t}: ${cost(z)} < ${least}`);
        }
      }),
    );
  }
});

test('the nuclear norm: singular values are soft thresholded, in stacks', () => {
  property(
    fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), fc.nat(1e6), radii),
    ([m, n, seed, t]) =>
      scope(() => {
        const x = tensor(numbers(2 * m * n, seed), { shape: [2, m, n] });
        const p = prox.nuclear(x, t);
        const [before, after] = [linalg.svdvals(x).data(), linalg.svdvals(p).data()];
        near(
          after,
          Array.from(before, (s) => Math.max(s - t, 0)),
          1e-13,
        );
        // (x - p) / t lies in the ball of the spectral norm, and aligned with p: an element of the subdifferential.
        const [a, b] = [x.data(), p.data()];
        const inner = dot(
          b,
          Array.from(a, (v, i) => v - b[i]),
        );
        near([inner], [t * dot(after, Array(after.length).fill(1))], 1e-12);
      }),
  );
});

test('the conjugate of a norm projects to the ball of the dual norm', () => {
  property(fc.tuple(vectors, fc.constantFrom(0.1, 1, 5)), ([v, t]) =>
    scope(() => {
      const x = tensor(v);
      for (const [name, { map, dual }] of Object.entries(norms))
        near(
          prox.conjugate(map)(x, t).data(),
          dual(x).data(),
          1e-13 * (1 + 5 * norm('inf')(v)) * v.length,
          name,
        );
    }),
  );
});

test('leading axes are a batch: every row is what it is alone; scalars and empty tensors work', () =>
  scope(() => {
    const x = tensor(
      numbers(12, 4).map((v) => 3 * v),
      { shape: [2, 2, 3] },
    );
    const normal = tensor([1, -2, 0.5]);
    const maps: [string, Map][] = [
      ...Object.entries(norms).map(([name, { map }]): [string, Map] => [name, (y) => map(y, 0.4)]),
      ['l1Ball', (y) => project.l1Ball(y)],
      ['l2Ball', (y) => project.l2Ball(y)],
      ['linfBall', (y) => project.linfBall(y)],
      ['simplex', (y) => project.simplex(y)],
      ['cone', project.secondOrderCone],
      ['halfSpace', (y) => (y.size === 0 || y.ndim === 0 ? y : project.halfSpace(y, normal, 0.1))],
    ];
    for (const [name, map] of maps) {
      const all = map(x);
      assert.equal(all.shape, x.shape);
      for (let i = 0; i < 2; i++)
        for (let j = 0; j < 2; j++)
          near(
            slice(all, [i, j, 0], [i + 1, j + 1, 3]).data(),
            map(tensor(x.data().slice(6 * i + 3 * j, 6 * i + 3 * j + 3))).data(),
            0,
            name,
          );
      assert.equal(map(zeros([0])).shape, [0], name);
      assert.equal(map(zeros([0, 3])).shape, [0, 3], name);
      assert.equal(map(tensor(2)).shape, [], name);
    }
  }));

test('huge and tiny entries neither overflow nor vanish; NaN gives NaN', () =>
  scope(() => {
    for (const s of [1e300, 1e-300]) {
      near(project.simplex(tensor([3 * s, s, -s])).data(), s > 1 ? [1, 0, 0] : [1 / 3, 1 / 3, 1 / 3], 1e-15);
      near(project.l2Ball(tensor([3 * s, 4 * s])).data(), s > 1 ? [0.6, 0.8] : [3 * s, 4 * s], 1e-15);
      near(project.l1Ball(tensor([3 * s, -s])).data(), s > 1 ? [1, 0] : [3 * s, -s], 1e-15);
      near(prox.l2(tensor([3 * s, 4 * s]), 5 * s * 0.5).data(), [1.5 * s, 2 * s], 1e-15 * s);
      near(
        project.secondOrderCone(tensor([0, 3 * s, 4 * s])).data(),
        [2.5 * s, 1.5 * s, 2 * s],
        1e-15 * s * 4,
      );
      near(project.halfSpace(tensor([s, s]), tensor([s, 0]), 0).data(), [0, s], 0);
      near(prox.linf(tensor([3 * s, -2 * s, 0]), 2 * s).data(), [1.5 * s, -1.5 * s, 0], 1e-15 * s);
    }
    // The largest entries lie where a sum of all would have lost them.
    near(project.simplex(tensor([1e16, 1e16 - 2, -1e16])).data(), [1, 0, 0], 0);
    const wrong = [Number.NaN, 1, 2];
    const maps: Map[] = [
      (x) => project.simplex(x),
      (x) => project.l1Ball(x),
      (x) => project.l2Ball(x),
      project.secondOrderCone,
      (x) => prox.l2(x, 1),
      (x) => prox.linf(x, 1),
      (x) => project.halfSpace(x, tensor([1, 1, 1]), 0),
    ];
    for (const map of maps) {
      const rows = map(tensor([wrong, [1, 2, 3]])).data();
      assert.ok([...rows.subarray(0, 3)].every(Number.isNaN), `${map}`);
      assert.ok([...rows.subarray(3)].every(Number.isFinite));
    }
    assert.ok(Number.isNaN(prox.l1(tensor([Number.NaN]), 1).item()));
    assert.ok(Number.isNaN(project.linfBall(tensor([Number.NaN])).item()));
  }));

test('what is made of operations is differentiated', () =>
  scope(() => {
    const x = tensor([3, -0.5, -2]);
    const f = (y: Tensor) => sum(square(prox.l1(y, 1)));
    near(grad(f)(x).data(), [4, 0, -2], 0);
    near(grad((y: Tensor) => sum(square(project.box(y, -1, 1))))(x).data(), [0, -1, 0], 0);
    const weights = tensor([1, 0, 5]);
    near(prox.l1(x, weights).data(), [2, -0.5, 0], 0);
    near(sub(x, prox.l1(x, weights)).data(), [1, 0, -2], 0);
  }));

test('wrong arguments are named', () =>
  scope(() => {
    const x = tensor([1, 2]);
    const [integers, three] = [zeros([2], { dtype: 'i32' }), zeros([3])];
    const bad: [() => unknown, RegExp][] = [
      [() => prox.l1(x, -1), /l1: t must be a number of at least 0, got -1/],
      [() => prox.l2(integers, 1), /l2: x must be f64 or f32/],
      [() => prox.l1(3 as never, 1), /l1: x must be a tensor/],
      [() => prox.linf(x, Number.NaN), /linf: t/],
      [() => prox.elasticNet(x, 1, 2), /elasticNet: mix/],
      [() => prox.nuclear(x, 1), /nuclear: x must be a matrix/],
      [() => prox.conjugate(prox.l1)(x, 0), /conjugate: t must be above 0/],
      [() => project.simplex(x, -1), /simplex: total/],
      [() => project.l1Ball(x, Number.NaN), /l1Ball: radius/],
      [() => project.box(x, 1, 0), /box: lower must not be above upper/],
      [() => project.halfSpace(x, three, 1), /halfSpace: a must be f64 \[2\]/],
      [() => project.hyperplane(three, three, 1), /hyperplane: a must not be 0/],
      [() => project.positiveSemidefinite(x), /positiveSemidefinite: x must be a matrix/],
      [() => optim.penalty.l1(-1), /l1: weight/],
      [() => optim.penalty.indicator(3 as never), /indicator: projection/],
    ];
    for (const [run, message] of bad) rejects(run, CotangentError, message);
  }));

test.run();
