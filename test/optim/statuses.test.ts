// What a status claims is so, by means that the solvers do not use: random problems, badly scaled, each status of each solver.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  concat,
  exp,
  matmul,
  mul,
  neg,
  optim,
  scope,
  slice,
  sqrt,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
  zeros,
} from '#src/index.js';
import { EPSILON, near, property } from '../support/check.js';
import { generator } from './convex/programs.js';

type DType = 'f64' | 'f32';
const dtypes = fc.constantFrom<DType[]>('f64', 'f32');
const seeds = fc.integer({ min: 1, max: 1e9 });
const list = (count: number, of: (i: number) => number) => Array.from({ length: count }, (_, i) => of(i));
const TOLERANCE = { f64: 1e-6, f32: 1e-3 };

const METHODS: Record<string, optim.Method> = {
  lbfgs: optim.lbfgs(),
  lbfgsb: optim.lbfgsb(),
  bfgs: optim.bfgs(),
  newton: optim.newton(),
  newtonCg: optim.newtonCg(),
  trustRegion: optim.trustRegion(),
  dogleg: optim.trustRegion({ subproblem: 'dogleg' }),
  gradientDescent: optim.gradientDescent(),
  conjugateGradient: optim.nonlinearConjugateGradient(),
  coordinateDescent: optim.coordinateDescent(),
};
const LEAST_SQUARES = [optim.gaussNewton(), optim.levenbergMarquardt()];

test('gaussNewton in f32 with residuals 1e7 (x - 1) and y - 2, and others whose units hide a column', () =>
  scope(() => {
    for (const dtype of ['f32', 'f64'] as const)
      for (const large of [1e3, 1e7, 1e12])
        for (const method of LEAST_SQUARES) {
          const r = (p: Tensor) =>
            concat([
              mul(large, sub(slice(p, [0], [1]), 1)),
              sub(slice(p, [1], [2]), 2),
              tensor([large / 8], { dtype }),
            ]);
          const s = optim.leastSquares(r, tensor([0, 0], { dtype }), method, { throws: false });
          if (s.status === 'converged') near(s.x.data(), [1, 2], 2e-3, `${method.name} ${dtype} ${large}`);
          else assert.ok(['stalled', 'maxIterations'].includes(s.status), s.status);
        }
    const wide = (p: Tensor) =>
      concat([mul(1e9, sub(sum(slice(p, [0], [2]), { keepDims: true }), 1)), sub(slice(p, [2], [3]), 2)]);
    const s = optim.leastSquares(wide, zeros([3], { dtype: 'f32' }), optim.gaussNewton());
    near(s.x.data(), [0.5, 0.5, 2], 1e-6);
  }));

test('least squares: converged means a small gradient, or one that rounding of the value hides in every column', () =>
  property(
    fc.record({ seed: seeds, dtype: dtypes, method: fc.constantFrom(...LEAST_SQUARES), wide: fc.boolean() }),
    ({ seed, dtype, method, wide }) =>
      scope(() => {
        const uniform = generator(seed);
        const n = 1 + Math.floor(uniform() * 4);
        const m = n + Math.floor(uniform() * 4);
        const range = wide ? { f64: 30, f32: 6 }[dtype] : 1;
        const units = (count: number, most: number) => list(count, () => 10 ** (most * (2 * uniform() - 1)));
        const [columns, rows] = [units(n, range), units(m, range / 2)];
        const entries = list(m * n, (k) => (2 * uniform() - 1) * columns[k % n] * rows[Math.floor(k / n)]);
        const solution = list(n, (j) => (2 * uniform() - 1) / columns[j]);
        const right = list(m, (i) => {
          const fit = solution.reduce((a, x, j) => a + entries[i * n + j] * x, 0);
          return fit + (uniform() < 0.5 ? 0 : rows[i] * (2 * uniform() - 1));
        });
        const [A, b] = [tensor(entries, { shape: [m, n], dtype }), tensor(right, { dtype })];
        const s = optim.leastSquares((x: Tensor) => sub(matmul(A, x), b), zeros([n], { dtype }), method, {
          throws: false,
        });
        if (s.status !== 'converged') return;
        const [a, side, x] = [A, b, s.x as Tensor].map((t) => Array.from(t.data()));
        const [residual, rounding] = [new Float64Array(m), new Float64Array(m)];
        for (let i = 0; i < m; i++) {
          residual[i] = -side[i];
          rounding[i] = Math.abs(side[i]);
          for (let j = 0; j < n; j++) {
            residual[i] += a[i * n + j] * x[j];
            rounding[i] += Math.abs(a[i * n + j] * x[j]);
          }
        }
        const length = Math.hypot(...residual);
        for (let j = 0; j < n; j++) {
          let [gradient, lost, squares] = [0, 0, 0];
          for (let i = 0; i < m; i++) {
            gradient += a[i * n + j] * residual[i];
            lost += Math.abs(a[i * n + j]) * rounding[i] * 2 * (n + 2) * EPSILON[dtype];
            squares = Math.hypot(squares, a[i * n + j]);
          }
          const most = Math.max(
            2 * TOLERANCE[dtype],
            2 * Math.sqrt(1000 * EPSILON[dtype]) * squares * length,
          );
          assert.ok(
            Math.abs(gradient) <= most + lost,
            `column ${j}: ${gradient}, want at most ${most} + ${lost}`,
          );
        }
      }),
    400,
  ));

