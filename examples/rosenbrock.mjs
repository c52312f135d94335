// Four optimizers on the averaged Rosenbrock function: progress by iterations and by time, long and short runs, as
// pictures.
// npm run example -- rosenbrock [folder] [--n 1000]
// The study of T. Frerix's dissertation, section 1.1.5 and Figure 2, with its settings; the claims of the text are
// checked at the end.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { add, compile, hessian, linalg, mul, ones, optim, random, slice, square, sub, sum } from 'cotangent';
import { lineChart } from './support/chart.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { n: { type: 'string', default: '1000' } },
});
const n = Number(values.n);
const folder = positionals[0] ?? '.';

/** The averaged Rosenbrock function, equation (15). */
const f = (z) => {
  const [head, tail] = [slice(z, [0], [n - 1]), slice(z, [1], [n])];
  return mul(sum(add(mul(square(sub(tail, square(head))), 100), square(sub(head, 1)))), 1 / (n - 1));
};

/** Settings of section 1.1.5; gradient descent is cut off, as in the figure. */
const methods = {
  'gradient descent': optim.gradientDescent({ lineSearch: optim.backtracking({ initialStep: 0.1 }) }),
  Newton: optim.newton({ lineSearch: optim.backtracking(), cutoff: 1e-6 }),
  BFGS: optim.bfgs({ lineSearch: optim.strongWolfe(), initialInverse: { hessianCutoff: 1e-3 } }),
  'L-BFGS': optim.lbfgs({ history: 10, lineSearch: optim.strongWolfe() }),
};
const LIMIT = { 'gradient descent': 20 * n };

const z0 = random(3).normal([n]);

// The unit of time: what one value of f costs, in a compiled program.
const value = compile(f);
const time = (runs) => {
  const start = performance.now();
  for (let i = 0; i < runs; i++) value(z0);
  return (performance.now() - start) / 1000 / runs;
};
time(200);
const unit = Math.min(...Array.from({ length: 20 }, () => time(200)));

// A short run is repeated, and the fastest one counts: the machine may be busy meanwhile.
const repeats = n <= 300 ? 5 : 1;
if (repeats === 1) console.log(`n = ${n}: some minutes, nearly all of them Newton's`);

const runs = Object.entries(methods).map(([name, method]) => {
  const start = performance.now();
  const tries = Array.from({ length: repeats }, () =>
    optim.minimize(f, z0, method, {
      gradientTolerance: 1e-10,
      maxIterations: LIMIT[name] ?? 100_000,
      trace: true,
      throws: false,
    }),
  );
  const time = ({ trace }) => trace.at(-1).seconds;
  const { trace, x, message } = tries.reduce((best, next) => (time(next) < time(best) ? next : best));
  const error = Math.max(...sub(x, 1).data().map(Math.abs));
  const seconds = (performance.now() - start) / 1000;
  console.log(
    `${name}: ${seconds.toFixed(1)} s, ${trace.length - 1} iterations, f = ${trace.at(-1).value.toExponential(1)}, |z - 1| <= ${error.toExponential(0)}`,
  );
  console.log(`  ${message}`);
  return { name, trace, seconds, error };
});

// The Hessian's condition at the minimum: the text says about 3600.
const spectrum = linalg.eigvalsh(hessian(f)(ones([n]))).data();
const condition = spectrum[n - 1] / spectrum[0];
console.log(`condition of the Hessian at the minimum: ${condition.toFixed(1)}`);

// The pictures.
const last = (run) => run.trace.at(-1);
const slowest = Math.max(
  ...runs.filter(({ name }) => name !== 'gradient descent').map(({ trace }) => trace.length),
);
const longTime =
  1.05 *
  Math.max(...['BFGS', 'L-BFGS'].map((name) => last(runs.find((r) => r.name === name)).seconds / unit));
