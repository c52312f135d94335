// Beyond the paper: a network in the place of an interval of Lorenz96 (section 3.3 of the dissertation), how well it forecasts, and whether it
// is a better system to begin an assimilation with.
import {
  assimilation,
  astype,
  concat,
  dynamics,
  linalg,
  matmul,
  mean,
  nn,
  ones,
  optim,
  random,
  reshape,
  scope,
  slice,
  sqrt,
  square,
  sub,
} from 'cotangent';
import { firstRows, meanOf, medianOf, rowOf, shownP } from './assimilation-study.mjs';
import { terminalCount, terminalProgress } from './progress.mjs';
import { signedRankTest } from './signed-rank.mjs';

/** States of a trajectory to learn from; every EVERY-th point is observed, in windows of so many states. */
const [STATES, EVERY, WINDOWS] = [10, 2, [10, 20]];
/** Intervals of the forecasts whose errors are shown. */
const LEADS = [1, 2, 5, 10, 20];

const seconds = (since) => ((performance.now() - since) / 1000).toFixed(1);
const size = (x, axis) => sqrt(mean(square(x), { axis }));

/** Rows [rows, K] of trajectories: the states before an interval, or behind it. */
function ends(states, from) {
  const [count, T, K] = states.shape;
  return reshape(slice(states, [0, from], [count, T - 1 + from]), [count * (T - 1), K]);
}

/** Errors after one interval of the best linear map from `data` on `test`. */
function linearMap(data, test) {
  const withOne = (x) => concat([x, ones([x.shape[0], 1], { dtype: x.dtype })], 1);
  const { x: map } = linalg.lstsq(withOne(ends(data, 0)), ends(data, 1));
  return size(sub(matmul(withOne(ends(test, 0)), map), ends(test, 1))).item();
}

/** Trains the emulator; returns it as a system of f64, like the exact one. */
async function trainedEmulator(system, { emulatorExamples: count, emulatorEpochs: epochs, rate }, say) {
  const [K] = system.stateShape;
  const f32 = dynamics.lorenz96({ dtype: 'f32' });
  const simulated = (seed, options) =>
    assimilation.simulate(f32, assimilation.identity(), random(seed), options).states;
  const states = simulated(9, { count, states: STATES });
  const model = assimilation.lorenz96Emulator();
  const start = model.init(random(10), [K]);
  const batchSize = 16;
  const steps = epochs * Math.ceil(count / batchSize);
  const bar = terminalProgress();
  const begun = performance.now();
  const { params } = await assimilation
    .trainEmulator(
      model,
      start,
      { states },
      {
        ...{ epochs, batchSize, generator: random(11) },
        optimizer: optim.adam({ learningRate: optim.schedules.cosine({ initial: rate, steps }) }),
        ...(process.stdout.isTTY && { progress: bar.progress }),
      },
    )
    .finally(() => bar.stop());
  say(
    `  emulator of ${nn.parameterCount(params)} numbers: ${count} trajectories of ${STATES} states, ${epochs} epochs in batches of ${batchSize}, ${steps} steps, ${seconds(begun)} s`,
  );
  scope(() => {
    const test = simulated(12, { count: 200, states: LEADS.at(-1) + 1 });
    const first = reshape(slice(test, [0, 0], [200, 1]), [200, K]);
    const emulated = dynamics.system({
      stateShape: [K],
      dtype: 'f32',
      advance: (x) => model.apply(params, x),
    });
    const forecast = dynamics.trajectory(emulated, first, { steps: LEADS.at(-1) });
    const [own, still] = [forecast, reshape(first, [200, 1, K])].map((x) =>
      size(sub(x, test), [0, 2]).toArray(),
    );
    const row = (errors) => LEADS.map((lead) => errors[lead].toFixed(3).padStart(8)).join('');
    say('  root mean square errors of its forecasts, of 200 other trajectories');
    say(`  ${'after'.padEnd(24)}${LEADS.map((n) => (n * system.interval).toFixed(1).padStart(8)).join('')}`);
    say(`  ${'emulator'.padEnd(24)}${row(own)}`);
    say(`  ${'linear regression'.padEnd(24)}${linearMap(states, test).toFixed(3).padStart(8)}`);
    say(`  ${'persistence'.padEnd(24)}${row(still)}`);
  });
  const advance = (x) => scope(() => astype(model.apply(params, astype(x, 'f32')), 'f64'));
  return dynamics.system({ stateShape: [K], interval: system.interval, name: 'emulator', advance });
}

