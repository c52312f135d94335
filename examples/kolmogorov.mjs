// Variational data assimilation of two-dimensional turbulence: a learned inverse of the observation operator, and what it gives to forecasts.
// npm run example -- kolmogorov [folder for the pictures] [--quick] [--full] [--only forms,paper] [--steps N] [--tests N] [--threads N]
// Figures 6 to 9 and Table 3 (Kolmogorov flow) of T. Frerix, D. Kochkov, J. A. Smith, D. Cremers, M. P. Brenner, S. Hoyer, Variational Data
// Assimilation with a Learned Inverse Observation Operator (ICML 2021), the forecast as a page that plays, and both forms of the flow beside
// each other. By default on 32 x 32 points with every 8th observed, for minutes; --full: the paper's sizes, which takes days.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { init } from 'cotangent';
import { flowWorld, hoursOf, paperStudy } from './support/assimilation-flow.mjs';
import { compareForms } from './support/flow-forms.mjs';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    only: { type: 'string', default: 'forms,paper' },
    steps: { type: 'string' },
    tests: { type: 'string' },
    threads: { type: 'string', default: '1' },
  },
});
const folder = positionals[0] ?? '.';
await init({ threads: Number(flags.threads) });

/** Of the training, `steps` in `epochs` parts; `spinUp` in intervals; runs that samples and windows come from: `members`. */
const FULL = {
  ...{ n: 64, members: 1000, spinUp: 800, samples: 1_000_000, windows: 32_000 },
  ...{ epochs: 500, steps: 2_000_000, rate: 1e-3, falling: false },
  ...{ tests: 100, iterations: 1000, physics: 100, time: 10 },
};
const USUAL = {
  ...{ n: 32, members: 96, spinUp: 200, samples: 10_000, windows: 2880 },
  ...{ epochs: 10, steps: 700, rate: 3e-3 },
  ...{ tests: 16, iterations: 200, physics: 20, time: 10 },
};
const QUICK = {
  ...{ n: 16, members: 8, spinUp: 40, samples: 200, windows: 80 },
  ...{ epochs: 2, steps: 30, rate: 3e-3 },
  ...{ tests: 3, iterations: 20, physics: 5, time: 4 },
};
const settings = {
  ...(flags.full ? FULL : flags.quick ? QUICK : USUAL),
  ...(flags.steps && { steps: Number(flags.steps) }),
  ...(flags.tests && { tests: Number(flags.tests) }),
};
const say = (line) => console.log(line);
const files = [];
const save = async (name, text) => {
  files.push(join(folder, `kolmogorov-${name}`));
  writeFileSync(files.at(-1), await text);
};
const seconds = (since) => ((performance.now() - since) / 1000).toFixed(1);

const STUDIES = {
  forms: () => compareForms({ ...settings, say, save: (name, svg) => save(`${name}.svg`, svg) }),
  async paper() {
    const start = performance.now();
    const world = flowWorld(settings);
    say(
      `Attractor: ${settings.members} runs of ${settings.spinUp} + ${world.intervals} intervals, ${settings.samples} samples for the covariance (in blocks by wavenumber), gamma = ${world.gamma.toFixed(0)}, ${world.windows.length} windows to train on: ${seconds(start)} s`,
    );
    await paperStudy({ world, settings, say, save });
  },
};
const names = flags.only.split(',');
for (const name of names)
  if (!Object.hasOwn(STUDIES, name))
    throw new Error(`--only knows ${Object.keys(STUDIES).join(', ')}, not ${name}`);

if (flags.full) {
  const hours = await hoursOf(settings);
  const parts = Object.entries(hours).map(([part, value]) => `${part} ${value.toFixed(1)}`);
  const total = Object.values(hours).reduce((a, b) => a + b, 0);
  say(
    `about ${total.toFixed(0)} hours, by a trial on this machine (${parts.join(', ')}), and 12 GB of memory\n`,
  );
}
const smaller = ['n', 'samples', 'windows', 'steps', 'tests', 'iterations', 'physics'].filter(
  (name) => settings[name] !== FULL[name],
);
if (smaller.length > 0)
  say(
    `not the paper's sizes: ${smaller.map((name) => `${name} ${settings[name]} (paper: ${FULL[name]})`).join(', ')}`,
  );
say(
  `other than in the paper: samples and windows come from ${settings.members} runs and are not independent; windows are moved by the flow's symmetries while the network learns`,
);

const started = performance.now();
for (const name of names) {
  const start = performance.now();
  say('');
  await STUDIES[name]();
  say(`  ${seconds(start)} s`);
}
say(
  `\n${((performance.now() - started) / 1000).toFixed(0)} s; times depend on the machine and what else it does`,
);
for (const file of files) say(file);
