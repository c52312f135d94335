// Kolmogorov flow with every 16th point observed: its statistics, a network that learns to invert observations, and what that gives.
import { assimilation, dynamics, mul, optim, random, scope } from 'cotangent';
import { assimilateAll, printTable, printTests, rowOf } from './assimilation-study.mjs';
import { drawFigures } from './flow-figures.mjs';
import { drawnBatches, sampleFlow } from './flow-samples.mjs';
import { terminalCount, terminalProgress } from './progress.mjs';

/** States of the window, and of the forecast behind it. */
const [WINDOW, FORECAST] = [10, 20];
const PAPER = [1, 0.88, 0.2, 0.23];
const WAVENUMBER = 4;
/** Observed points along a side. */
const SEEN = 4;
/** Batch of the training. */
const BATCH = 8;

const seconds = (since) => ((performance.now() - since) / 1000).toFixed(1);

/** The flow on n x n points; states are about 0.18 apart. */
export function flowOf(n) {
  const { innerSteps } = sizesOf(n);
  return dynamics.kolmogorovFlow({ n, innerSteps, dtype: 'f32' });
}

/** Steps of the solver between two states, as on 64 x 64 with 25. */
export const sizesOf = (n) => ({ innerSteps: Math.round((25 * n) / 64), every: n / SEEN });

/** The flow, what is observed of it, and what is known of its attractor. */
export function flowWorld({ n, members, spinUp, samples, windows }) {
  const system = flowOf(n);
  const options = { wavenumber: WAVENUMBER, spacing: 5, window: WINDOW, seed: 1 };
  const bar = terminalCount('runs', members);
  const known = sampleFlow(system, { ...options, members, spinUp, samples, windows }, bar.tick);
  bar.stop();
  const { every } = sizesOf(n);
  return { system, every, operator: assimilation.subsample(every, { axes: [-2, -1] }), ...known };
}

/** Trains the network of Table 2; returns an inverse, of observations [...batch, T, 2, k, k] to states [...batch, T, 2, n, n]. */
export async function trainedInverse(world, { epochs, rate, falling = true, steps, spinUp }, say) {
  const { system, operator, every } = world;
  const network = assimilation.kolmogorovInverse({ factor: every });
  const perEpoch = Math.max(1, Math.round(steps / epochs));
  const options = { operator, wavenumber: WAVENUMBER, batchSize: BATCH, steps: perEpoch };
  const validation = assimilation.simulate(system, operator, random(3), {
    count: 16,
    states: WINDOW,
    spinUp,
  });
  const bar = terminalProgress();
  const start = performance.now();
  const schedule = optim.schedules.cosine({ initial: rate, steps: epochs * perEpoch });
  const { params, history } = await assimilation
    .trainInverse(network, network.init(random(4), [WINDOW, 2, SEEN, SEEN]), drawnBatches(world, options), {
      ...{ epochs, validation },
      optimizer: optim.adam({ learningRate: falling ? schedule : rate }),
      ...(process.stdout.isTTY && { progress: bar.progress }),
    })
    .finally(() => bar.stop());
  const cubic = scope(() => {
    const filled = assimilation.cubicUpsample(validation.observations, every, { axes: [-2, -1] });
    const [a, b] = [filled.data(), validation.states.data()];
    return a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0) / a.length;
  });
  say(
    `  network of Table 2 for factor ${every}: ${epochs * perEpoch} steps with batches of ${BATCH}, ${seconds(start)} s; mean squared error of velocities ${history.validationLoss.at(-1).toFixed(3)} on 16 other windows (interpolation: ${cubic.toFixed(3)})`,
  );
  return (y) => network.apply(params, y);
}

/** Figures 6 to 9, Table 3, and the page. */
export async function paperStudy({ world, settings, say, save }) {
  const { system, operator, gamma, covariance, every } = world;
  const { n } = system;
  const { tests, iterations, physics, spinUp } = settings;
  say(
    `Figures 6 to 9 and Table 3: ten snapshots ${system.interval.toFixed(3)} apart (${system.innerSteps} steps) of every ${every}th point of ${n} x ${n}; L-BFGS, history 10, ${iterations} steps (hybrid: ${physics} + ${iterations - physics})`,
  );
  const inverse = await trainedInverse(world, settings, say);
  const states = WINDOW + FORECAST;
  const test = assimilation.simulate(system, operator, random(6), { count: tests, states, spinUp });
  const start = performance.now();
  const count = terminalCount('assimilations', 4 * tests);
  const results = assimilateAll({
    ...{ system, operator, test, gamma, inverse, window: WINDOW, precondition: covariance, trace: true },
    ...{ iterations, physics, seen: system.vorticity, stateAxes: 2, tick: count.tick },
    baseline: (y) => assimilation.cubicUpsample(rowOf(y, 0), every, { axes: [-2, -1] }),
  });
  count.stop();
  say(`  ${tests} test windows in four settings: ${seconds(start)} s`);
  say('  Table 3, errors of the vorticity of the first forecast state:');
  const relative = printTable(say, results, WINDOW, PAPER);
  printTests(say, results, WINDOW);
  printOrder(say, relative, tests);
  await drawFigures({ world, test, results, window: WINDOW, physics, save });
  test.states.dispose();
  test.observations.dispose();
}

/** Whether the order of the paper holds, in words. */
function printOrder(say, [, baseHybrid, inverse, hybrid], tests) {
  const holds = (is) => (is ? 'as in the paper' : 'not as in the paper');
  say(
    `  by means, inverse starts are ahead of the baseline: ${holds(inverse < 1 && hybrid < 1)}; from the baseline start the hybrid is ahead of observation space: ${holds(baseHybrid < 1)}; from the inverse start it is not: ${holds(hybrid >= inverse)} (${tests} windows)`,
  );
}

/** Hours that settings take, by a trial of each part. */
export async function hoursOf({ n, members, spinUp, samples, steps, tests, iterations }) {
  const timed = async (f) => {
    const start = performance.now();
    await f();
    return performance.now() - start;
  };
  const trial = { n, members: 4, spinUp: 10, samples: 8, windows: 4, epochs: 1, rate: 1e-3, steps: 4 };
  const world = flowWorld(trial);
  const { system, operator, covariance } = world;
  const perInterval =
    (await timed(() =>
      scope(() =>
        dynamics.spinUp(system, system.initial(random(7), { batch: [trial.members] }), { steps: 100 }),
      ),
    )) /
    (100 * trial.members);
  const first = await timed(() => trainedInverse(world, { ...trial, steps: 1 }, () => {}));
  const training = (await timed(() => trainedInverse(world, { ...trial, steps: 9 }, () => {}))) - first;
  const options = { count: 1, states: WINDOW, spinUp: 10 };
  const { states, observations } = assimilation.simulate(system, operator, random(6), options);
  const problem = { system, operator, observations: rowOf(observations, 0) };
  const x0 = scope(() => mul(0.9, rowOf(rowOf(states, 0), 0)));
  const limits = { maxIterations: 20, throws: false, precondition: covariance };
  const assimilating = await timed(() => assimilation.fourDVar(problem, x0, undefined, limits));
  const hours = {
    sampling: perInterval * members * (spinUp + (5 * samples) / members),
    training: (training / 8) * steps,
    assimilation: (assimilating / 20) * 4 * tests * iterations,
  };
  return Object.fromEntries(Object.entries(hours).map(([part, ms]) => [part, ms / 3.6e6]));
}
