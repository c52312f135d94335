// L-BFGS and BFGS: standard problems in both dtypes, counts against scipy's, rates of convergence, starts, trees, errors.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  CotangentError,
  exp,
  eye,
  hessian,
  linalg,
  log,
  matmul,
  memory,
  mul,
  neg,
  optim,
  random,
  scope,
  slice,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  valueAndGrad,
  zeros,
} from '#src/index.js';
import { DescentState } from '#src/optim/method.js';
import { CurvaturePairs } from '#src/optim/quasi-newton/curvature-pairs.js';
import { Objective } from '#src/solve/objective.js';
import { near, rejects } from '../support/check.js';
import { type Problem, problems, sumOfSquares } from '../support/more-garbow-hillstrom.js';
import { averagedRosenbrock, nearlyNormal } from '../support/rosenbrock.js';

interface Counts {
  iterations: number;
  evaluations: number;
  value: number;
  converged: boolean;
}
interface Oracle {
  problems: { name: string; value0: number; gradient0: number[]; lbfgs: Counts; bfgs: Counts }[];
  rosenbrock: { n: number; seed: number; first: number; tolerance: number; lbfgs: Counts; bfgs?: Counts }[];
}
const fixture = fileURLToPath(new URL('../../../test/fixtures/optim-scipy.json', import.meta.url));
const scipy: Oracle = JSON.parse(readFileSync(fixture, 'utf8'));
const methods = { lbfgs: optim.lbfgs(), bfgs: optim.bfgs() };
const names = ['lbfgs', 'bfgs'] as const;

/** Whether a value is a known minimum of the problem, to this many parts. */
const isMinimum = ({ minimum, others = [] }: Problem, value: number, tolerance: number): boolean =>
  [minimum, ...others].some(
    (known) => Math.abs(value - known) <= Math.max(tolerance * known, tolerance * 1e-2),
  );

test('the problems and their gradients are those of an independent program', () =>
  scope(() => {
    for (const { name, value0, gradient0 } of scipy.problems) {
      const problem = problems.find((one) => one.name === name) as Problem;
      const found = valueAndGrad(sumOfSquares(problem))(tensor(problem.x0)) as Record<string, Tensor>;
      near([found.value.item()], [value0], 1e-12 * value0, name);
      const size = Math.max(...gradient0.map(Math.abs));
      near(found.grad.data(), gradient0, 1e-9 * size, name);
    }
  }));

