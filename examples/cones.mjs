// Networks whose outputs satisfy linear inequalities, whatever their weights: a projection that is learnt, a variational autoencoder,
// and what inference costs, beside projections at test time and soft penalties.
// npm run example -- cones [folder for the pictures] [--data FOLDER with MNIST's IDX files] [--quick] [--full]
//   [--only projection,vae,times] [--epochs N] [--threads N]
// Figures 3, 4, 5 and Table 1 of T. Frerix, M. Nießner, D. Cremers, Homogeneous Linear Inequality Constraints for Neural Network
// Activations (CVPR Workshops 2020), with rayConstraint beside. By default images are 16 x 16 (means of 2 x 2 pixels) and
// training is short; --full: 28 x 28 and the paper's sizes, which takes days.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { init } from 'cotangent';
import { checkerboardOf, imagesOf } from './support/cone-models.mjs';
import { projection } from './support/cone-projection.mjs';
import { inferenceTimes } from './support/cone-times.mjs';
import { constrainedVae } from './support/cone-vae.mjs';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string' },
    quick: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    only: { type: 'string', default: 'projection,vae,times' },
    epochs: { type: 'string' },
    threads: { type: 'string', default: '1' },
  },
});
const folder = positionals[0] ?? '.';
await init({ threads: Number(flags.threads) });

/** The sizes of the studies. */
const shared = flags.full
  ? { side: 28, train: 59000, validate: 1000, runs: 10, hidden: 256 }
  : flags.quick
    ? { side: 16, train: 400, validate: 100, runs: 1, hidden: 64 }
    : { side: 16, train: 3000, validate: 500, runs: 1, hidden: 256 };
const { quick, full } = flags;
const short = { epochs: quick ? 4 : 25, batch: 64, boxAfter: quick ? 1 : 5 };
const STUDIES = {
  projection: {
    run: projection,
    ...(full ? { epochs: 500, batch: 256, boxAfter: 25 } : short),
    rate: 2e-2,
    gammas: [0.1, 1, 10],
  },
  vae: {
    run: constrainedVae,
    ...(full ? { epochs: 200, batch: 64, boxAfter: 100 } : short),
    rate: 3e-3,
    gamma: 10,
  },
  times: { run: inferenceTimes },
};

const data = imagesOf({ ...shared, data: flags.data, test: 256 });
const set = checkerboardOf(shared.side);
const files = [];
const save = async (name, svg) => {
  files.push(join(folder, `cones-${name}.svg`));
  writeFileSync(files.at(-1), await svg);
};

console.log(
  `${data.name}: ${data.training.shape[0]} to train on, ${data.validation.shape[0]} to validate on, ${shared.side} x ${shared.side}`,
);
const started = performance.now();
for (const name of flags.only.split(',')) {
  const { run, ...study } = STUDIES[name] ?? {};
  if (run === undefined) throw new Error(`--only knows ${Object.keys(STUDIES).join(', ')}, not ${name}`);
  const start = performance.now();
  const settings = {
    ...shared,
    ...study,
    quick,
    full,
    ...(flags.epochs && { epochs: Number(flags.epochs) }),
  };
  console.log('');
  await run({ data, set, settings, save, say: (line) => console.log(line) });
  console.log(`  ${((performance.now() - start) / 1000).toFixed(1)} s`);
}
console.log(
  `\n${((performance.now() - started) / 1000).toFixed(0)} s; times depend on the machine and what else it does`,
);
for (const file of files) console.log(file);
