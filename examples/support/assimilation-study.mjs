// The study that the examples lorenz96 and kolmogorov share: test windows assimilated from two starts, in two spaces, and how well
// the analyses forecast.
import { assimilation, dynamics, reshape, scope, slice } from 'cotangent';
import { signedRankTest } from './signed-rank.mjs';

/** The four settings of the paper. */
export const SETTINGS = [
  { start: 'baseline', space: 'observation' },
  { start: 'baseline', space: 'hybrid' },
  { start: 'inverse', space: 'observation' },
  { start: 'inverse', space: 'hybrid' },
];

export const nameOf = ({ start, space }) =>
  `${start} start, ${space === 'hybrid' ? 'hybrid' : 'observation space'}`;

/** Row i of the first axis. */
export const rowOf = (x, i) =>
  reshape(slice(x, [i, ...x.shape.slice(1).map(() => 0)], [i + 1, ...x.shape.slice(1)]), x.shape.slice(1));

/** The first `count` rows. */
export const firstRows = (x, count) =>
  slice(
    x,
    x.shape.map(() => 0),
    [count, ...x.shape.slice(1)],
  );

/**
 * Assimilates every test window in every setting, and forecasts from the analyses.
 * @param options `system`, `operator`; `test` { states [count, states, ...state], observations [count, states, ...observation] }, of which
 * the first `window` are assimilated; `baseline`: observations of a window to a start; `inverse`: observations of a window to its states;
 * `gamma` of errors; `iterations` in all, of which `physics` in the space of states where it is hybrid; `precondition`; `method`;
 * `seen`: what of a trajectory errors compare (default the states), with `stateAxes` axes; `trace`: keeps objectives; `tick`: called
 * after each assimilation.
 * @returns a list of { setting, runs: [{ errors, analysis, start, trace?, status, iterations }] }, arrays of numbers: `errors` of every
 * state from the first of the window on; `trace` [iteration, objective in the space of observations].
 */
export function assimilateAll(options) {
  const { system, operator, test, window, baseline, inverse, gamma, iterations, physics } = options;
  const { precondition, method, seen = (x) => x, trace = false, tick = () => {} } = options;
  const stateAxes = options.stateAxes ?? system.stateShape.length;
  const [count, states] = test.states.shape;
  const settings = { throws: false, trace, ...(precondition && { precondition }) };
  const result = SETTINGS.map((setting) => ({ setting, runs: [] }));
  for (let i = 0; i < count; i++)
    scope(() => {
      const truth = seen(rowOf(test.states, i));
      const observations = firstRows(rowOf(test.observations, i), window);
      const problem = { system, operator, observations };
      const inverted = inverse(observations);
      const starts = { baseline: baseline(observations), inverse: rowOf(inverted, 0) };
      for (const { setting, runs } of result)
        scope(() => {
          const x0 = starts[setting.start];
          const found =
            setting.space === 'hybrid'
              ? assimilation.hybrid(problem, x0, {
                  ...settings,
                  ...(method && { method }),
                  inverse: () => inverted,
                  physicsIterations: physics,
                  observationIterations: iterations - physics,
                })
              : assimilation.fourDVar(problem, x0, method, { ...settings, maxIterations: iterations });
          const forecast = seen(dynamics.trajectory(system, found.x, { steps: states - 1, throws: false }));
          const errors = assimilation.relativeError(forecast, truth, gamma, { stateAxes });
          runs.push({
            errors: Array.from(errors.data()),
            analysis: Array.from(found.x.data()),
            start: Array.from(x0.data()),
            status: found.status,
            iterations: found.iterations + (found.physics?.iterations ?? 0),
            ...(trace && {
              trace: found.trace.map(({ iteration, value, observationValue = value }) => [
                iteration,
                observationValue,
              ]),
            }),
          });
          tick();
        });
    });
  return result;
}

/** The mean of numbers with its standard error. */
export function meanOf(values) {
  const n = values.length;
  const mean = values.reduce((sum, x) => sum + x, 0) / n;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / Math.max(1, n - 1);
  return { mean, error: Math.sqrt(variance / n) };
}

/** The median of numbers. */
export function medianOf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Errors at state `at` of all runs of a setting. */
const errorsAt = ({ runs }, at) => runs.map(({ errors }) => errors[at]);

/**
 * Prints Table 3: errors of state `at`, the first of the forecast, with the paper's numbers beside; and how minimisations ended.
 * @param results of `assimilateAll`. @param paper four numbers, in the order of SETTINGS.
 * @returns the means relative to that of the baseline.
 */
export function printTable(say, results, at, paper) {
  const rows = results.map((result) => ({
    name: nameOf(result.setting),
    ...meanOf(errorsAt(result, at)),
    median: medianOf(errorsAt(result, at)),
  }));
  const base = rows[0].mean;
  say(`  ${''.padEnd(36)}mean relative L1 error   median   relative to the baseline   paper`);
  rows.forEach(({ name, mean, error, median }, i) => {
    const absolute = `${mean.toFixed(4)} ± ${error.toFixed(4)}`.padStart(22);
    say(
      `  ${name.padEnd(36)}${absolute}${median.toFixed(4).padStart(9)}${(mean / base).toFixed(3).padStart(27)}${paper[i].toFixed(2).padStart(8)}`,
    );
  });
  const ends = new Map();
  for (const { runs } of results)
    for (const { status } of runs) ends.set(status, (ends.get(status) ?? 0) + 1);
  say(`  minimisations ended: ${[...ends].map(([status, count]) => `${count} ${status}`).join(', ')}`);
  return rows.map(({ mean }) => mean / base);
}

/** A p-value in a line. */
export const shownP = (p) => (p < 0.001 ? p.toExponential(0) : p.toFixed(3));

const PAIRS = [
  [0, 1],
  [0, 2],
  [1, 3],
  [2, 3],
];

/** Prints who wins in how many windows at state `at`, with p-values of the paired differences. */
export function printTests(say, results, at) {
  say(
    "  Paired differences of that error (Wilcoxon's signed-rank test, exact, two-sided); wins: windows with the smaller error",
  );
  for (const [a, b] of PAIRS) {
    const [first, second] = [errorsAt(results[a], at), errorsAt(results[b], at)];
    const { p } = signedRankTest(first.map((x, i) => x - second[i]));
    const wins = first.filter((x, i) => second[i] < x).length;
    say(
      `  ${nameOf(results[b].setting).padEnd(34)} against ${nameOf(results[a].setting).padEnd(34)} wins ${String(wins).padStart(3)} of ${first.length}   p = ${shownP(p)}`,
    );
  }
}
