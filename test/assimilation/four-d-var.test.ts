// fourDVar: minima of linear models, every method and preconditioning, terms, forecasts, traces, line searches past NaN, derivatives of the analysis, errors.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  assimilation,
  astype,
  ConvergenceError,
  compile,
  dynamics,
  full,
  grad,
  jacrev,
  matmul,
  memory,
  mul,
  optim,
  random,
  reshape,
  scope,
  slice,
  stack,
  sub,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { near, rejects, seed } from '../support/check.js';
import { diagonalOf, inverseOf, type Matrix, parabola, product, rowsOf, transposeOf } from '../support/linear-window.js'; // biome-ignore format: short

const { covariance, fourDVar, incremental, linear, objective, subsample } = assimilation;
const matrixOf = (x: Tensor) => rowsOf(x.toTypedArray(), x.shape[x.ndim - 1]);
const asTensor = (A: Matrix) => tensor(A.flat(), { shape: [A.length, A[0].length] });

/** A linear window with a background, its tensors and its parabola. */
function window(n = 5, p = 3, rows = 6) {
  const g = random(seed);
  const M = mul(g.normal([n, n]), 0.9 / Math.sqrt(n));
  const H = g.normal([p, n]);
  const definite = (k: number) => {
    const A = g.normal([k, k]);
    return add(matmul(A, A, { transposeB: true }), asTensor(diagonalOf(new Array(k).fill(0.5))));
  };
  const [Bm, Rm, xb, y, x] = [definite(n), definite(p), g.normal([n]), g.normal([rows, p]), g.normal([n])];
  const system = dynamics.system({ stateShape: [n], advance: (z) => matmul(z, M, { transposeB: true }) });
  const problem = {
    ...{ system, operator: linear(H), observations: y, xb },
    ...{ B: covariance.dense(Bm), R: covariance.dense(Rm) },
  };
  const steps = Array.from({ length: rows }, (_, i) => i);
  const parts = { M: matrixOf(M), H: () => matrixOf(H), steps, R: matrixOf(Rm) };
  const form = parabola({ ...parts, y: matrixOf(y), B: matrixOf(Bm), xb: [...xb.data()] });
  return { problem, form, x, Bm, Rm, H, M };
}

test('linear models: every method, with and without preconditioning', () =>
  scope(() => {
    const { problem, form, x, Bm } = window();
    const best = form.best();
    const U = random(4).normal([5, 2]);
    const preconditions = {
      none: undefined,
      B: problem.B,
      whitening: assimilation.whitening(Bm),
      'another covariance': covariance.diagonal(0.3),
      'low rank': covariance.lowRank(U, 1),
      functions: covariance.operators({
        ...{ solve: (z) => mul(z, 4), sqrt: (z) => mul(z, 0.5), sqrtTranspose: (z) => mul(z, 0.5) },
      }),
    };
    for (const [name, precondition] of Object.entries(preconditions))
      for (const method of [
        undefined,
        optim.lbfgs({ history: 3 }),
        optim.bfgs(),
        optim.newtonCg(),
        incremental({ outer: 3, inner: 40, innerTolerance: 1e-12 }),
      ]) {
        // biome-ignore format: short
        const options = { gradientTolerance: 1e-9, ...(precondition && { precondition }) };
        const s = fourDVar(problem, x, method, options);
        near(s.x.data(), best, 1e-7, `${name}, ${method?.name}`);
        assert.ok(s.converged && s.status === 'converged' && s.gradientNorm <= 1e-9, s.message);
        near([s.value], [form.value(best)], 1e-9 * form.value(best));
        near([s.terms.background, s.terms.observations], [form.background(best), form.value(best) - form.background(best)], 1e-6); // biome-ignore format: short
        assert.match(s.message, /^fourDVar by /);
        near(
          fourDVar(problem, x, method, { ...options, maxIterations: 0 }).x.data(),
          x.data(),
          1e-12,
          'starts from x0',
        );
        if (method?.name === 'incremental') assert.ok(s.iterations <= 2 && s.evaluations.product > 0);
      }
  }));

test('one outer loop of Gauss-Newton solves a linear problem; without a background too', () =>
  scope(() => {
    const { problem, form, x } = window();
    const { xb, B, R, ...rest } = problem;
    const one = incremental({ outer: 1, inner: 30, innerTolerance: 1e-12 });
    near(fourDVar(problem, x, one).x.data(), form.best(), 1e-8);
    for (const given of [rest, { ...rest, R }, { ...rest, reduction: 'mean' as const }]) {
      const s = fourDVar(given, x, one, { gradientTolerance: 1e-12 });
      const whole = fourDVar(given, x, undefined, { gradientTolerance: 1e-10 });
      near(s.x.data(), whole.x.data(), 1e-6);
      assert.is(s.iterations, 1);
      assert.is(s.terms.background, 0);
    }
    // 'mean' divides both terms.
    const [a, b] = [fourDVar(problem, x), fourDVar({ ...problem, reduction: 'mean' }, x, undefined, { gradientTolerance: 1e-9 })]; // biome-ignore format: short
    near(
      [b.terms.background * 18, b.terms.observations * 18],
      [a.terms.background, a.terms.observations],
      1e-6,
    );
  }));