// Twice what L-BFGS takes for its first hundred iterations, which begin with the compilation of f.
const shortTime = (2 * runs[3].trace[100].seconds) / unit;
const charts = {
  'long-iterations': ['iteration', (e) => e.iteration, slowest, false],
  'long-time': ['time / time of one evaluation of f', (e) => e.seconds / unit, longTime, false],
  'short-iterations': ['iteration', (e) => e.iteration, 60, false],
  'short-time': ['time / time of one evaluation of f', (e) => e.seconds / unit, shortTime, false],
};
for (const [name, [title, at, end, log]] of Object.entries(charts)) {
  const file = join(folder, `rosenbrock-${name}.svg`);
  const svg = await lineChart({
    title: `Averaged Rosenbrock function, n = ${n}`,
    subtitle: `${name.startsWith('long') ? 'long' : 'short'} run; one evaluation of f takes ${(unit * 1e6).toFixed(1)} µs`,
    series: runs.map((run) => ({ name: run.name, points: run.trace.map((e) => [at(e), e.value]) })),
    x: { title, log, domain: [0, end] },
    y: { title: 'f(z)', log: true },
  });
  writeFileSync(file, svg);
  console.log(file);
}

// The claims of the text about the figure, checked against these runs.
const [descent, newton, bfgs, lbfgs] = runs;
const valueAt = (run, iteration) => run.trace[Math.min(iteration, run.trace.length - 1)].value;
const timeTo = (run, level) => run.trace.find((e) => e.value <= level)?.seconds ?? Number.POSITIVE_INFINITY;
/**
 * The factor by which one of the last steps multiplies the digits of the gradient: 2 for quadratic convergence, hardly
 * more than 1 at a linear rate.
 */
const digits = ({ trace }) => {
  const g = trace.slice(-4).map((e) => Math.log(e.gradientNorm));
  return Math.max(...g.slice(1).map((v, i) => v / g[i]));
};
/** The mean factor per iteration by which the gradient falls, over a part of a run counted from its end. */
const factor = ({ trace }, from, to) => {
  const [a, b] = [trace[trace.length - 1 - from], trace[trace.length - 1 - to]];
  return (b.gradientNorm / a.gradientNorm) ** (1 / (from - to));
};
const late = (run) => Math.min(20, Math.floor(run.trace.length / 10));
const claims = {
  'all but gradient descent reach the minimiser of ones': runs.slice(1).every((run) => run.error < 1e-6),
  'gradient descent is linear: it needs far more iterations': timeless(descent) > 5 * timeless(newton),
  'Newton is quadratic at the end': digits(newton) > 1.6 && digits(bfgs) < 1.3,
  'BFGS is superlinear at the end':
    factor(bfgs, late(bfgs), 0) < 0.75 * factor(bfgs, 3 * late(bfgs), late(bfgs)),
  'Newton is slow at first: gradient descent is ahead of it': valueAt(descent, 10) < valueAt(newton, 10),
  'at first L-BFGS is close to gradient descent, BFGS to Newton':
    closer(lbfgs, descent, newton) && closer(bfgs, newton, descent),
  'L-BFGS is best in time': [descent, newton, bfgs].every((run) => timeTo(lbfgs, 1e-12) < timeTo(run, 1e-12)),
  'the condition is about 3600': Math.abs(condition - 3613) < 0.05 * 3613 || n < 1000,
};
function timeless(run) {
  const k = run.trace.findIndex((e) => e.value <= 1e-12);
  return k < 0 ? run.trace.length : k;
}
function closer(run, one, other) {
  const distance = (a, b) => Math.abs(Math.log(valueAt(a, 5) / valueAt(b, 5)));
  return distance(run, one) < distance(run, other);
}
// The text calls L-BFGS superlinear, too; its theory promises a linear rate, and a run shows a linear rate.
const rates = (run) => [factor(run, 3 * late(run), late(run)), factor(run, late(run), 0)];
for (const run of [bfgs, lbfgs]) {
  const [before, end] = rates(run).map((rate) => rate.toFixed(2));
  console.log(
    `${run.name}: the gradient falls by a factor of ${before} per iteration near the end, ${end} at the end`,
  );
}
for (const [claim, holds] of Object.entries(claims))
  console.log(`${holds ? 'holds' : 'DOES NOT HOLD'}: ${claim}`);
