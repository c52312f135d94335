// objective: closed forms of linear models, over random problems; short windows and loops, eager, compiled, differentiated; batches; Taylor tests.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { objectiveAt, termsAt } from '#src/assimilation/objective/objective.js';
import { predicted } from '#src/assimilation/objective/predicted.js';
import { checkProblem } from '#src/assimilation/problem/checked.js';
import {
  add,
  assimilation,
  compile,
  dynamics,
  grad,
  hvp,
  jvp,
  matmul,
  mul,
  random,
  reshape,
  scope,
  sin,
  slice,
  stack,
  sum,
  type Tensor,
  tensor,
  valueAndGrad,
  vjp,
  zeros,
} from '#src/index.js';
import { near, property, seed } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';
import { diagonalOf, dot, inverseOf, type Matrix, parabola, rowsOf } from '../support/linear-window.js';

const { covariance, identity, linear, objective, subsample } = assimilation;
type Problem = assimilation.Problem;
const matrixOf = (x: Tensor) => rowsOf(x.toTypedArray(), x.shape[x.ndim - 1]);
const asTensor = (A: Matrix) => tensor(A.flat(), { shape: [A.length, A[0].length] });

/** What a random linear problem is made of. */
interface Draw {
  from: number;
  n: number;
  p: number;
  steps: number[] | undefined;
  rows: number;
  R: string;
  B: string;
  masked: boolean;
  mean: boolean;
  operator: 'linear' | 'function' | 'object';
}

const KINDS = ['none', 'number', 'tensor', 'dense', 'lowRank', 'operators'];
const draws: fc.Arbitrary<Draw> = fc.record({
  from: fc.integer({ min: 0, max: 1e6 }),
  n: fc.integer({ min: 1, max: 6 }),
  p: fc.integer({ min: 1, max: 4 }),
  rows: fc.integer({ min: 1, max: 5 }),
  steps: fc.option(fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { minLength: 5, maxLength: 5 }), { nil: undefined }), // biome-ignore format: short
  R: fc.constantFrom(...KINDS),
  B: fc.constantFrom(...KINDS),
  masked: fc.boolean(),
  mean: fc.boolean(),
  operator: fc.constantFrom('linear', 'function', 'object'),
});

/** A covariance of vectors of m numbers and its matrix. */
function covarianceOf(kind: string, m: number, from: number) {
  const g = random(from);
  const v = g.uniform([m], { low: 0.3, high: 2 });
  if (kind === 'number') return { C: covariance.diagonal(0.6), matrix: diagonalOf(new Array(m).fill(0.6)) };
  if (kind === 'tensor') return { C: covariance.diagonal(v), matrix: diagonalOf([...v.data()]) };
  const U = g.normal([m, 2]);
  const S = add(matmul(U, U, { transposeB: true }), asTensor(diagonalOf([...v.data()])));
  if (kind === 'dense') return { C: covariance.dense(S), matrix: matrixOf(S) };
  if (kind === 'lowRank') return { C: covariance.lowRank(U, v), matrix: matrixOf(S) };
  const inverse = asTensor(inverseOf(matrixOf(S)));
  return { C: covariance.operators({ solve: (x) => matmul(x, inverse) }), matrix: matrixOf(S) };
}

/** The problem of a draw, and its parabola. */
function made({ from, n, p, steps, rows, R, B, masked, mean, operator }: Draw) {
  const g = random(seed + from);
  const M = mul(g.normal([n, n]), 0.8 / Math.sqrt(n));
  const A = g.normal([p, n]);
  const at = (steps ?? [0, 1, 2, 3, 4]).slice(0, rows).sort((a, b) => a - b);
  const y = g.normal([rows, p]);
  const noise = R === 'none' ? undefined : covarianceOf(R, p, from + 1);
  const background = B === 'none' ? undefined : { ...covarianceOf(B, n, from + 2), xb: g.normal([n]) };
  const isMasked = masked && ['none', 'number', 'tensor'].includes(R);
  const flags = Array.from(g.integers([rows * p], 0, 2).data());
  // There is always something observed.
  flags[0] = 1;
  const H = (step: number) =>
    matrixOf(A).map((row) => row.map((v) => v * (operator === 'linear' ? 1 : 1 + step)));
  const apply = (x: Tensor, step = 0) => mul(matmul(x, A, { transposeB: true }), 1 + step);
  const given = { linear: linear(A), function: apply, object: { apply } };
  const problem: Problem = {
    system: dynamics.system({ stateShape: [n], advance: (x) => matmul(x, M, { transposeB: true }) }),
    operator: given[operator],
    observations: y,
    ...(steps && { observationSteps: at }),
    ...(noise && { R: noise.C }),
    ...(background && { xb: background.xb, B: background.C }),
    ...(isMasked && { mask: tensor(flags, { shape: [rows, p], dtype: from % 2 ? 'i32' : 'f64' }) }),
    ...(mean && { reduction: 'mean' as const }),
  };
  const form = parabola({
    ...{ M: matrixOf(M), H, steps: at, y: matrixOf(y), R: noise?.matrix ?? diagonalOf(new Array(p).fill(1)) },
    ...(isMasked && { mask: rowsOf(flags, p) }),
    ...(background && { B: background.matrix, xb: [...background.xb.data()] }),
  });
  const count = isMasked ? flags.reduce((a, b) => a + b) : rows * p;
  return { problem, form, x: g.normal([n]), divisor: mean ? count : 1 };
}