test('batches of windows are minimised as one problem', () =>
  scope(() => {
    const { problem, x } = window();
    const y = random(8).normal([2, 6, 3]);
    const each = [0, 1].map((i) => {
      const observations = reshape(slice(y, [i], [i + 1]), [6, 3]);
      return fourDVar({ ...problem, observations }, x, undefined, { gradientTolerance: 1e-9 });
    });
    const both = { ...problem, observations: y };
    for (const method of [undefined, incremental()]) {
      const s = fourDVar(both, stack([x, x], 0), method, {
        gradientTolerance: 1e-9,
        precondition: problem.B,
      });
      near(s.x.data(), [...each[0].x.data(), ...each[1].x.data()], 1e-6);
      near([s.value], [each[0].value + each[1].value], 1e-8);
      assert.equal(s.forecast(3).shape, [2, 4, 5]);
    }
  }));

test('Lorenz96: methods find the truth; forecast; trace; callbacks see states', () =>
  scope(() => {
    const system = dynamics.lorenz96({ K: 12, innerSteps: 4 });
    const truth = dynamics.trajectory(system, dynamics.spinUp(system, system.initial(random(2))), {
      steps: 6,
    });
    const operator = subsample(2);
    const problem = { system, operator, observations: operator.apply(truth) };
    const start = add(reshape(slice(truth, [0], [1]), [12]), random(3).normal([12], { std: 0.3 }));
    const precondition = covariance.diagonal(4);
    for (const method of [undefined, incremental({ outer: 20, inner: 60 })])
      for (const options of [{}, { precondition }]) {
        const seen: number[][] = [];
        const s = fourDVar(problem, start, method, {
          ...{ ...options, maxIterations: 400, gradientTolerance: 1e-8, trace: true },
          onIteration: ({ x }) => void seen.push([...x.data()]),
        });
        near(s.x.data(), truth.data().slice(0, 12), 1e-6, `${method?.name} ${Object.keys(options)}`);
        assert.ok(s.value < 1e-10);
        const F = s.forecast(9);
        assert.equal(F.shape, [10, 12]);
        near(F.data(), dynamics.trajectory(system, s.x, { steps: 9 }).data(), 0);
        assert.is(s.trace?.length, s.iterations + 1);
        assert.is(seen.length, s.iterations);
        near(seen.at(-1) as number[], s.x.data(), 1e-12, 'the last state of the callback');
        near([s.trace?.[0].value as number], [objective(problem)(start).item()], 1e-10);
      }
    const stopped = fourDVar(problem, start, incremental(), { onIteration: () => true });
    assert.is(stopped.status, 'stopped');
    assert.is(stopped.iterations, 1);
  }));

test('line searches and outer loops step back from values that are not finite', () =>
  scope(() => {
    // x' = x² leaves the numbers from starts above 1 on.
    const system = dynamics.system({ stateShape: [2], innerSteps: 40, step: (x) => mul(x, x), dtype: 'f64' });
    const problem = {
      ...{ system, operator: assimilation.identity(), observations: zeros([2, 2]) },
      ...{ xb: tensor([-0.9, -0.9]), B: covariance.diagonal(1e-9) },
    };
    const start = tensor([0.99, 0.98]);
    for (const method of [undefined, incremental({ outer: 30 })]) {
      const s = fourDVar(problem, start, method, {
        maxIterations: 200,
        gradientTolerance: 1e-1,
        throws: false,
      });
      assert.ok(Number.isFinite(s.value), s.message);
      near(s.x.data(), [-0.9, -0.9], 1e-6, s.message);
    }
    const steep = { ...problem, xb: tensor([1e3, 1e3]), B: covariance.diagonal(1) };
    for (const method of [undefined, incremental()]) {
      const s = fourDVar(steep, start, method, { throws: false });
      assert.ok(Number.isFinite(s.value) && s.value < objective(steep)(start).item(), s.message);
      assert.ok(s.x.data().every((v) => v < 1.5));
    }
    // From where the value itself is not finite there is no way.
    const bad = tensor([3, 3]);
    for (const method of [undefined, incremental()]) {
      assert.is(fourDVar(problem, bad, method, { throws: false }).status, 'notFinite');
      let error: unknown;
      try {
        fourDVar(problem, bad, method);
      } catch (caught) {
        error = caught;
      }
      assert.instance(error, ConvergenceError);
      near((error as { solution: { x: Tensor } }).solution.x.data(), [3, 3], 0);
    }
  }));

test('f32', () =>
  scope(() => {
    const system = dynamics.lorenz96({ K: 8, innerSteps: 2, dtype: 'f32' });
    const path = dynamics.trajectory(system, dynamics.spinUp(system, system.initial(random(1))), {
      steps: 4,
    });
    const problem = { system, operator: assimilation.identity(), observations: path };
    const x0 = add(reshape(slice(path, [0], [1]), [8]), astype(random(2).normal([8], { std: 0.2 }), 'f32'));
    for (const method of [undefined, incremental({ outer: 10 })])
      for (const precondition of [undefined, assimilation.whitening(asTensor32(8))]) {
        const s = fourDVar(problem, x0, method, { throws: false, ...(precondition && { precondition }) });
        assert.is(s.x.dtype, 'f32');
        near(s.x.data(), path.data().slice(0, 8), 1e-3, s.message);
      }
  }));
