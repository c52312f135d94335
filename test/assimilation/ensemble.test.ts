// ensemble: every member is the 4D-Var of its own perturbed problem; statistics of linear models; line searches; options; memory.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { minimizeMembers } from '#src/assimilation/ensemble/batch-lbfgs.js';
import {
  add,
  assimilation,
  ConvergenceError,
  div,
  dynamics,
  matmul,
  memory,
  mul,
  ones,
  optim,
  random,
  reshape,
  scope,
  slice,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
} from '#src/index.js';
import { near } from '../support/check.js';
import { diagonalOf, inverseOf, type Matrix, parabola, rowsOf } from '../support/linear-window.js';

const { covariance, ensemble, fourDVar, incremental, linear } = assimilation;
const matrixOf = (x: Tensor) => rowsOf(x.toTypedArray(), x.shape[x.ndim - 1]);
const asTensor = (A: Matrix) => tensor(A.flat(), { shape: [A.length, A[0].length] });
const rowOf = (x: Tensor, i: number) => reshape(slice(x, [i], [i + 1]), x.shape.slice(1));

function window() {
  const g = random(77);
  const [n, p, rows] = [3, 2, 4];
  const M = mul(g.normal([n, n]), 0.6);
  const H = g.normal([p, n]);
  const A = g.normal([n, n]);
  const Bm = add(matmul(A, A, { transposeB: true }), asTensor(diagonalOf(new Array(n).fill(0.3))));
  const r = tensor([0.5, 2]);
  const system = dynamics.system({ stateShape: [n], advance: (z) => matmul(z, M, { transposeB: true }) });
  const [y, xb] = [g.normal([rows, p]), g.normal([n])];
  const problem = { system, operator: linear(H), observations: y, xb, B: covariance.dense(Bm), R: covariance.diagonal(r) }; // biome-ignore format: short
  const parts = { M: matrixOf(M), H: () => matrixOf(H), steps: [0, 1, 2, 3], R: diagonalOf([0.5, 2]) };
  const form = parabola({ ...parts, y: matrixOf(y), B: matrixOf(Bm), xb: [...xb.data()] });
  return { problem, form, x: g.normal([n]), y, xb, r };
}

test('linear models: the mean tends to the analysis, the covariance to that of its error', () =>
  scope(() => {
    const { problem, form, x } = window();
    const members = 1500;
    const e = ensemble(problem, x, { members, generator: random(11), gradientTolerance: 1e-8 });
    assert.equal([e.analyses.shape, e.mean.shape, e.spread.shape], [[members, 3], [3], [3]]);
    assert.ok(
      e.converged && e.members.length === members && e.members.every((m) => m.status === 'converged'),
    );
    const C = inverseOf(form.A);
    // Four standard errors, for this seed.
    near(e.mean.data(), form.best(), (i) => 4 * Math.sqrt(C[i][i] / members));
    const size = Math.max(...C.flat().map(Math.abs));
    near(assimilation.sampleCovariance(e.analyses).data(), C.flat(), 4 * size * Math.sqrt(2 / members));
    near(e.spread.data(), C.map((row, i) => Math.sqrt(row[i])), 4 * Math.sqrt(size / members)); // biome-ignore format: short
    const deviations = sqrt(div(sum(square(sub(e.analyses, e.mean)), { axis: 0 }), members - 1));
    near(e.spread.data(), deviations.data(), 1e-12);
    // Without a background, observations alone are perturbed.
    const { xb, B, ...rest } = problem;
    const other = ensemble(rest, x, { members, generator: random(12), gradientTolerance: 1e-8 });
    assert.ok(other.spread.data().every((v, i) => v > e.spread.data()[i]));
  }));

test('every member is the 4D-Var of its perturbed problem, whatever the method', () =>
  scope(() => {
    const { problem, x, y, xb, r } = window();
    const [members, gradientTolerance] = [5, 1e-10];
    const g = random(3);
    // As documented: the noise of the observations is drawn first.
    const rows = add(y, mul(sqrt(r), g.normal([members, 4, 2])));
    const backgrounds = add(xb, problem.B.sqrt(g.normal([members, 3])));
    const methods = { 'by default': undefined, 'L-BFGS': optim.lbfgs(), incremental: incremental() };
    for (const [name, method] of Object.entries(methods))
      for (const precondition of [undefined, problem.B]) {
        const more = { ...(method && { method }), ...(precondition && { precondition }) };
        const e = ensemble(problem, x, { members, generator: random(3), gradientTolerance, ...more });
        for (let i = 0; i < members; i++) {
          const one = { ...problem, observations: rowOf(rows, i), xb: rowOf(backgrounds, i) };
          const want = fourDVar(one, x, undefined, { gradientTolerance });
          near(rowOf(e.analyses, i).data(), want.x.data(), 1e-7, `${name} ${i}`);
          near([e.members[i].value], [want.value], 1e-9);
        }
        assert.ok(e.converged && e.evaluations > 1, e.message);
      }
  }));