test('minimize: converged means a gradient within the tolerance at the returned point', () =>
  property(
    fc.record({ seed: seeds, name: fc.constantFrom(...Object.keys(METHODS)) }),
    ({ seed, name }) =>
      scope(() => {
        const uniform = generator(seed);
        const n = 1 + Math.floor(uniform() * 5);
        const curvatures = list(n, () => 10 ** (8 * uniform() - 4));
        const centre = list(n, () => 10 ** (6 * uniform() - 3) * (uniform() < 0.5 ? 1 : -1));
        const offset = uniform() < 0.5 ? 0 : 10 ** (8 * uniform());
        const [c, x0] = [tensor(curvatures), tensor(centre)];
        const f = (x: Tensor) => add(mul(0.5, sum(mul(c, square(sub(x, x0))))), offset);
        const s = optim.minimize(f, zeros([n]), METHODS[name], { throws: false, maxIterations: 300 });
        if (s.status !== 'converged') return assert.is.not(s.status, 'unbounded');
        const x = s.x.data();
        const gradient = Math.max(...curvatures.map((k, j) => Math.abs(k * (x[j] - centre[j]))));
        assert.ok(gradient <= 1.001e-6, `${name}: ${gradient}`);
      }),
    300,
  ));

/** Without a lower bound on the set of all x, or of x >= -5 for those that are bounded on one side. */
const FALLING: Record<string, (x: Tensor) => Tensor> = {
  linear: (x) => sum(mul(tensor([1, -2, 0.5], { dtype: x.dtype as DType }), x)),
  'linear in large units': (x) => mul(1e6, sum(mul(tensor([1, -2, 0.5], { dtype: x.dtype as DType }), x))),
  'linear in small units': (x) => mul(1e-3, sum(mul(tensor([1, -2, 0.5], { dtype: x.dtype as DType }), x))),
  'linear at an offset': (x) => sub(1e5, sum(x)),
  concave: (x) => neg(sum(square(x))),
  'a saddle': (x) => sub(sum(square(slice(x, [0], [1]))), sum(square(slice(x, [1], [3])))),
  exponential: (x) => neg(sum(exp(x))),
  quartic: (x) => neg(sum(square(square(x)))),
  'almost linear': (x) => neg(sum(sqrt(add(1, square(x))))),
};

test('objectives without a lower bound: never converged, and unbounded where a line search leads there', () =>
  scope(() => {
    for (const [what, f] of Object.entries(FALLING))
      for (const dtype of ['f64', 'f32'] as const)
        for (const [name, method] of Object.entries({ ...METHODS, bounded: optim.lbfgsb({ lower: -5 }) })) {
          const options = { throws: false, maxIterations: 60 };
          const { status } = optim.minimize(f, tensor([1, 2, 3], { dtype }), method, options);
          const said = `${name} in ${dtype}, ${what}: ${status}`;
          if (['lbfgs', 'lbfgsb', 'bounded', 'bfgs'].includes(name)) assert.is(status, 'unbounded', said);
          assert.is.not(status, 'converged', said);
          if (status === 'stalled') assert.is(dtype, 'f32', said);
        }
  }));

test('bounded objectives of huge size are not called unbounded', () =>
  scope(() => {
    for (const size of [1e31, 1e40, 1e100]) {
      const f = (x: Tensor) => mul(size, sub(sum(square(sub(x, 1))), 1));
      const inside = { inequalities: (x: Tensor) => sub(x, 3) };
      const line = { A: tensor([[1, 1]]), b: tensor([2]) };
      const all = [
        optim.minimizeBarrier(f, zeros([2]), inside, { throws: false }),
        optim.minimizeEquality(f, tensor([5, -3]), line, { throws: false }),
        ...Object.values(METHODS).map((method) =>
          optim.minimize(f, zeros([2]), method, { throws: false, maxIterations: 60 }),
        ),
      ];
      for (const { status, message } of all) assert.is.not(status, 'unbounded', message);
    }
  }));

