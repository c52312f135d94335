// Figures 1 to 4: products of K random rotations, and how many rotations find them again.
import { givens } from 'cotangent';
import { lineChart } from './chart.mjs';
import { logarithmic, plantedMatrix, samplesOf, shown, spread } from './givens-samples.mjs';
import { terminalCount } from './progress.mjs';

/** Figure 1: the share of entries that are not 0, against the number of planted rotations. */
export async function sparsity({ settings: { sizes, samples }, save, say }) {
  const ratios = Array.from({ length: 25 }, (_, k) => k / 20);
  const share = (matrix) => {
    const list = matrix.data();
    return list.reduce((count, x) => count + (x !== 0), 0) / list.length;
  };
  const rows = sizes.map((d) => ({
    d,
    shares: ratios.map(
      (ratio) => spread(samplesOf(samples, (s) => share(plantedMatrix(d, logarithmic(d, ratio), s)))).mean,
    ),
  }));
  say(
    `Figure 1: share of entries that are not 0 in products of K random rotations, mean of ${samples} samples.`,
  );
  say(`  K / (d log2 d)${[0.25, 0.5, 0.75, 1].map((ratio) => ratio.toFixed(2).padStart(10)).join('')}`);
  for (const { d, shares } of rows)
    say(
      `  d = ${String(d).padEnd(10)}${[5, 10, 15, 20].map((k) => shares[k].toFixed(4).padStart(10)).join('')}`,
    );
  say('  The paper: dense at K = d log2 d.');
  await save(
    'sparsity',
    lineChart({
      title: 'Products of random rotations become dense quickly',
      subtitle: `Share of non-zero entries of K-planted matrices, mean of ${samples} samples`,
      series: rows.map(({ d, shares }) => ({
        name: `d = ${d}`,
        points: shares.map((y, k) => [ratios[k], y]),
      })),
      x: { title: 'K / (d log₂ d)', format: '.1f' },
      y: { title: 'share of non-zero entries', domain: [0, 1], format: '.0%' },
    }),
  );
}

const CURVES = [
  ['l1', 'L1'],
  ['elimination', 'structured elimination'],
  ['greedy', 'greedy baseline'],
];

/** Figure 2: the error against the number of factors, of d log₂(d)-planted matrices. */
export async function methodCurves({ settings: { d, samples }, save, say }) {
  const K = logarithmic(d);
  const all = (d * (d - 1)) / 2;
  const errorPeriod = Math.max(1, Math.round(all / 100));
  const counter = terminalCount('Figure 2', samples * CURVES.length);
  const found = CURVES.map(([method, name]) => {
    const runs = samplesOf(samples, (s) => {
      const { errors, errorsAt } = givens.factorize(plantedMatrix(d, K, s), { method, errorPeriod });
      counter.tick();
      return { errors: errors.toArray(), at: errorsAt.toArray() };
    });
    // A search that stalls stays where it is.
    const { at } = runs.reduce((longest, run) => (run.at.length > longest.at.length ? run : longest));
    const spreads = at.map((_, k) => spread(runs.map(({ errors }) => errors[k] ?? errors.at(-1))));
    return { name, at, runs, spreads };
  });
  counter.stop();
  say(
    `Figure 2: normalized error of ${samples} d log2(d)-planted matrices, d = ${d} (the paper: 10, d = 1024).`,
  );
  say(
    `  factors / (d(d - 1)/2)${[0.1, 0.25, 0.5, 0.75, 1].map((share) => share.toFixed(2).padStart(17)).join('')}`,
  );
  for (const { name, at, runs } of found) {
    const cells = [0.1, 0.25, 0.5, 0.75, 1].map((share) => {
      const k = at.findLastIndex((n) => n <= share * all);
      return shown(runs.map(({ errors }) => errors[k] ?? errors.at(-1))).padStart(17);
    });
    say(`  ${name.padEnd(22)}${cells.join('')}`);
  }
  await save(
    'methods',
    lineChart({
      title: 'Error of products of rotations that approximate a planted matrix',
      subtitle: `d = ${d}, K = d log₂ d = ${K}; mean and standard deviation of ${samples} samples`,
      series: found.map(({ name, at, spreads }) => ({
        name,
        points: spreads.map(({ mean }, k) => [at[k], mean]),
        band: spreads.map(({ mean, deviation }, k) => [at[k], mean - deviation, mean + deviation]),
      })),
      x: {
        title: 'number of factors N',
        format: ',d',
        ticks: [0, 0.25, 0.5, 0.75, 1].map((share) => Math.round(share * all)),
      },
      y: { title: '‖U - G₁ … G_N‖ / √d, up to a signed permutation', format: '.1f' },
    }),
  );
}

