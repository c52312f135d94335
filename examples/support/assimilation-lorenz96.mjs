// Lorenz96 with every fourth point observed: its statistics, a network that learns to invert observations, and what that gives.
import { assimilation, astype, dynamics, mean, optim, random, scope, tensor } from 'cotangent';
import { forecastErrors, heatMaps, together } from './assimilation-pictures.mjs';
import { assimilateAll, nameOf, printTable, printTests, rowOf } from './assimilation-study.mjs';
import { lineChart } from './chart.mjs';
import { terminalCount, terminalProgress } from './progress.mjs';

/** States of the window, and of the forecast behind it. */
const [WINDOW, FORECAST] = [10, 20];
const PAPER = [1, 0.08, 0.25, 0.07];
const EVERY = 4;

const seconds = (since) => ((performance.now() - since) / 1000).toFixed(1);

/** The system, what is observed of it, and what is known of its attractor: mean, whitening, and γ of errors. */
export function lorenz96World({ samples }) {
  const system = dynamics.lorenz96();
  return scope(() => {
    const states = dynamics.sample(system, random(1), { count: samples });
    return {
      ...{ system, operator: assimilation.subsample(EVERY), mean: mean(states, { axis: 0 }) },
      whitening: assimilation.whitening(assimilation.sampleCovariance(states)),
      gamma: assimilation.errorScale(states),
    };
  });
}

/** Trains the network of Table 1; returns an inverse, of observations [...batch, T, k] to states [...batch, T, K]. */
async function trainedInverse({ operator }, { examples, epochs, rate }, say) {
  const system = dynamics.lorenz96({ dtype: 'f32' });
  const start = performance.now();
  const data = assimilation.simulate(system, operator, random(2), { count: examples, states: WINDOW });
  const validation = assimilation.simulate(system, operator, random(3), { count: 200, states: WINDOW });
  const simulated = seconds(start);
  const network = assimilation.lorenz96Inverse();
  const steps = epochs * Math.ceil(examples / 8);
  const bar = terminalProgress();
  const begun = performance.now();
  const { params, history } = await assimilation
    .trainInverse(network, network.init(random(4), [WINDOW, system.stateShape[0] / EVERY]), data, {
      ...{ epochs, validation, generator: random(5) },
      optimizer: optim.adam({ learningRate: optim.schedules.cosine({ initial: rate, steps }) }),
      ...(process.stdout.isTTY && { progress: bar.progress }),
    })
    .finally(() => bar.stop());
  say(
    `  network of Table 1: ${examples} windows (simulated in ${simulated} s), ${epochs} epochs in batches of 8, ${steps} steps, ${seconds(begun)} s`,
  );
  say(
    `  mean squared error of states: ${history.loss.at(-1).toFixed(2)} in the last epoch, ${history.validationLoss.at(-1).toFixed(2)} on 200 others`,
  );
  return (y) => scope(() => astype(network.apply(params, astype(y, 'f32')), 'f64'));
}

/** Figures 3, 4 and 5, and Table 3. */
export async function paperStudy({ world, settings, say, save }) {
  const { system, operator, whitening, gamma } = world;
  say(
    `Figures 3, 4, 5 and Table 3: ten snapshots 0.1 apart of every ${EVERY}th of ${system.stateShape[0]} points; L-BFGS, ${settings.iterations} steps`,
  );
  const inverse = await trainedInverse(world, settings, say);
  const test = assimilation.simulate(system, operator, random(6), {
    count: settings.windows,
    states: WINDOW + FORECAST,
  });
  const start = performance.now();
  const count = terminalCount('assimilations', 4 * settings.windows);
  const results = assimilateAll({
    ...{ system, operator, test, gamma, inverse, window: WINDOW, precondition: whitening },
    ...{ iterations: settings.iterations, physics: settings.iterations / 5, tick: count.tick },
    baseline: (y) => assimilation.averageInitial(operator, rowOf(y, 0), world.mean),
  });
  count.stop();
  say(`  ${settings.windows} test windows in four settings: ${seconds(start)} s`);
  const relative = printTable(say, results, WINDOW, PAPER);
  printTests(say, results, WINDOW);
  const shown = typicalWindow(results[0]);
  await save('starts', await starts(results, test, shown));
  await save(
    'forecast',
    await forecastErrors({
      title: 'Lorenz96: errors of the analysis and of its forecast',
      subtitle: `mean of ${settings.windows} windows, bands: its standard error; 1 is the error of an independent state`,
      ...{ results, interval: system.interval, window: WINDOW, log: true },
    }),
  );
  await save('trajectories', trajectories(results, test, shown));
  return relative;
}