interface Case {
  f: (x: Tensor) => Tensor;
  /** The nearest feasible point to the origin of f, or undefined where no point is feasible. */
  want?: number[];
}

const BARRIERS: Record<string, (uniform: () => number, n: number, unit: () => number, dtype: DType) => Case> =
  {
    'equal bounds': (uniform, n, unit, dtype) => boxOf(uniform, n, unit, dtype, () => 0),
    'bounds near each other': (uniform, n, unit, dtype) => boxOf(uniform, n, unit, dtype, () => 1e-3),
    'bounds in the wrong order': (uniform, n, unit, dtype) =>
      boxOf(uniform, n, unit, dtype, (i) => (i === 0 ? -0.01 - uniform() : 1)),
    'a ball of radius 0'(uniform, n, unit, dtype) {
      const at = list(n, () => 4 * uniform() - 2);
      const [c, k] = [tensor(at, { dtype }), unit()];
      return { f: (x) => mul(k, sum(square(sub(x, c)))), want: at };
    },
    'balls that touch': (uniform, n, unit, dtype) => balls(uniform, n, unit, dtype, 2),
    'balls apart': (uniform, n, unit, dtype) => balls(uniform, n, unit, dtype, 2.1),
  };

function boxOf(
  uniform: () => number,
  n: number,
  unit: () => number,
  dtype: DType,
  width: (i: number) => number,
): Case {
  const low = list(n, () => 4 * uniform() - 2);
  const high = low.map((value, i) => value + width(i));
  const [l, h, a, b] = [low, high, list(n, unit), list(n, unit)].map((x) => tensor(x, { dtype }));
  const isEmpty = low.some((value, i) => value > high[i]);
  return {
    f: (x) => concat([mul(a, sub(l, x)), mul(b, sub(x, h))]),
    ...(!isEmpty && { want: low.map((value, i) => Math.min(high[i], Math.max(value, 0))) }),
  };
}

function balls(uniform: () => number, n: number, unit: () => number, dtype: DType, apart: number): Case {
  const at = list(n, () => 4 * uniform() - 2);
  const other = at.map((value, i) => (i === 0 ? value + apart : value));
  const [c, d, k] = [tensor(at, { dtype }), tensor(other, { dtype }), unit()];
  return {
    f: (x) => mul(k, stack([sub(sum(square(sub(x, c))), 1), sub(sum(square(sub(x, d))), 1)], 0)),
    ...(apart <= 2 && { want: at.map((value, i) => (i === 0 ? value + 1 : value)) }),
  };
}

test('minimizeBarrier: no feasible set is called infeasible, and converged is the minimum', () =>
  property(
    fc.record({
      ...{ seed: seeds, dtype: dtypes, kind: fc.constantFrom(...Object.keys(BARRIERS)) },
      most: fc.constantFrom(0, 3, 8),
    }),
    ({ seed, dtype, kind, most }) =>
      scope(() => {
        const uniform = generator(seed);
        const n = 1 + Math.floor(uniform() * 3);
        const unit = () => 10 ** (most * (2 * uniform() - 1));
        const { f, want } = BARRIERS[kind](uniform, n, unit, dtype);
        const x0 = tensor(
          list(n, () => 8 * uniform() - 4),
          { dtype },
        );
        const inside = { inequalities: f };
        const s = optim.minimizeBarrier((x: Tensor) => sum(square(x)), x0, inside, { throws: false });
        if (want === undefined) {
          assert.is.not(s.status, 'converged');
          if (s.status !== 'infeasible') return;
          // The proof, at random points near.
          const { lambda, bound } = s.certificate as NonNullable<typeof s.certificate>;
          assert.ok(bound > 0);
          near([sum(lambda).item()], [1], 1e-6);
          for (let k = 0; k < 20; k++) {
            const y = tensor(
              list(n, () => 20 * uniform() - 10),
              { dtype },
            );
            const value = sum(mul(lambda, f(y))).item();
            assert.ok(value >= bound * (1 - 1e-3), `${value}, less than the bound ${bound}`);
          }
          return;
        }
        assert.is.not(s.status, 'infeasible');
        if (s.status === 'converged') near(s.x.data(), want, dtype === 'f64' ? 2e-4 : 3e-2, kind);
        else assert.ok(['stalled', 'maxIterations'].includes(s.status), s.status);
      }),
    150,
  ));

test('equal bounds, x <= 1 and x >= 1, are met', () =>
  scope(() => {
    const between = (x: Tensor) => concat([sub(x, 1), sub(1, x)]);
    const inside = { inequalities: between };
    const s = optim.minimizeBarrier((x: Tensor) => sum(square(sub(x, 3))), zeros([1]), inside);
    near(s.x.data(), [1], 1e-7);
  }));

