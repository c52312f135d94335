// Orthogonal matrices as products of few plane rotations: how many it takes, Fourier transforms on graphs by them, and what they cost.
// npm run example -- givens [folder for the pictures] [--quick] [--full] [--threads N] [--networks FOLDER]
//   [--only sparsity,methods,planted,graphs,networks,signal,options,products]
// Figures 1 to 6 and Tables 1 and 2 of T. Frerix, J. Bruna, Approximating Orthogonal Matrices with Effective Givens Factorization (ICML
// 2019), and more. By default matrices have 64 to 256 rows and few samples are drawn; --full: the paper's sizes, which takes days.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { init } from 'cotangent';
import { graphErrors } from './support/givens-graphs.mjs';
import { networkErrors } from './support/givens-networks.mjs';
import { searchOptions } from './support/givens-options.mjs';
import { methodCurves, plantedFactors, sparsity } from './support/givens-planted.mjs';
import { productTimes } from './support/givens-products.mjs';
import { factorTime, shareNeeded } from './support/givens-samples.mjs';
import { smoothedSignal } from './support/givens-signal.mjs';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    only: { type: 'string' },
    threads: { type: 'string', default: '1' },
    networks: { type: 'string' },
  },
});
const folder = positionals[0] ?? '.';
await init({ threads: Number(flags.threads) });

const RATIOS = [0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.75, 1];

/** Of three sizes the one that was asked for. */
const sized = (quick, usual, full) => (flags.full ? full : flags.quick ? quick : usual);

/** All rows of a table alike. */
const alike = (sizes, samples, largest = 1) => sizes.map((d) => ({ d, samples, largest }));

/** What rotations of 'l1' cost is d² each: `work` counts them so, for an estimate. */
const STUDIES = {
  sparsity: {
    run: sparsity,
    sizes: sized([16, 32], [64, 128, 256], [256, 512, 1024]),
    samples: sized(5, 10, 100),
    work: () => 0,
  },
  methods: {
    run: methodCurves,
    d: sized(24, 128, 1024),
    samples: sized(2, 3, 10),
    work: ({ d, samples }) => (samples * d ** 4) / 2,
  },
  planted: {
    run: plantedFactors,
    epsilon: 0.1,
    ratios: RATIOS,
    // A large share of factors of a large matrix takes longest.
    sizes: sized(
      alike([12, 16, 24], 1),
      [...alike([64], 3), ...alike([128], 2), ...alike([256], 1, 0.5)],
      alike([256, 512, 1024], 10),
    ),
    work: ({ sizes }) =>
      sizes.reduce(
        (sum, { d, samples }) =>
          sum + samples * RATIOS.reduce((most, ratio) => most + (shareNeeded(ratio) * d ** 4) / 2, 0),
        0,
      ),
  },
  graphs: {
    run: graphErrors,
    sizes: sized([64], [64, 128, 256], [64, 128, 256, 512, 1024]),
    samples: sized(1, 2, 10),
    work: ({ sizes, samples }) => sizes.reduce((sum, n) => sum + 2 * samples * n ** 3 * Math.log2(n), 0),
  },
  networks: {
    run: networkErrors,
    folder: flags.networks,
    n: sized(48, 192, Number.POSITIVE_INFINITY),
    work: () => [2642, 3133, 1133, 2888].reduce((sum, n) => sum + n ** 3 * Math.log2(n), 0),
  },
  signal: { run: smoothedSignal, n: sized(60, 200, 1000), work: ({ n }) => n ** 3 * Math.log2(n) },
  options: { run: searchOptions, d: sized(32, 128, 512), work: ({ d }) => 40 * d ** 3 * Math.log2(d) },
  products: { run: productTimes, sizes: sized([64], [128, 256, 512], [256, 512, 1024]), work: () => 0 },
};

const names = flags.only?.split(',') ?? Object.keys(STUDIES);
for (const name of names)
  if (!Object.hasOwn(STUDIES, name))
    throw new Error(`--only knows ${Object.keys(STUDIES).join(', ')}, not ${name}`);

if (flags.full) {
  const work = names.reduce((sum, name) => sum + STUDIES[name].work(STUDIES[name]), 0);
  const hours = (factorTime() * work) / 3600;
  console.log(`about ${hours < 1 ? hours.toFixed(1) : hours.toFixed(0)} hours, by a trial on this machine\n`);
}

const files = [];
const save = async (name, svg) => {
  files.push(join(folder, `givens-${name}.svg`));
  writeFileSync(files.at(-1), await svg);
};
const started = performance.now();
for (const name of names) {
  const { run, ...settings } = STUDIES[name];
  const start = performance.now();
  await run({ settings, save, say: (line) => console.log(line) });
  console.log(`  ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
}
console.log(
  `${((performance.now() - started) / 1000).toFixed(0)} s; times depend on the machine and what else it does`,
);
for (const file of files) console.log(file);