for (const name of names) {
  test(`${name} reaches a known minimum of every problem, and the sum of its counts is within 1.5 times scipy's`, () =>
    scope(() => {
      const [ours, theirs] = [
        { iterations: 0, evaluations: 0 },
        { iterations: 0, evaluations: 0 },
      ];
      for (const problem of problems) {
        const found = optim.minimize(sumOfSquares(problem), tensor(problem.x0), methods[name], {
          throws: false,
          maxIterations: 3000,
        });
        assert.ok(isMinimum(problem, found.value, 1e-5), `${problem.name}: ${found.value}, ${found.message}`);
        const oracle = scipy.problems.find((one) => one.name === problem.name)?.[name] as Counts;
        // Meyer's gradient cannot be had to 1e-6; single counts are chaotic where valleys are curved.
        assert.ok(found.converged || problem.name === 'Meyer', `${problem.name}: ${found.message}`);
        if (!oracle.converged || !found.converged) continue;
        ours.iterations += found.iterations;
        ours.evaluations += found.evaluations.gradient;
        theirs.iterations += oracle.iterations;
        theirs.evaluations += oracle.evaluations;
        const most = problem.name === 'Box, three dimensions' ? 3 : 2;
        if (problem.name === 'Powell badly scaled' && name === 'lbfgs') continue;
        assert.ok(found.iterations <= most * oracle.iterations + 3, `${problem.name}: ${found.iterations}`);
      }
      assert.ok(ours.iterations <= 1.5 * theirs.iterations, `${ours.iterations} iterations`);
      assert.ok(ours.evaluations <= 1.5 * theirs.evaluations, `${ours.evaluations} evaluations`);
    }));

  test(`${name}: averaged Rosenbrock, n = 2, 10, 200, 1000, from starts far away, within 1.5 times scipy's counts`, () =>
    scope(() => {
      const sums: Record<number, number[]> = {};
      for (const { n, seed, first, tolerance, ...oracle } of scipy.rosenbrock) {
        const theirs = oracle[name];
        if (theirs === undefined) continue;
        const x0 = nearlyNormal(n, seed);
        near([x0.data()[0]], [first], 1e-12);
        const found = optim.minimize(averagedRosenbrock, x0, methods[name], { gradientTolerance: tolerance });
        assert.ok(found.converged);
        const total = (sums[n] ??= [0, 0, 0, 0]);
        [found.iterations, found.evaluations.gradient, theirs.iterations, theirs.evaluations].forEach(
          (v, i) => {
            total[i] += v;
          },
        );
      }
      for (const [n, [iterations, evaluations, its, evs]] of Object.entries(sums)) {
        assert.ok(iterations <= 1.5 * its && evaluations <= 1.5 * evs, `n = ${n}: ${sums[Number(n)]}`);
      }
    }));

  test(`${name} in f32 reaches what f32 can tell apart`, () =>
    scope(() => {
      // Meyer's sums of squares, 1e9 at the start and 88 at the end, are left out.
      for (const problem of problems.filter(({ name: one }) => one !== 'Meyer')) {
        const x0 = tensor(problem.x0, { dtype: 'f32' });
        const found = optim.minimize(sumOfSquares(problem), x0, methods[name], {
          gradientTolerance: 1e-6,
          maxIterations: 1000,
          throws: false,
        });
        assert.is(found.x.dtype, 'f32');
        assert.ok(isMinimum(problem, found.value, 1e-3), `${problem.name}: ${found.value}, ${found.message}`);
      }
    }));

  test(`${name}: gradients come down to 1e-10 where f itself is rounded long before`, () =>
    scope(() => {
      const b = random(5).normal([30]);
      const f = (x: Tensor) => add(sum(sub(exp(mul(x, 0.3)), mul(x, b))), 1e4);
      const start = mul(b, 0);
      // Bounded below for b > 0.
      const positive = (x: Tensor) => add(f(x), sum(square(square(mul(x, 0.3)))));
      const found = optim.minimize(positive, start, methods[name], { gradientTolerance: 1e-10 });
      assert.ok(found.gradientNorm <= 1e-10);
    }));

  test(`${name}: trees`, () =>
    scope(() => {
      const x0 = { a: zeros([2, 2]), b: [tensor(5)] };
      const f = ({ a, b }: typeof x0) => add(sum(square(sub(a, 3))), square(square(b[0])));
      const { x } = optim.minimize(f, x0, methods[name], { gradientTolerance: 1e-9 });
      assert.equal(x.a.shape, [2, 2]);
      near([...x.a.data(), x.b[0].item()], [3, 3, 3, 3, 0], 1e-2);
    }));

  test(`${name}: NaN at the start is said, a barrier is not crossed, the empty problem and one number work`, () =>
    scope(() => {
      const nan = optim.minimize((x) => log(x), tensor(-1), methods[name], { throws: false });
      assert.is(nan.status, 'notFinite');
      const barrier = (x: Tensor) => sub(mul(x, 10), log(x));
      near([optim.minimize(barrier, tensor(1e-3), methods[name]).x.item()], [0.1], 1e-6);
      assert.ok(optim.minimize((x) => sum(square(x)), zeros([0]), methods[name]).converged);
      assert.is(
        optim.minimize((x) => neg(exp(x)), tensor(0), methods[name], { throws: false }).status,
        'unbounded',
      );
    }));
}

test('L-BFGS: n = 200 to 1e-9 within 3000 iterations, n = 1000 to 1e-10 within 1.5 times 4950', () =>
  scope(() => {
    const run = (n: number, gradientTolerance: number) =>
      optim.minimize(averagedRosenbrock, random(7).normal([n]), optim.lbfgs(), { gradientTolerance });
    assert.ok(run(200, 1e-9).iterations <= 3000);
    const large = run(1000, 1e-10);
    assert.ok(large.iterations <= 1.5 * 4950, `${large.iterations}`);
    near(large.x.data(), Array(1000).fill(1), 1e-6);
  }));