const close = (got: ArrayLike<number>, want: number[], what: string) => {
  const size = Math.max(1e-3, ...want.map(Math.abs));
  near(got, want, 1e-10 * size, what);
};

test('random linear problems: value, gradient, terms, both as a whole and as a loop, eager and compiled', () =>
  property(
    draws,
    (draw) =>
      scope(() => {
        const { problem, form, x, divisor } = made(draw);
        const at = [...x.data()];
        const [value, gradient] = [[form.value(at) / divisor], form.gradient(at).map((v) => v / divisor)];
        const checked = checkProblem('test', problem);
        // In a scope, as in `objective`: what rows need when they run again must outlive it.
        const loop = (z: Tensor) =>
          scope(() => {
            const { background, observations } = termsAt('test', checked, z, false);
            return background === undefined ? observations : add(background, observations);
          });
        for (const [how, J] of [
          ['whole', objective(problem)],
          ['loop', loop],
        ] as const) {
          // biome-ignore format: short
          close(J(x).data(), value, how);
          close(grad(J)(x).data(), gradient, `gradient, ${how}`);
          const plan = compile(valueAndGrad(J));
          const found = plan(x);
          close(found.value.data(), value, `compiled, ${how}`);
          close(found.grad.data(), gradient, `compiled gradient, ${how}`);
          plan.dispose();
        }
        const terms = termsAt('test', checked, x);
        close([terms.background?.item() ?? 0], [form.background(at) / divisor], 'background');
        const data = { y: checked.observations, mask: undefined };
        near(predicted(checked, x, data, false).data(), predicted(checked, x, data, true).data(), 1e-12);
      }),
    25,
  ));

test('every checkpoint gives the same, in windows and in loops', () =>
  scope(() => {
    for (const steps of [[0, 1, 2, 3, 4], [1, 3, 5], [0, 1, 4, 9], [8]]) // biome-ignore format: short
      for (const operator of ['linear', 'function'] as const) {
        const draw: Draw = {
          ...{ from: 3, n: 4, p: 2, steps, rows: steps.length, R: 'dense', B: 'tensor', masked: false, mean: false, operator }, // biome-ignore format: short
        };
        const { problem, x, form } = made(draw);
        for (const checkpoint of ['none', 'sqrt', 'binomial', 'log', { snapshots: 2 }] as const)
          for (const short of [true, false]) {
            const checked = checkProblem('test', { ...problem, checkpoint });
            const J = (z: Tensor) => scope(() => sum(termsAt('test', checked, z, short).observations));
            const B = (z: Tensor) => sum(objectiveAt('test', checked, z));
            close(grad(B)(x).data(), form.gradient([...x.data()]), `${JSON.stringify(checkpoint)} ${steps}`);
            const [v, w] = [random(4).normal([4]), random(5).normal([4])];
            if (checkpoint !== 'sqrt' && checkpoint !== 'log') continue;
            // The Hessian: of the loop, in both orders of the modes, eager and compiled.
            const H = (d: Tensor) => hvp(J, x, d);
            const a = dot([...w.data()], [...H(v).data()]);
            close([dot([...v.data()], [...H(w).data()])], [a], 'symmetric');
            const plan = compile((z: Tensor, d: Tensor) => hvp(J, z, d));
            close(plan(x, v).data(), [...H(v).data()], 'compiled Hessian');
            plan.dispose();
          }
      }
  }));

