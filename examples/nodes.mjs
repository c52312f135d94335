// Declarative nodes: what they cost beside derivatives of solvers, and five programs that learn through them, as pictures.
// npm run example -- nodes [folder] [--only least-squares,transport,eigen,bilevel,matching,pose,pendulum] [--quick]
//   [--iterations N]
// Figures 34, 36, 37 and 38 of S. Gould's lecture notes on differentiable optimisation; a bi-level program, (125) there;
// matching with a learnt cost; blind PnP from start to end; and a pendulum learnt from how it is steered.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bilevel, matching, pose } from './support/node-learning.mjs';
import { pendulum } from './support/node-pendulum.mjs';
import { eigenTimes, leastSquaresTimes, transportTimes } from './support/node-times.mjs';

const STUDIES = {
  'least-squares': leastSquaresTimes,
  transport: transportTimes,
  eigen: eigenTimes,
  bilevel,
  matching,
  pose,
  pendulum,
};
const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: Object.keys(STUDIES).join(',') },
    quick: { type: 'boolean', default: false },
    iterations: { type: 'string' },
  },
});
const folder = positionals[0] ?? '.';
const files = [];

/** What the studies share; `iterations` is how long the programs learn. */
const settings = {
  quick: flags.quick,
  iterations: (usual, quick) =>
    flags.iterations === undefined ? (flags.quick ? quick : usual) : Number(flags.iterations),
  say: (line) => console.log(line),
  save(name, svg) {
    files.push(join(folder, `nodes-${name}.svg`));
    writeFileSync(files.at(-1), svg);
  },
};

const started = performance.now();
for (const name of flags.only.split(',')) {
  if (STUDIES[name] === undefined)
    throw new Error(`--only knows ${Object.keys(STUDIES).join(', ')}, not ${name}`);
  const start = performance.now();
  await STUDIES[name](settings);
  console.log(`  ${((performance.now() - start) / 1000).toFixed(1)} s`);
}
console.log(
  `${((performance.now() - started) / 1000).toFixed(0)} s; times depend on the machine and what else it does`,
);
for (const file of files) console.log(file);