/** The window whose first forecast state has the median of the errors. */
function typicalWindow({ runs }) {
  const order = runs.map((_, i) => i).sort((a, b) => runs[a].errors[WINDOW] - runs[b].errors[WINDOW]);
  return order[Math.floor(order.length / 2)];
}

const SHOWN = 'the window with the median error of the baseline';

/** Figure 3: both starts of a test window against its truth. */
async function starts(results, test, shown) {
  const points = (values) => Array.from(values, (value, k) => [k, value]);
  const truth = points(rowOf(rowOf(test.states, shown), 0).data());
  const all = [...truth, ...[3, 0].flatMap((k) => points(results[k].runs[shown].start))].map(([, x]) => x);
  const domain = [Math.floor(Math.min(...all)), Math.ceil(Math.max(...all))];
  const charts = [3, 0].map((k) => {
    const { setting, runs } = results[k];
    return lineChart({
      title: setting.start === 'inverse' ? 'learned inverse' : 'average',
      series: [
        { name: 'truth', points: truth, colour: 0, dash: 1 },
        { name: 'start', points: points(runs[shown].start), colour: 1, dash: 0 },
      ],
      dots: { points: truth.filter(([k]) => k % EVERY === 0) },
      x: { title: 'grid point', format: 'd' },
      y: { title: '', format: 'd', domain },
      width: 380,
      height: 260,
    });
  });
  return together({
    title: 'Lorenz96: starts of a test window (Figure 3)',
    subtitle: `${SHOWN}; yellow: the points that are observed at this time`,
    pictures: await Promise.all(charts),
  });
}

/** Figure 5: trajectories of a test window, in finer steps than were assimilated. */
function trajectories(results, test, shown) {
  const { interval } = dynamics.lorenz96();
  const finer = 5;
  const system = dynamics.lorenz96({ interval: interval / finer, innerSteps: 10 / finer });
  const steps = (WINDOW + FORECAST - 1) * finer;
  const from = (x0) => dynamics.trajectory(system, x0, { steps }).toArray();
  const [truth, baseline, proposed] = scope(() => [
    from(rowOf(rowOf(test.states, shown), 0)),
    from(tensor(results[0].runs[shown].analysis)),
    from(tensor(results[3].runs[shown].analysis)),
  ]);
  const turned = (path) => path[0].map((_, k) => path.map((state) => state[k]));
  const minus = (a, b) => a.map((state, t) => state.map((value, k) => value - b[t][k]));
  return heatMaps({
    title: 'Lorenz96: a test window and its forecast (Figure 5)',
    subtitle: `${SHOWN}; baseline: average start, observation space; proposed: ${nameOf(results[3].setting)}`,
    maps: [
      { name: 'truth', rows: turned(truth) },
      { name: 'baseline', rows: turned(baseline) },
      { name: 'proposed', rows: turned(proposed) },
      { name: 'baseline - truth', rows: turned(minus(baseline, truth)) },
      { name: 'proposed - truth', rows: turned(minus(proposed, truth)) },
    ],
    ...{ most: 12, time: steps * system.interval, x: 'time', y: 'grid point' },
    rule: { x: (WINDOW - 0.5) * interval, text: 'forecast' },
  });
}

/** Hours that settings take, by a trial of each part. */
export async function hoursOf({ samples, examples, epochs, windows, iterations }) {
  const timed = async (f) => {
    const start = performance.now();
    await f();
    return performance.now() - start;
  };
  const trial = { samples: 200, iterations: 100 };
  let world;
  const sampling = await timed(() => {
    world = lorenz96World(trial);
  });
  const { system, operator } = world;
  // What comes before the first step is the same for both.
  const [few, many] = [5, 30];
  const training = (steps) =>
    timed(() => trainedInverse(world, { examples: 8 * steps, epochs: 1, rate: 1e-3 }, () => {}));
  const step = ((await training(many)) - (await training(few))) / (many - few);
  const test = assimilation.simulate(system, operator, random(6), { count: 1, states: WINDOW });
  const problem = { system, operator, observations: rowOf(test.observations, 0) };
  const limits = { maxIterations: trial.iterations, throws: false };
  const assimilating = await timed(() => assimilation.fourDVar(problem, world.mean, undefined, limits));
  const spunUp = (sampling / trial.samples) * (samples + examples + windows);
  const trained = Math.max(0, step) * Math.ceil((epochs * examples) / 8);
  const assimilated = (assimilating / trial.iterations) * 4 * windows * iterations;
  return (spunUp + trained + assimilated) / 3.6e6;
}