test('Lorenz96: R and the start of each member', () =>
  scope(() => {
    const system = dynamics.lorenz96({ K: 8, innerSteps: 2 });
    const truth = dynamics.trajectory(system, dynamics.spinUp(system, system.initial(random(2))), {
      steps: 4,
    });
    const problem = { system, operator: assimilation.identity(), observations: truth, R: covariance.diagonal(1e-4) }; // biome-ignore format: short
    const x = add(rowOf(truth, 0), 0.05);
    const e = ensemble(problem, x, { members: 12, generator: random(1), gradientTolerance: 1e-4 });
    assert.ok(e.converged, e.message);
    assert.ok(e.spread.data().every((v) => v > 1e-4 && v < 0.02));
    near(e.mean.data(), rowOf(truth, 0).data(), 0.02);
    const starts = add(x, random(4).normal([12, 8], { std: 0.01 }));
    const other = ensemble(problem, starts, { members: 12, generator: random(1), gradientTolerance: 1e-4 });
    near(other.analyses.data(), e.analyses.data(), 1e-5);
    const single = dynamics.lorenz96({ K: 8, innerSteps: 2, dtype: 'f32' });
    const path = dynamics.trajectory(single, ones([8], { dtype: 'f32' }), { steps: 3 });
    const f = ensemble({ system: single, operator: assimilation.identity(), observations: path }, rowOf(path, 0), { members: 3, generator: random(1), throws: false }); // biome-ignore format: short
    assert.is(f.analyses.dtype, 'f32');
    assert.ok(f.analyses.data().every(Number.isFinite));
  }));

test('the batched L-BFGS: each member has its own search and end, and steps back from NaN', () =>
  scope(() => {
    const limits = { tolerance: 1e-8, maxIterations: 500, history: 5 };
    // Rosenbrock's valley with another scale for every member.
    const scales = tensor([1, 10, 100, 0.1], { shape: [4] });
    const part = (z: Tensor, i: number) => reshape(slice(z, [0, i], [4, i + 1]), [4]);
    const valley = (z: Tensor) => {
      const [a, b] = [part(z, 0), part(z, 1)];
      return add(square(sub(1, a)), mul(scales, square(sub(b, square(a)))));
    };
    const start = tensor([-1.2, 1, -1.2, 1, -1.2, 1, 5, 5], { shape: [4, 2] });
    const found = minimizeMembers(valley, start, limits);
    near(found.z.data(), new Array(8).fill(1), 1e-5);
    assert.ok(found.members.every((m) => m.status === 'converged' && m.gradientNorm <= 1e-8));
    assert.is(new Set(found.members.map((m) => m.iterations)).size > 1, true);
    assert.ok(found.evaluations < 200, `${found.evaluations} evaluations`);
    // Each is what it is alone.
    for (let i = 0; i < 4; i++) {
      const one = (z: Tensor) => {
        const all = valley(mul(ones([4, 1]), z));
        return reshape(slice(all, [i], [i + 1]), [1]);
      };
      const alone = minimizeMembers(one, rowOf(reshape(start, [4, 1, 2]), i), limits);
      near(alone.z.data(), rowOf(found.z, i).data(), 1e-12);
      assert.is(alone.members[0].iterations, found.members[i].iterations);
    }
    // -ln x + x: NaN below 0; sqrt(x² - 1) starts where it is not finite.
    const barrier = (z: Tensor) => sum(add(div(1, sqrt(z)), z), { axis: 1 });
    const b = minimizeMembers(barrier, tensor([1e-3, 50, -1], { shape: [3, 1] }), limits);
    assert.equal(b.members.map((m) => m.status), ['converged', 'converged', 'notFinite']); // biome-ignore format: short
    near(b.z.data().slice(0, 2), [0.5 ** (2 / 3), 0.5 ** (2 / 3)], 1e-7);
    // Without a lower bound; where there is nothing to do; a limit.
    const slope = minimizeMembers((z) => sum(mul(z, -1e300), { axis: 1 }), ones([1, 2]), limits);
    assert.is.not(slope.members[0].status, 'converged');
    const flat = minimizeMembers((z) => sum(mul(z, 0), { axis: 1 }), ones([2, 2]), limits);
    assert.equal(flat.members.map((m) => [m.status, m.iterations]), [['converged', 0], ['converged', 0]]); // biome-ignore format: short
    const short = minimizeMembers(valley, start, { ...limits, maxIterations: 3 });
    assert.ok(short.members.every((m) => m.status === 'maxIterations' && m.iterations === 3));
  }));

test('limits, errors and memory', () =>
  scope(() => {
    const { problem, x } = window();
    const generator = random(1);
    const capped = ensemble(problem, x, { members: 3, generator, maxIterations: 1 });
    assert.not.ok(capped.converged);
    assert.ok(capped.members.every((m) => m.status === 'maxIterations'));
    assert.match(capped.message, /^ensemble: the limit of iterations is reached/);
    const explosive = dynamics.system({ stateShape: [3], advance: (z) => mul(z, 1e308) });
    const bad = { ...problem, system: explosive };
    const far = mul(x, 1e10);
    let solution: assimilation.Ensemble | undefined;
    try {
      ensemble(bad, far, { members: 2, generator });
    } catch (error) {
      assert.instance(error, ConvergenceError);
      solution = (error as ConvergenceError).solution as assimilation.Ensemble;
    }
    assert.is(solution?.members[0].status, 'notFinite');
    near(rowOf(solution?.analyses as Tensor, 1).data(), far.data(), 1e-3 * 1e10);
    assert.is(ensemble(bad, far, { members: 2, generator, throws: false }).converged, false);
    for (const method of [undefined, optim.lbfgs()]) {
      const run = () => {
        const e = ensemble(problem, x, { members: 3, generator, ...(method && { method }) });
        for (const y of [e.analyses, e.mean, e.spread]) y.dispose();
      };
      run();
      const before = memory();
      run();
      assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
    }
    // A masked window, and one without perturbed values there.
    const mask = tensor([1, 1, 0, 1, 1, 0, 0, 0], { shape: [4, 2] });
    const holes = { ...problem, mask, observations: tensor([1, 2, Number.NaN, 1, 0, Number.NaN, Number.NaN, 3], { shape: [4, 2] }) }; // biome-ignore format: short
    assert.ok(ensemble(holes, x, { members: 3, generator }).converged);
  }));

test.run();