test('L-BFGS with a history of n and exact steps takes the steps of BFGS with a scaled start on a quadratic', () =>
  scope(() => {
    const R = random(3).normal([6, 6]);
    const f = (x: Tensor) => add(sum(square(matmul(R, x))), sum(square(sub(x, 1))));
    const exact = { lineSearch: optim.exact() };
    const paths = [
      optim.lbfgs({ history: 6, ...exact }),
      optim.bfgs(exact),
      optim.nonlinearConjugateGradient({ beta: 'FletcherReeves', ...exact }),
    ].map((method) => {
      const values: number[] = [];
      optim.minimize(f, zeros([6]), method, {
        maxIterations: 5,
        gradientTolerance: 0,
        onIteration: ({ value }) => void values.push(value),
      });
      return values;
    });
    // On quadratics all of them are conjugate gradients (Nocedal and Wright, Theorem 6.4).
    near(paths[0], paths[2], 1e-9);
    near(paths[1], paths[2], 1e-9);
    const last = optim.minimize(f, zeros([6]), optim.bfgs(exact), { gradientTolerance: 1e-8 });
    assert.ok(last.iterations <= 7);
  }));

test('BFGS converges superlinearly, gradient descent linearly', () =>
  scope(() => {
    const f = (x: Tensor) => add(sum(exp(mul(x, tensor([1, 2, -1])))), sum(square(x)));
    const solution = optim.minimize(f, zeros([3]), optim.bfgs(), { gradientTolerance: 1e-12 }).x;
    const errors = (method: Parameters<typeof optim.minimize>[2]) => {
      const out: number[] = [];
      const onIteration = ({ x }: { x: Tensor }) =>
        void out.push(scope(() => Math.sqrt(sum(square(sub(x, solution))).item())) as never);
      optim.minimize(f, tensor([1, 1, -1]), method, { gradientTolerance: 1e-5, onIteration, throws: false });
      return out.filter((error) => error > 1e-11);
    };
    const ratios = (list: number[]) => list.slice(1).map((error, i) => error / list[i]);
    const fast = ratios(errors(optim.bfgs()));
    assert.ok(fast.at(-1)! < 0.2 && fast.at(-1)! < fast[0], `${fast}`);
    const slow = ratios(
      errors(optim.gradientDescent({ lineSearch: optim.backtracking({ initialStep: 0.1 }) })),
    );
    const tail = slow.slice(-5);
    assert.ok(Math.min(...tail) > 0.2 && Math.max(...tail) < 1, `${slow}`);
    assert.ok(Math.max(...tail) - Math.min(...tail) < 0.05, 'one rate');
  }));

test("BFGS begins with the matrix that is given: the inverse Hessian makes the first step Newton's", () =>
  scope(() => {
    const R = random(4).normal([5, 5]);
    const f = (x: Tensor) => add(sum(square(matmul(R, x))), sum(square(sub(x, 1))));
    const H = hessian(f)(zeros([5])) as Tensor;
    for (const initialInverse of [linalg.inv(H), { hessianCutoff: 1e-3 }]) {
      const found = optim.minimize(f, zeros([5]), optim.bfgs({ initialInverse }), {
        gradientTolerance: 1e-9,
      });
      assert.is(found.iterations, 1);
    }
    const flat = (x: Tensor) => add(sum(square(square(x))), neg(sum(square(x))));
    const cut = optim.minimize(
      flat,
      tensor([0.1, 0.2]),
      optim.bfgs({ initialInverse: { hessianCutoff: 1 } }),
    );
    near(cut.x.data(), [Math.SQRT1_2, Math.SQRT1_2], 1e-6);
    const n = 100;
    const rosen = optim.minimize(
      averagedRosenbrock,
      nearlyNormal(n, 3),
      optim.bfgs({ initialInverse: 'scaled' }),
    );
    near(rosen.x.data(), Array(n).fill(1), 1e-2);
  }));

test('BFGS with a scaled start does not see the units of f', () =>
  scope(() => {
    const counts = [1e-6, 1, 1e6].map((unit) => {
      const f = (x: Tensor) => mul(averagedRosenbrock(x), unit);
      const method = optim.bfgs({ initialInverse: 'scaled' });
      return optim.minimize(f, nearlyNormal(20, 1), method, { gradientTolerance: 1e-6 * unit }).iterations;
    });
    assert.ok(Math.max(...counts) - Math.min(...counts) <= 0.2 * counts[1], `${counts}`);
  }));

