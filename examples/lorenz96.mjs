// Variational data assimilation of Lorenz96: a learned inverse of the observation operator, and what it gives to forecasts.
// npm run example -- lorenz96 [folder for the pictures] [--quick] [--full] [--only paper,cycles,emulator] [--examples N] [--epochs N]
//   [--windows N] [--threads N]
// Figures 3, 4 and 5 and Table 3 (Lorenz96) of T. Frerix, D. Kochkov, J. A. Smith, D. Cremers, M. P. Brenner, S. Hoyer, Variational Data
// Assimilation with a Learned Inverse Observation Operator (ICML 2021), and beyond it: noisy observations with backgrounds, in shifting
// windows; and an emulator in the place of the system. By default the network learns from few windows, and for minutes; --full: the paper's sizes, which takes a day.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { init } from 'cotangent';
import { cycles } from './support/assimilation-cycles.mjs';
import { emulation } from './support/assimilation-emulator.mjs';
import { hoursOf, lorenz96World, paperStudy } from './support/assimilation-lorenz96.mjs';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    only: { type: 'string', default: 'paper,cycles,emulator' },
    examples: { type: 'string' },
    epochs: { type: 'string' },
    windows: { type: 'string' },
    threads: { type: 'string', default: '1' },
  },
});
const folder = positionals[0] ?? '.';
await init({ threads: Number(flags.threads) });

/** Of three sizes the one that was asked for; `given` is a flag that says another. */
const sized = (quick, usual, full, given) =>
  given !== undefined ? Number(given) : flags.full ? full : flags.quick ? quick : usual;

const FULL = { samples: 1_000_000, examples: 32_000, epochs: 500, windows: 100, iterations: 500 };
const settings = {
  samples: sized(500, 10_000, FULL.samples),
  examples: sized(200, 6000, FULL.examples, flags.examples),
  epochs: sized(2, 4, FULL.epochs, flags.epochs),
  windows: sized(6, 100, FULL.windows, flags.windows),
  iterations: sized(100, 500, FULL.iterations),
  // The paper's rate, for half a million steps; or one that falls from a larger one.
  rate: sized(3e-3, 3e-3, 1e-3),
  emulatorExamples: sized(100, 4000, 4000),
  emulatorEpochs: sized(1, 6, 60),
  cycles: sized(4, 40, 40),
  members: sized(6, 20, 20),
};
const STUDIES = { paper: paperStudy, cycles, emulator: emulation };
const names = flags.only.split(',');
for (const name of names)
  if (!Object.hasOwn(STUDIES, name))
    throw new Error(`--only knows ${Object.keys(STUDIES).join(', ')}, not ${name}`);

const say = (line) => console.log(line);
if (flags.full) say(`about ${(await hoursOf(settings)).toFixed(0)} hours, by a trial on this machine\n`);
const files = [];
const save = async (name, svg) => {
  files.push(join(folder, `lorenz96-${name}.svg`));
  writeFileSync(files.at(-1), await svg);
};

const started = performance.now();
const world = lorenz96World(settings);
say(
  `Lorenz96, K = 40, F = 8: covariance and gamma = ${world.gamma.toFixed(1)} of ${settings.samples} independent states, ${((performance.now() - started) / 1000).toFixed(1)} s`,
);
const smaller = ['samples', 'examples', 'epochs', 'windows', 'iterations'].filter(
  (name) => settings[name] !== FULL[name],
);
if (smaller.length > 0 && names.includes('paper'))
  say(
    `not the paper's sizes: ${smaller.map((name) => `${name} ${settings[name]} (paper: ${FULL[name]})`).join(', ')}`,
  );
for (const name of names) {
  const start = performance.now();
  say('');
  await STUDIES[name]({ world, settings, save, say });
  say(`  ${((performance.now() - start) / 1000).toFixed(1)} s`);
}
say(
  `\n${((performance.now() - started) / 1000).toFixed(0)} s; times depend on the machine and what else it does`,
);
for (const file of files) say(file);