/** 4D-Var, with the milliseconds that it takes. */
function timed(problem, x0, options) {
  const begun = performance.now();
  const { x, iterations } = assimilation.fourDVar(problem, x0, undefined, options);
  return { x, iterations, ms: performance.now() - begun };
}

/** One window in three ways: parts of minimisations by their system. Of `iterations` in all the emulator has a fifth where it has any. */
function minimised({ problem, emulator, x0, iterations, precondition }) {
  const limits = (maxIterations) => ({ precondition, maxIterations, throws: false });
  const fifth = iterations / 5;
  const emulated = timed({ ...problem, system: emulator }, x0, limits(fifth));
  return {
    'exact system': { exact: timed(problem, x0, limits(iterations)) },
    emulator: { emulated },
    'emulator, then exact system': {
      emulated,
      exact: timed(problem, emulated.x, limits(iterations - fifth)),
    },
  };
}

/** Assimilates windows of so many states in all ways: { way: [{ first, forecast, emulated, exact }] }, errors and parts. */
function assimilated(world, emulator, { window, windows: count, iterations }) {
  const { system, gamma, whitening: precondition } = world;
  const operator = assimilation.subsample(EVERY);
  const test = assimilation.simulate(system, operator, random(13), { count, states: window + 1 });
  const starts = dynamics.sample(system, random(14), { count });
  const bar = terminalCount('assimilations', count);
  const results = {};
  for (let i = 0; i < count; i++) {
    scope(() => {
      const observations = firstRows(rowOf(test.observations, i), window);
      const problem = { system, operator, observations };
      const ways = minimised({ problem, emulator, x0: rowOf(starts, i), iterations, precondition });
      for (const [way, parts] of Object.entries(ways)) {
        const { x } = parts.exact ?? parts.emulated;
        const path = dynamics.trajectory(system, x, { steps: window, throws: false });
        const errors = assimilation.relativeError(path, rowOf(test.states, i), gamma).toArray();
        (results[way] ??= []).push({ first: errors[0], forecast: errors[window], ...parts });
      }
    });
    bar.tick();
  }
  bar.stop();
  return results;
}

/** Prints errors of all ways, the steps that they took, and what the emulator changes. */
function printWays(say, results) {
  say(
    `  ${''.padEnd(28)}first state: mean error  median   forecast: mean error  median   steps: emulator  exact`,
  );
  for (const [way, runs] of Object.entries(results)) {
    const errors = ['first', 'forecast'].map((key) => {
      const list = runs.map((run) => run[key]);
      const { mean, error } = meanOf(list);
      return `${`${mean.toFixed(3)} ± ${error.toFixed(3)}`.padStart(23)}${medianOf(list).toFixed(3).padStart(8)}`;
    });
    const steps = ['emulated', 'exact'].map((part) =>
      meanOf(runs.map((run) => run[part]?.iterations ?? 0)).mean.toFixed(0),
    );
    say(`  ${way.padEnd(28)}${errors.join('  ')}${steps[0].padStart(18)}${steps[1].padStart(7)}`);
  }
  const total = (part, key) =>
    Object.values(results)
      .flat()
      .reduce((sum, run) => sum + (run[part]?.[key] ?? 0), 0);
  const perStep = (part) => `${(total(part, 'ms') / total(part, 'iterations')).toFixed(2)} ms`;
  say(`  a step with the emulator takes ${perStep('emulated')}, with the exact system ${perStep('exact')}`);
  const [alone, after] = [results['exact system'], results['emulator, then exact system']];
  for (const [key, what] of Object.entries({ first: 'first state', forecast: 'forecast' })) {
    const differences = alone.map((run, i) => run[key] - after[i][key]);
    const wins = differences.filter((d) => d > 0).length;
    say(
      `  ${`${what}, with the emulator first`.padEnd(40)}: better in ${wins} of ${alone.length}   p = ${shownP(signedRankTest(differences).p)}`,
    );
  }
}

/** Errors of an emulator, and of assimilations that begin with it. */
export async function emulation({ world, settings, say }) {
  const { windows, iterations } = settings;
  say('Beyond the paper: an emulator in the place of the system (section 3.3 of the dissertation)');
  const emulator = await trainedEmulator(world.system, settings, say);
  for (const window of WINDOWS) {
    say(
      `  ${windows} windows of ${window} states of every ${EVERY}nd point, random starts; L-BFGS, ${iterations} steps in all`,
    );
    printWays(say, assimilated(world, emulator, { window, windows, iterations }));
  }
}