/** N_ε of samples: the first number of factors of 'l1' with an error below ε. */
function needed(d, K, samples, epsilon) {
  return samplesOf(samples, (s) => {
    const { angles, status } = givens.factorize(plantedMatrix(d, K, s), {
      tolerance: epsilon,
      errorPeriod: 0,
    });
    return status === 'tolerance' ? angles.size : Number.NaN;
  });
}

const TICKS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

/** The slope of log y over log x by least squares. */
function exponent(points) {
  const logs = points.map((point) => point.map(Math.log));
  const centre = [0, 1].map((k) => spread(logs.map((point) => point[k])).mean);
  const sums = logs.reduce(
    ([xy, xx], [x, y]) => [xy + (x - centre[0]) * (y - centre[1]), xx + (x - centre[0]) ** 2],
    [0, 0],
  );
  return sums[0] / sums[1];
}

/** Figure 3: N_ε against K / (d log₂ d); Figure 4: the exponents η of N_ε ~ d^η. */
export async function plantedFactors({ settings: { sizes, ratios, epsilon }, save, say }) {
  const tasks = sizes.flatMap(({ d, samples, largest }) =>
    ratios.filter((ratio) => ratio <= largest).map((ratio) => ({ d, samples, ratio })),
  );
  const counter = terminalCount('Figures 3 and 4', tasks.length);
  const found = tasks.map((task) => {
    const counts = needed(task.d, logarithmic(task.d, task.ratio), task.samples, epsilon);
    counter.tick();
    return { ...task, mean: spread(counts).mean };
  });
  counter.stop();
  const at = (d, ratio) => found.find((one) => one.d === d && one.ratio === ratio)?.mean;
  const names = sizes.map(({ d, samples }) => `d = ${d} (${samples})`);
  say(
    `Figures 3 and 4: factors of 'l1' for an error below ${epsilon} of K-planted matrices, mean of (samples).`,
  );
  say(`  K / (d log2 d)${names.map((name) => name.padStart(14)).join('')}      exponent`);
  const exponents = ratios.map((ratio) => {
    const points = sizes.flatMap(({ d }) => (at(d, ratio) ? [[d, at(d, ratio)]] : []));
    const eta = exponent(points);
    const cells = sizes.map(({ d }) => (at(d, ratio)?.toFixed(0) ?? '').padStart(14));
    const from = points.length < sizes.length ? ` (of ${points.length} sizes)` : '';
    say(`  ${ratio.toFixed(2).padEnd(14)}${cells.join('')}${eta.toFixed(2).padStart(14)}${from}`);
    return [ratio, eta];
  });
  say(
    '  The paper, d = 256, 512, 1024: slightly superlinear for few factors, quadratic towards K = d log2 d.',
  );
  await save(
    'planted',
    lineChart({
      title: `Factors for an error below ${epsilon}`,
      subtitle: 'Of K-planted matrices, by descent on the L1 norm, beside the number that was planted',
      series: [
        ...sizes.map(({ d }) => ({
          name: `d = ${d}`,
          points: ratios.flatMap((ratio) => (at(d, ratio) ? [[ratio, at(d, ratio) / logarithmic(d)]] : [])),
        })),
        { name: 'N = K', points: ratios.map((ratio) => [ratio, ratio]) },
      ],
      x: { title: 'K / (d log₂ d)', format: '.1f', ticks: TICKS },
      y: { title: 'N(ε) / (d log₂ d)', format: '.1f' },
      marked: true,
    }),
  );
  const slopes = exponents.map(([, eta]) => eta);
  await save(
    'exponents',
    lineChart({
      title: 'How the number of factors grows with d',
      subtitle: `Exponent η of N(ε) ~ d^η, ε = ${epsilon}, from d = ${sizes.map(({ d }) => d).join(', ')}`,
      series: [{ name: 'η', points: exponents }],
      x: { title: 'K / (d log₂ d)', format: '.1f', ticks: TICKS },
      y: { title: 'η', format: '.1f', domain: [Math.min(1, ...slopes), Math.max(2.1, ...slopes)] },
      marked: true,
    }),
  );
}