test('equations that leave the inequalities no inside', () =>
  scope(() => {
    for (const dtype of ['f64', 'f32'] as const) {
      const f = (x: Tensor) => sum(square(sub(x, 3)));
      const part = (x: Tensor, i: number) => slice(x, [i], [i + 1]);
      const solve = (inequalities: (x: Tensor) => Tensor, A: number[][], b: number[]) =>
        optim.minimizeBarrier(f, zeros([2], { dtype }), {
          ...{ inequalities, A: tensor(A, { dtype }), b: tensor(b, { dtype }) },
        });
      const one = solve((x) => sub(part(x, 0), 1), [[1, 0]], [1]);
      near(one.x.data(), [1, 3], 1e-3);
      const both = solve(
        (x) => concat([sub(part(x, 0), 1), sub(part(x, 1), 2)]),
        [
          [1, 0],
          [0, 1],
        ],
        [1, 2],
      );
      near(both.x.data(), [1, 2], 1e-3);
      assert.ok(Math.max(one.iterations, both.iterations) < 60);
    }
  }));

test('rootFind and fixedPoint: converged means F(y) = 0 within the tolerance, or y within rounding of a root', () =>
  property(
    fc.record({
      ...{ seed: seeds, broyden: fc.boolean(), scale: fc.integer({ min: -8, max: 15 }) },
    }),
    ({ seed, broyden, scale }) =>
      scope(() => {
        const uniform = generator(seed);
        const n = 1 + Math.floor(uniform() * 3);
        const [root, unit] = [list(n, () => 4 * uniform() - 2), 10 ** scale];
        const target = tensor(root);
        // Increasing in every y_i, with the root as its only one.
        const F = (y: Tensor) => mul(unit, add(sub(y, target), tanh(sub(y, target))));
        const method = broyden ? optim.broyden() : optim.newtonRoot();
        const s = optim.rootFind(F, zeros([n]), method, { throws: false });
        if (s.status === 'converged') near(s.x.data(), root, Math.max(1e-9 / unit, 1e-14));
        const T = (y: Tensor) => add(target, mul(0.5, tanh(y)));
        const p = optim.fixedPoint(T, zeros([n]), undefined, { throws: false });
        if (p.status === 'converged') near(p.x.data(), Array.from(T(p.x).data()), 1e-9);
      }),
    200,
  ));

test('proximalGradient and admm: converged points of the lasso satisfy its conditions', () =>
  property(
    fc.record({ seed: seeds }),
    ({ seed }) =>
      scope(() => {
        const uniform = generator(seed);
        const n = 1 + Math.floor(uniform() * 5);
        const [curvature, centre] = [
          list(n, () => 10 ** (4 * uniform() - 2)),
          list(n, () => 10 ** (4 * uniform() - 2) * (2 * uniform() - 1)),
        ];
        const weight = 10 ** (2 * uniform() - 1);
        const [c, x0] = [tensor(curvature), tensor(centre)];
        const f = (x: Tensor) => mul(0.5, sum(mul(c, square(sub(x, x0)))));
        const check = (x: ArrayLike<number>, within: number, what: string) => {
          for (let j = 0; j < n; j++) {
            const g = curvature[j] * (x[j] - centre[j]);
            const missed = x[j] === 0 ? Math.abs(g) - weight : Math.abs(g + Math.sign(x[j]) * weight);
            assert.ok(missed <= within, `${what}: ${missed} at ${j}`);
          }
        };
        const s = optim.proximalGradient(f, optim.penalty.l1(weight), zeros([n]), { throws: false });
        if (s.status === 'converged') check(s.x.data(), 3e-6, 'proximalGradient');
        const P = tensor(
          list(n * n, (k) => (k % (n + 1) === 0 ? curvature[Math.floor(k / n)] : 0)),
          { shape: [n, n] },
        );
        const q = tensor(curvature.map((k, j) => -k * centre[j]));
        const a = optim.admm({ f: { P, q }, g: optim.penalty.l1(weight) }, zeros([n]), { throws: false });
        if (a.status !== 'converged') return;
        // The residuals of its own test, at the returned point.
        const [x, z] = [a.x.data(), (a.z as Tensor).data()];
        near(
          [Math.hypot(...list(n, (j) => x[j] - z[j]))],
          [a.primalResidual],
          1e-12 * (1 + Math.hypot(...x)),
        );
        const size = Math.max(1, ...curvature) * Math.max(1, Math.hypot(...x), Math.hypot(...centre));
        check(z, 1e-4 * size, 'admm');
      }),
    100,
  ));

test.run();