test('batches of starts, of observations and of backgrounds broadcast; members do not touch each other', () =>
  scope(() => {
    const draw: Draw = {
      ...{ from: 8, n: 3, p: 2, steps: undefined, rows: 4, R: 'dense', B: 'lowRank', masked: false, mean: true, operator: 'linear' }, // biome-ignore format: short
    };
    const { problem } = made(draw);
    const { observations, xb } = problem as Required<Problem>;
    const g = random(seed);
    const [X, Y, XB] = [g.normal([2, 3, 3]), g.normal([2, 3, 4, 2]), g.normal([2, 3, 3])];
    const part = (z: Tensor, i: number, j: number) =>
      reshape(slice(z, [i, j], [i + 1, j + 1]), z.shape.slice(2));
    const cases: [string, Tensor, Tensor, Tensor][] = [
      ['all', X, Y, XB],
      ['starts', X, observations, xb],
      ['observations', reshape(slice(X, [0, 0], [1, 1]), [3]), Y, xb],
      ['backgrounds', reshape(slice(X, [0, 0], [1, 1]), [3]), observations, XB],
      ['a row of starts', reshape(slice(X, [0], [1]), [3, 3]), Y, xb],
    ];
    for (const [name, x, y, b] of cases)
      for (const short of [true, false]) {
        const given = { ...problem, observations: y, xb: b };
        const checked = checkProblem('test', given);
        const J = (z: Tensor) => {
          const { background, observations } = termsAt('test', checked, z, short);
          return add(background as Tensor, observations);
        };
        const values = J(x);
        assert.equal(values.shape, [2, 3], name);
        const at = (z: Tensor, axes: number, i: number, j: number) =>
          z.ndim === axes
            ? z
            : z.ndim === axes + 1
              ? reshape(slice(z, [j], [j + 1]), z.shape.slice(1))
              : part(z, i, j);
        for (let i = 0; i < 2; i++)
          for (let j = 0; j < 3; j++) {
            const one = { ...problem, observations: at(y, 2, i, j), xb: at(b, 1, i, j) };
            const want = objective(one)(at(x, 1, i, j));
            assert.equal(want.shape, []);
            near([values.data()[3 * i + j]], want.data(), 1e-12 * (1 + Math.abs(want.item())), name);
          }
        const plan = compile(grad((z: Tensor) => sum(J(z))));
        near(plan(x).data(), grad((z: Tensor) => sum(J(z)))(x).data(), 1e-12);
        plan.dispose();
      }
    near(objective({ ...problem, observations: Y, xb: XB })(X).data(), objective({ ...problem, observations: Y, xb: XB })(X).data(), 0); // biome-ignore format: short
  }));

test('states and observations with several axes; f32; no state axes', () =>
  scope(() => {
    const g = random(seed);
    const system = dynamics.system({ stateShape: [2, 4, 6], advance: (x) => sin(x) });
    const operator = subsample(2, { axes: [-2, -1] });
    const x = g.normal([2, 4, 6]);
    const y = g.normal([3, 2, 2, 3]);
    const R = covariance.dense(asTensor(diagonalOf(new Array(12).fill(4))));
    const states = [x, sin(x), sin(sin(x))];
    const want = states.reduce((total, state, i) => {
      const seen = Array.from(operator.apply(state).toTypedArray());
      return total + seen.reduce((s, v, k) => s + (v - y.data()[12 * i + k]) ** 2, 0);
    }, 0);
    near(objective({ system, operator, observations: y, R })(x).data(), [want / 4], 1e-12 * want);
    near(objective({ system, operator, observations: y, R: covariance.diagonal(tensor([4, 4], { shape: [2, 1, 1] })) })(x).data(), [want / 4], 1e-12 * want); // biome-ignore format: short
    const single = dynamics.lorenz96({ K: 8, dtype: 'f32' });
    const observations = zeros([3, 4], { dtype: 'f32' });
    const J = objective({ system: single, operator: subsample(2), observations, R: covariance.diagonal(2) });
    const value = J(random(1).normal([8], { dtype: 'f32' }));
    assert.is(value.dtype, 'f32');
    const scalar = dynamics.system({ stateShape: [], advance: (z) => mul(z, 2) });
    near(objective({ system: scalar, operator: identity(), observations: tensor([1, 2, 3]) })(tensor(3)).data(), [4 + 16 + 81], 0); // biome-ignore format: short
  }));