test('a Wolfe step that is not met leaves the history without the pair, and a kink ends with a status', () =>
  scope(() => {
    const lineSearch = optim.backtracking();
    for (const method of [optim.lbfgs({ lineSearch }), optim.bfgs({ lineSearch })]) {
      const problem = problems.find(({ name }) => name === 'Wood') as Problem;
      const found = optim.minimize(sumOfSquares(problem), tensor(problem.x0), method);
      assert.ok(found.value < 1e-10);
    }
    const kink = (x: Tensor) => sum(slice(add(square(x), mul(3, square(square(x)))), [0], [1]));
    assert.ok(optim.minimize(kink, tensor([1, 2]), optim.lbfgs()).converged);
  }));

test('a pair without curvature is not remembered', () =>
  scope(() => {
    const objective = new Objective('test', (x: Tensor) => sum(neg(square(x))), tensor([1]), undefined);
    const descent = new DescentState(objective, tensor([1]));
    const pairs = new CurvaturePairs(descent, 3);
    descent.ray.direction.data()[0] = 1;
    assert.is(descent.move(optim.backtracking(), 1), undefined);
    assert.equal([pairs.add(), pairs.count], [false, 0]);
    objective.dispose();
  }));

test('a pair without curvature in a full history takes the place of the oldest, which is forgotten', () =>
  scope(() => {
    const objective = new Objective(
      'test',
      (x: Tensor) => neg(sum(mul(x, square(x)))),
      tensor([-2]),
      undefined,
    );
    const descent = new DescentState(objective, tensor([-2]));
    const pairs = new CurvaturePairs(descent, 1);
    descent.ray.direction.data()[0] = 1;
    assert.is(descent.move(optim.backtracking(), 1), undefined);
    assert.equal([pairs.add(), pairs.count], [true, 1]);
    // H = sᵀs / sᵀy in one dimension; the slope that comes with the direction is gᵀ (-H g).
    const { gradient, direction } = descent.ray;
    near([pairs.applyNegative(gradient, direction)], [-3 * (1 / 9) * 3], 1e-12);
    near(direction.data(), [3 / 9], 1e-12);
    descent.ray.direction.data()[0] = 1;
    assert.is(descent.move(optim.backtracking(), 3), undefined);
    assert.equal([pairs.add(), pairs.count], [false, 0]);
    objective.dispose();
  }));

test('wrong options are named, and nothing leaks', () => {
  scope(() => {
    const [x0, matrix, single] = [zeros([2]), eye(3), zeros([2, 2], { dtype: 'f32' })];
    const f = (x: Tensor) => sum(square(x));
    rejects(
      () => optim.lbfgs({ history: 0 }),
      CotangentError,
      /history must be a whole number of at least 1/,
    );
    rejects(() => optim.lbfgs(3 as never), CotangentError, /options must be an object/);
    rejects(
      () => optim.bfgs({ initialInverse: 'hessian' as never }),
      CotangentError,
      /initialInverse must be/,
    );
    rejects(() => optim.bfgs({ initialInverse: { hessianCutoff: 0 } }), CotangentError, /hessianCutoff/);
    const wrong = (initialInverse: Tensor) => () => optim.minimize(f, x0, optim.bfgs({ initialInverse }));
    rejects(wrong(matrix), CotangentError, /must be \[2, 2\], got \[3, 3\]/);
    rejects(wrong(single), CotangentError, /must be f64 like x0, got f32/);
  });
  for (const method of [optim.lbfgs(), optim.bfgs({ initialInverse: { hessianCutoff: 1e-3 } })]) {
    const before = memory().tensors;
    const x0 = tensor([1, 2]);
    optim.minimize((x: Tensor) => sum(square(sub(x, 1))), x0, method).x.dispose();
    x0.dispose();
    assert.is(memory().tensors, before);
  }
});

test('a step costs no tensor: what is alive does not grow with the iterations', () =>
  scope(() => {
    for (const method of [optim.lbfgs(), optim.bfgs()]) {
      const alive: number[] = [];
      optim.minimize(averagedRosenbrock, nearlyNormal(10, 2), method, {
        onIteration: () => void alive.push(memory().tensors),
        maxIterations: 40,
      });
      assert.is(alive.at(-1), alive[1]);
    }
  }));

test.run();
