// physicsProblem, hybrid and simulate: against what they are made of; traces; options; memory.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  assimilation,
  dynamics,
  memory,
  mul,
  optim,
  random,
  reshape,
  scope,
  slice,
  square,
  sub,
  sum,
  type Tensor,
  zeros,
} from '#src/index.js';
import { near, seed } from '../support/check.js';

const { covariance, fourDVar, hybrid, incremental, objective, physicsProblem, simulate, subsample } =
  assimilation;

function twin() {
  const system = dynamics.lorenz96({ K: 12, innerSteps: 2 });
  const truth = dynamics.trajectory(system, dynamics.spinUp(system, system.initial(random(5))), { steps: 7 });
  const operator = subsample(2);
  const start = add(reshape(slice(truth, [0], [1]), [12]), random(6).normal([12], { std: 0.5 }));
  return { system, truth, start, problem: { system, operator, observations: operator.apply(truth) } };
}

test('physicsProblem: Σ |x_t - h(y_t)|², with the background and the divisor of the problem', () =>
  scope(() => {
    const { system, problem, start } = twin();
    const inverse = (y: Tensor) => {
      assert.equal(y.shape, [8, 6]);
      return mul(reshape(random(seed).normal([8, 12]), [8, 12]), 2);
    };
    const states = dynamics.trajectory(system, start, { steps: 7 });
    const want = sum(square(sub(states, inverse(problem.observations)))).item();
    const J = (p: assimilation.Problem) => objective(p)(start).item();
    near([J(physicsProblem(problem, inverse))], [want], 1e-11 * want);
    near([J(physicsProblem({ ...problem, reduction: 'mean' }, inverse))], [want / 96], 1e-11 * want);
    const mask = zeros([8, 6]);
    near([J(physicsProblem({ ...problem, R: covariance.diagonal(9), mask }, inverse))], [want], 1e-11 * want);
    const more = { xb: zeros([12]), B: covariance.diagonal(0.5) };
    near([J(physicsProblem({ ...problem, ...more }, inverse))], [want + 2 * sum(square(start)).item()], 1e-10 * want); // biome-ignore format: short
    const late = { ...problem, observationSteps: [0, 1, 2, 3, 4, 5, 6, 9] };
    assert.equal(physicsProblem(late, inverse).observationSteps, late.observationSteps);
    // An inverse that returns what it was given still gives a tensor of its own.
    const same = { ...problem, operator: assimilation.identity(), observations: states };
    const made = physicsProblem(same, (y) => y);
    assert.is.not(made.observations, states);
    made.observations.dispose();
    assert.ok(!states.isDisposed);
  }));

test('hybrid: both parts one after the other', () =>
  scope(() => {
    const { truth, problem, start } = twin();
    const inverse = () => add(truth, random(3).normal([8, 12], { std: 0.05 }));
    for (const options of [
      {},
      { precondition: covariance.diagonal(9) },
      { method: incremental({ outer: 30 }) },
      { method: optim.nonlinearConjugateGradient() },
    ]) {
      // biome-ignore format: short
      const given = { physicsIterations: 20, observationIterations: 30, throws: false, ...options };
      const seen: number[] = [];
      const h = hybrid(problem, start, {
        ...{ ...given, inverse, trace: true },
        onIteration: ({ value }) => void seen.push(value),
      });
      const { method, precondition } = options as Partial<assimilation.HybridOptions>;
      const rest = { throws: false, ...(precondition && { precondition }) };
      const first = fourDVar(physicsProblem(problem, inverse), start, method, { maxIterations: 20, ...rest });
      const second = fourDVar(problem, first.x, method, { maxIterations: 30, ...rest });
      near(h.physics.x.data(), first.x.data(), 1e-10);
      near(h.x.data(), second.x.data(), 1e-10);
      assert.is(h.physics.iterations, first.iterations);
      const trace = h.trace as assimilation.HybridTraceEntry[];
      assert.is(trace.length, first.iterations + second.iterations + 2);
      assert.is(seen.length, first.iterations + second.iterations);
      const J = objective(problem);
      near([trace[0].observationValue], [J(start).item()], 1e-9);
      near([trace[first.iterations].observationValue], [J(first.x).item()], 1e-9);
      near([trace[first.iterations + 1].observationValue], [J(first.x).item()], 1e-9);
      near([trace.at(-1)?.observationValue as number], [h.value], 0);
      assert.is(trace.at(-1)?.iteration, first.iterations + second.iterations);
      assert.equal(h.forecast(2).shape, [3, 12]);
      assert.is(hybrid(problem, start, { ...given, inverse }).trace, undefined);
    }
  }));

test('hybrid leaves x and physics.x behind, and nothing after an error', () => {
  scope(() => {
    const { truth, problem, start } = twin();
    const run = () => hybrid(problem, start, { inverse: () => mul(truth, 1), physicsIterations: 5, observationIterations: 5, trace: true }); // biome-ignore format: short
    const free = (h: ReturnType<typeof run>) => [h.x, h.physics.x].forEach((x) => void x.dispose()); // biome-ignore format: short
    free(run());
    const before = memory();
    const h = run();
    assert.is(memory().tensors, before.tensors + 2);
    free(h);
    const asked = () => {
      throw new Error('asked');
    };
    assert.throws(
      () => hybrid(problem, start, { inverse: () => mul(truth, 1), onIteration: asked }),
      /asked/,
    );
    let calls = 0;
    const later = () => (++calls > 25 ? asked() : false);
    assert.throws(() => hybrid(problem, start, { inverse: () => mul(truth, 1), physicsIterations: 2, onIteration: later }), /asked/); // biome-ignore format: short
    assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
  });
});

test('simulate: states of the attractor that follow the model, and what is observed of them', () =>
  scope(() => {
    const system = dynamics.lorenz96({ K: 8, innerSteps: 2 });
    const options = { count: 7, states: 4, spinUp: 30 };
    const d = simulate(system, subsample(2), random(3), options);
    assert.equal([d.states.shape, d.observations.shape], [[7, 4, 8], [7, 4, 4]]); // biome-ignore format: short
    near(d.observations.data(), subsample(2).apply(d.states).data(), 0);
    const first = reshape(slice(d.states, [0, 0], [7, 1]), [7, 8]);
    near(first.data(), dynamics.sample(system, random(3), { count: 7, steps: 30 }).data(), 0);
    near(d.states.data(), dynamics.trajectory(system, first, { steps: 3 }).data(), 0);
    for (const batchSize of [1, 3, 100]) {
      const other = simulate(system, subsample(2), random(3), { ...options, batchSize });
      near(other.states.data(), d.states.data(), 1e-9, `batches of ${batchSize}`);
    }
    const steps: number[] = [];
    const by = simulate(
      system,
      (x, step) => {
        steps.push(step);
        return mul(x, step);
      },
      random(3),
      { count: 2, states: 3, spinUp: 1 },
    );
    assert.equal(steps, [0, 1, 2]);
    assert.equal(by.observations.shape, [2, 3, 8]);
    const one = simulate(system, assimilation.identity(), random(1), { count: 1, states: 1, spinUp: 0 });
    near(one.states.data(), one.observations.data(), 0);
    const single = dynamics.lorenz96({ K: 8, dtype: 'f32' });
    assert.is(simulate(single, subsample(4), random(1), { count: 2, states: 2, spinUp: 1 }).observations.dtype, 'f32'); // biome-ignore format: short
  }));

test.run();
