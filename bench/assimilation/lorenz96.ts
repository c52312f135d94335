// Windows of Lorenz96: K = 40, 10 intervals of 10 steps of RK4, every 4th number of the 11 states observed, f64; and one 4D-Var of such a window.
import * as ct from 'cotangent';
import { sorted } from '../peers/duel.js';
import { quantile } from '../timing.js';
import { loopWindow } from './lorenz96-loops.js';
import { checkSame, HEADER, numbersOf, type Setting } from './rows.js';

const { assimilation, compile, dynamics, random, scope, tensor, valueAndGrad } = ct;

const [K, INTERVALS, EVERY] = [40, 10, 4];
/** Windows in a batch. */
const MANY = 64;

/** Starts on the attractor, and noisy observations of the windows behind them. */
export function windows(count: number) {
  const system = dynamics.lorenz96({ K });
  const operator = assimilation.subsample(EVERY);
  const truth = dynamics.spinUp(system, system.initial(random(1), { batch: [count] }));
  const seen = operator.apply(dynamics.trajectory(system, truth, { steps: INTERVALS }));
  const observations = ct.add(seen, random(2).normal(seen.shape));
  const starts = ct.add(truth, random(3).normal(truth.shape));
  return { system, operator, observations, starts };
}

/** The same, of one window. */
function singleWindow() {
  const { observations, starts, ...more } = windows(1);
  return {
    ...more,
    observations: ct.reshape(observations, observations.shape.slice(1)),
    start: ct.reshape(starts, [K]),
  };
}

/** The sum of a batch's objectives. */
export const summed = (J: (x: ct.Tensor) => ct.Tensor) => (x: ct.Tensor) => ct.sum(J(x));

export async function lorenz96({ compare }: Setting): Promise<void> {
  const { system, operator, observations, start } = singleWindow();
  const J = assimilation.objective({ system, operator, observations });
  const both = valueAndGrad(J);
  const sizes = { K, F: 8, dt: system.dt, inner: system.innerSteps, intervals: INTERVALS, every: EVERY };
  const loops = loopWindow(sizes);
  const [x0, y, out] = [numbersOf(start), numbersOf(observations), new Float64Array(K)];
  const [value, gradient] = [compile(J), compile(both)];
  const theirs = loops.gradient(x0, y, out);
  for (const { value: own, grad } of [scope(() => both(start)), gradient(start)]) {
    checkSame('Lorenz96, objective', own.data(), [theirs], 1e-11);
    checkSame('Lorenz96, gradient', grad.data(), out, 1e-10);
  }
  checkSame('Lorenz96, objective alone', [loops.value(x0, y), value(start).item()], [theirs, theirs], 1e-11);

  const eager = (f: (x: ct.Tensor) => unknown) => () => scope(() => void f(start));
  const forwards = [
    { name: 'forward, compiled', run: () => value(start) },
    { name: 'forward, eager', run: eager(J) },
  ];
  const gradients = [
    { name: 'compiled', run: () => gradient(start) },
    { name: 'eager', run: eager(both) },
  ];
  const byHand = [
    { name: 'JavaScript, forward', run: () => loops.value(x0, y) },
    { name: 'JavaScript, gradient by hand', run: () => loops.gradient(x0, y, out) },
  ];
  console.log(HEADER);
  const what = 'Lorenz96 window, f64';
  for (const [i, own] of gradients.entries())
    await compare(`${what}: gradient, ${own.name}`, [own, forwards[i]], 'at most 4', true);
  for (const own of gradients)
    await compare(
      `${what}: gradient, ${own.name}`,
      [own, byHand[1]],
      own.name === 'compiled' ? 'at least 2.5' : '',
    );
  for (const own of forwards) await compare(`${what}: ${own.name}`, [own, byHand[0]], '');
  await batched({ loops, compare });
  console.log('');
  iterations();
}

/** A batch of windows, against the loops over as many. */
async function batched({
  loops,
  compare,
}: Pick<Setting, 'compare'> & { loops: ReturnType<typeof loopWindow> }) {
  const { system, operator, observations, starts } = windows(MANY);
  const both = valueAndGrad(summed(assimilation.objective({ system, operator, observations })));
  const gradient = compile(both);
  const [xs, ys] = [numbersOf(starts), numbersOf(observations)];
  const outs = new Float64Array(xs.length);
  const rows = observations.size / MANY;
  const parts = Array.from({ length: MANY }, (_, i) => ({
    x: xs.subarray(i * K, i * K + K),
    y: ys.subarray(i * rows, i * rows + rows),
    out: outs.subarray(i * K, i * K + K),
  }));
  const byHand = () => {
    for (const { x, y, out } of parts) loops.gradient(x, y, out);
  };
  byHand();
  checkSame('windows in a batch', gradient(starts).grad.data(), outs, 1e-10);
  const other = { name: `JavaScript, ${MANY} gradients by hand`, run: byHand };
  for (const own of [
    { name: 'compiled', run: () => gradient(starts) },
    { name: 'eager', run: () => scope(() => void both(starts)) },
  ]) {
    const what = `${MANY} windows in a batch, f64: gradient, ${own.name}`;
    const [ms] = await compare(what, [own, other], own.name === 'compiled' ? 'at least 2.5' : '');
    console.log(`| the same, a window | ${(ms / MANY).toFixed(4)} | | | | |`);
  }
}

/** One 4D-Var from a poor start, which takes all of the iterations that it is given. */
function iterations(): void {
  const { system, operator, observations, start } = singleWindow();
  const x0 = assimilation.averageInitial(
    operator,
    tensor(numbersOf(observations).slice(0, K / EVERY)),
    ct.full([K], 2.5),
  );
  start.dispose();
  const run = () =>
    scope(() => {
      const settings = { maxIterations: 500, gradientTolerance: 0, throws: false };
      const begin = performance.now();
      const solution = assimilation.fourDVar({ system, operator, observations }, x0, undefined, settings);
      const ms = performance.now() - begin;
      const { iterations, evaluations, value, gradientNorm } = solution;
      return { ms, iterations, evaluations, value, gradientNorm };
    });
  run();
  const runs = Array.from({ length: 9 }, run);
  const { iterations: steps, evaluations, value, gradientNorm } = runs[0];
  const [low, middle, high] = [0.25, 0.5, 0.75].map((q) =>
    quantile(sorted(runs.map(({ ms }) => ms)), q).toFixed(1),
  );
  console.log(
    `4D-Var of a Lorenz96 window, L-BFGS: ${steps} iterations, ${evaluations.gradient} gradients, ${middle} ms (${low} to ${high}), J = ${value.toPrecision(5)}, |∇J| = ${gradientNorm.toExponential(1)}\n`,
  );
}