test('Lorenz96: a Taylor test over four decades, derivatives in both modes, windows and loops', () =>
  scope(() => {
    const system = dynamics.lorenz96({ K: 9, innerSteps: 3 });
    const x = random(seed).normal([9], { mean: 2, std: 3 });
    const observations = random(seed + 1).normal([3, 3]);
    const problem = { system, operator: subsample(3), observations, observationSteps: [1, 2, 5] };
    const checked = checkProblem('test', problem);
    for (const short of [true, false]) {
      const J = (z: Tensor) => termsAt('test', checked, z, short).observations;
      checkDerivatives(J, [x], { tolerance: 1e-5 });
      const d = random(seed + 2).normal([9]);
      const { value, grad: g } = valueAndGrad(J)(x);
      const slope = dot([...g.data()], [...d.data()]);
      const h = [1e-2, 1e-3, 1e-4, 1e-5, 1e-6];
      const r = h.map((e) => Math.log10(Math.abs(J(add(x, mul(d, e))).item() - value.item() - e * slope)));
      const found = (r[0] - r[3]) / 3;
      assert.ok(Math.abs(found - 2) < 0.1, `slope ${found} [SEED=${seed}] ${r}`);
    }
    // <u, dH v> = <dHᵀ u, v>.
    const H = (z: Tensor) => predicted(checked, z, { y: observations, mask: undefined }, false);
    const [u, v] = [random(3).normal([3, 3]), random(4).normal([9])];
    const there = sum(mul(u, jvp(H, [x], [v]).tangent)).item();
    const back = sum(mul(vjp(H, x).pullback(u)[0], v)).item();
    assert.ok(Math.abs(there - back) < 1e-11 * Math.abs(there), `${there} ${back}`);
  }));

test('derivatives in what the problem holds: observations, background, covariances, the operator', () =>
  scope(() => {
    const system = dynamics.system({ stateShape: [3], advance: (x) => sin(x) });
    const g = random(seed);
    const [x, y, xb, v, A] = [g.normal([3]), g.normal([2, 2]), g.normal([3]), g.uniform([2], { low: 1 / 2, high: 2 }), g.normal([2, 3])]; // biome-ignore format: short
    checkDerivatives(
      (observations: Tensor, b: Tensor, variances: Tensor, M: Tensor) =>
        objective({
          ...{ system, operator: linear(M), observations, xb: b },
          ...{ B: covariance.diagonal(0.5), R: covariance.diagonal(variances) },
        })(x),
      [y, xb, v, A],
    );
    // A plan that is given other observations.
    const plan = compile((observations: Tensor, z: Tensor) =>
      grad(objective({ system, operator: linear(A), observations }))(z),
    );
    for (const rows of [y, mul(y, 2)])
      near(plan(rows, x).data(), grad(objective({ system, operator: linear(A), observations: rows }))(x).data(), 1e-13); // biome-ignore format: short
    plan.dispose();
  }));

test('a masked observation may be NaN, and counts for nothing', () =>
  scope(() => {
    const system = dynamics.lorenz96({ K: 4 });
    const y = random(1).normal([3, 4]);
    const mask = tensor([1, 0, 1, 1, 0, 0, 0, 0, 1, 1, 1, 0], { shape: [3, 4] });
    const holes = tensor(Array.from(y.data(), (v, i) => (mask.data()[i] === 0 ? Number.NaN : v)), { shape: [3, 4] }); // biome-ignore format: short
    const x = random(2).normal([4]);
    const J = (observations: Tensor) => objective({ system, operator: identity(), observations, mask });
    near(J(holes)(x).data(), J(y)(x).data(), 0);
    near(grad(J(holes))(x).data(), grad(J(y))(x).data(), 0);
    const plan = compile(grad(J(holes)));
    near(plan(x).data(), grad(J(y))(x).data(), 1e-13);
    plan.dispose();
    const both = objective({ system, operator: identity(), observations: stack([holes, y], 0), mask });
    near(both(x).data(), [J(y)(x).item(), J(y)(x).item()], 1e-13);
    // Nothing observed at all: the background is left.
    const nothing = objective({
      ...{ system, operator: identity(), observations: holes, mask: zeros([3, 4]) },
      ...{ xb: zeros([4]), B: covariance.diagonal(1) },
    });
    near(nothing(x).data(), [dot([...x.data()], [...x.data()])], 1e-14);
  }));

test('a state that blows up gives NaN or Infinity, and no error', () =>
  scope(() => {
    const system = dynamics.lorenz96();
    const operator = subsample(4);
    const J = objective({ system, operator, observations: zeros([11, 10]), R: covariance.dense(asTensor(diagonalOf(new Array(10).fill(1)))) }); // biome-ignore format: short
    for (const scale of [1e5, Number.NaN, Number.POSITIVE_INFINITY]) {
      const x = mul(random(1).normal([40]), scale);
      assert.not.ok(Number.isFinite(J(x).item()));
      assert.not.ok(grad(J)(x).data().every(Number.isFinite));
    }
  }));

test.run();