const asTensor32 = (n: number) =>
  tensor(diagonalOf(new Array(n).fill(2)).flat(), { shape: [n, n], dtype: 'f32' });

test('the analysis has derivatives in the observations: the gain of the linear model', () =>
  scope(() => {
    const { problem, form, x, Rm, H, M } = window(3, 2, 2);
    const { observations } = problem;
    for (const precondition of [undefined, problem.B]) {
      const analysis = (y: Tensor) =>
        fourDVar({ ...problem, observations: y }, x, undefined, { gradientTolerance: 1e-10, ...(precondition && { precondition }) }).x; // biome-ignore format: short
      const J = jacrev(analysis)(observations);
      // dx/dy_t = A⁻¹ (H Mᵗ)ᵀ R⁻¹.
      const want = [matrixOf(H), product(matrixOf(H), matrixOf(M))].map((C) =>
        product(inverseOf(form.A), product(transposeOf(C), inverseOf(matrixOf(Rm)))),
      );
      near(J.data(), Array.from({ length: 3 }, (_, i) => [...want[0][i], ...want[1][i]]).flat(), 1e-7);
      const plan = compile(analysis);
      near(plan(observations).data(), form.best(), 1e-7);
      near(plan(mul(observations, 0.5)).data(), analysis(mul(observations, 0.5)).data(), 1e-7);
      plan.dispose();
    }
    rejects(
      () =>
        grad((y: Tensor) => sum(fourDVar({ ...problem, observations: y }, x, incremental()).x))(observations),
      ArgumentError,
      /incremental has no derivative/,
    );
  }));

test('4D-Var leaves nothing behind but x', () => {
  const { tensors, bytes } = memory();
  scope(() => {
    const { problem, x } = window();
    const W = assimilation.whitening(assimilation.sampleCovariance(random(1).normal([9, 5])));
    for (const method of [undefined, incremental()])
      for (const precondition of [undefined, problem.B, W]) {
        const run = () => fourDVar(problem, x, method, precondition && { precondition });
        run().x.dispose();
        const before = memory();
        const s = run();
        assert.is(memory().tensors, before.tensors + 1);
        scope(() => void s.forecast(3));
        s.x.dispose();
        assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
        // The solution of an error lives on, as that of optim.minimize does.
        let solution: { x: Tensor } | undefined;
        try {
          fourDVar(problem, x, incremental({ inner: 1 }), { gradientTolerance: 0 });
        } catch (error) {
          solution = (error as { solution: { x: Tensor } }).solution;
        }
        assert.ok(solution?.x.data().every(Number.isFinite));
        solution?.x.dispose();
        assert.is(memory().tensors, before.tensors);
      }
  });
  assert.equal([memory().tensors, memory().bytes], [tensors, bytes]);
});

test('long windows: incremental and L-BFGS through the loop', () =>
  scope(() => {
    const K = 2048;
    const system = dynamics.system({ stateShape: [K], advance: (z) => mul(z, 0.99) });
    const x = random(1).normal([K]);
    const path = dynamics.trajectory(system, x, { steps: 300 });
    const steps = [0, 100, 200, 300];
    const observations = stack(steps.map((k) => reshape(slice(path, [k], [k + 1]), [K])), 0); // biome-ignore format: short
    const problem = { system, operator: assimilation.identity(), observations, observationSteps: steps };
    for (const method of [undefined, incremental({ outer: 2 })])
      for (const operator of [assimilation.identity(), (z: Tensor) => mul(z, 1)]) {
        const s = fourDVar({ ...problem, operator }, zeros([K]), method, { gradientTolerance: 1e-7 });
        assert.ok(Math.max(...sub(s.x, x).data().map(Math.abs)) < 1e-6, s.message);
      }
    // A batch of windows, whose rows are made with the time in front; one row was not observed.
    const halves = dynamics.system({ stateShape: [K / 2], advance: (z) => mul(z, 0.99) });
    const [pair, start] = [reshape(x, [2, K / 2]), zeros([2, K / 2])];
    const paths = dynamics.trajectory(halves, pair, { steps: 300 });
    const mask = stack([full([K / 2], 1), full([K / 2], 1), zeros([K / 2]), full([K / 2], 1)], 0);
    const seen = slice(paths, [0, 0], [2, 301], [1, 100]);
    const both = { ...problem, system: halves, observations: seen, mask };
    for (const operator of [assimilation.identity(), (z: Tensor) => mul(z, 1)]) {
      const s = fourDVar({ ...both, operator }, start, incremental({ outer: 2 }), {
        gradientTolerance: 1e-7,
      });
      near(s.x.data(), pair.data(), 1e-6, s.message);
    }
  }));

test.run();
