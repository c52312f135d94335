// Beyond the paper: Lorenz96 observed with noise over a long time, in windows that shift, with a background and its covariance; and an
// ensemble, whose spread is to tell the error.
import { assimilation, dynamics, mean, mul, random, scope, slice, sqrt, square, stack, sub } from 'cotangent';
import { rowOf } from './assimilation-study.mjs';

/** Every second point, with noise of this deviation; rows of a window, the next one behind it; intervals of a forecast from its end. */
const [EVERY, NOISE, WINDOW, AHEAD] = [2, 1, 5, 5];
/** The background's covariance as a share of the attractor's, the same for all windows; shares from 0.02 to 0.1 do about as well. */
const SHARE = 0.05;
const LIMITS = { maxIterations: 500, gradientTolerance: 1e-3, throws: false };

/** Root of a mean square. */
const size = (x) => scope(() => sqrt(mean(square(x))).item());

const stacked = (list) => stack(list, 0);

/** States of the truth in these windows, `step` intervals behind their first ones. */
const truthAt = ({ truth }, windows, step) => stacked(windows.map((w) => rowOf(truth, w * WINDOW + step)));

/** Rows of observations in window w. */
const observed = ({ y }, w) => slice(y, [w * WINDOW, 0], [(w + 1) * WINDOW, y.shape[1]]);

/** Errors of analyses [windows, ...state] at the first state of their window, its last, and in the forecast. */
function errorsOf(world, windows, analyses) {
  let at = 0;
  let states = analyses;
  return [0, WINDOW - 1, WINDOW - 1 + AHEAD].map((step) => {
    states = dynamics.spinUp(world.system, states, { steps: step - at });
    at = step;
    return size(sub(states, truthAt(world, windows, step)));
  });
}

/** What was run in the end: { analyses, backgrounds, solutions } of all windows. */
function methodsOf({ system, operator, y, R, B, start }, count) {
  const problem = { system, operator, observations: y, R, xb: start, window: WINDOW };
  const incremental = assimilation.incremental({ outer: 10, inner: 50, innerTolerance: 1e-3 });
  return {
    'every window from the mean state': () => {
      const solutions = Array.from({ length: count }, (_, w) => {
        const observations = observed({ y }, w);
        const x0 = assimilation.averageInitial(operator, rowOf(observations, 0), start);
        return { x0, ...assimilation.fourDVar({ system, operator, observations, R }, x0, undefined, LIMITS) };
      });
      return {
        solutions,
        analyses: stacked(solutions.map(({ x }) => x)),
        backgrounds: stacked(solutions.map(({ x0 }) => x0)),
      };
    },
    'cycle, the forecast as the start only': () => assimilation.cycle(problem, LIMITS),
    'cycle with B, L-BFGS': () => assimilation.cycle({ ...problem, B }, { ...LIMITS, precondition: B }),
    'cycle with B, incremental': () =>
      assimilation.cycle({ ...problem, B }, { ...LIMITS, precondition: B, method: incremental }),
  };
}

/** Prints errors of four ways to assimilate a long time, and the spread of ensembles beside their errors. */
export function cycles({ world: { system, mean: start, whitening }, settings, say }) {
  const { cycles: count, members } = settings;
  scope(() => {
    const operator = assimilation.subsample(EVERY);
    const R = assimilation.covariance.diagonal(NOISE ** 2);
    const B = assimilation.covariance.dense(mul(whitening.covariance, SHARE));
    const rows = count * WINDOW;
    const first = { count: 1, states: rows + AHEAD };
    const truth = rowOf(assimilation.simulate(system, operator, random(7), first).states, 0);
    const seen = slice(truth, [0, 0], [rows, truth.shape[1]]);
    const y = assimilation.observe(operator, seen, { stateAxes: 1, R, generator: random(8) });
    const world = { system, operator, y, R, B, start, truth };
    // The first windows are still far off.
    const from = Math.floor(count / 5);
    const windows = Array.from({ length: count - from }, (_, k) => from + k);
    const later = (x) => slice(x, [from, 0], x.shape);
    say(
      `Beyond the paper: every second point with noise of deviation ${NOISE}, ${count} windows of ${WINDOW} rows; B = ${SHARE} C, R = ${NOISE ** 2} I`,
    );
    say(`  root mean square errors of all points in windows ${from + 1} to ${count}`);
    say(
      `  ${''.padEnd(38)}     start   analysis   end of window   ${(AHEAD * system.interval).toFixed(1)} later   gradients   products   seconds`,
    );
    let backgrounds;
    for (const [name, run] of Object.entries(methodsOf(world, count))) {
      const begun = performance.now();
      const result = run();
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      const before = size(sub(later(result.backgrounds), truthAt(world, windows, 0)));
      const cells = [before, ...errorsOf(world, windows, later(result.analyses))].map((x) => x.toFixed(3));
      const used = (what) =>
        result.solutions.reduce((sum, { evaluations }) => sum + (evaluations[what] ?? 0), 0);
      cells.push(used('gradient'), used('product'), seconds);
      say(
        `  ${name.padEnd(38)}${cells.map((cell, i) => String(cell).padStart([10, 11, 16, 12, 12, 11, 10][i])).join('')}`,
      );
      ({ backgrounds } = result);
    }
    spreads(world, windows, { backgrounds, members }, say);
  });
}

/** Prints the spread of ensembles over windows, beside the error of their means. */
function spreads(world, windows, { backgrounds, members }, say) {
  const { system, operator, R, B } = world;
  const begun = performance.now();
  const squares = [0, WINDOW - 1].map((step) => ({ step, spread: 0, error: 0 }));
  for (const w of windows)
    scope(() => {
      const xb = rowOf(backgrounds, w);
      const problem = { system, operator, observations: observed(world, w), R, B, xb };
      const options = { ...LIMITS, precondition: B, members, generator: random(100 + w) };
      const { analyses } = assimilation.ensemble(problem, xb, options);
      for (const sum of squares) {
        const states = dynamics.spinUp(system, analyses, { steps: sum.step });
        const center = mean(states, { axis: 0 });
        sum.spread += (size(sub(states, center)) ** 2 * members) / (members - 1);
        sum.error += size(sub(center, rowOf(world.truth, w * WINDOW + sum.step))) ** 2;
      }
    });
  const text = squares.map(({ step, spread, error }) => {
    const [s, e] = [spread, error].map((sum) => Math.sqrt(sum / windows.length).toFixed(3));
    return `${step === 0 ? 'analysis' : 'end of window'}: ${s} and ${e}`;
  });
  say(
    `  ensembles of ${members} in each of these windows, spread and error of their mean: ${text.join(', ')}; ${((performance.now() - begun) / 1000).toFixed(1)} s`,
  );
}
