// npm run bench:assimilation: windows of Lorenz96 and Kolmogorov flow with their gradients, against loops in JavaScript and against numpy; what gradients hold;
// how they are as the viscosity falls; training of learned inverses; adaptive integration. Needs python3 with numpy and scipy; PYTHON names another interpreter.
//   node build/bench/assimilation/main.js [--only lorenz96,flow,threads,memory,viscosity,training,odeint] [--seconds 1]
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as ct from 'cotangent';
import { installPeers } from '../peers/install.js';
import { flow } from './flow.js';
import { lorenz96 } from './lorenz96.js';
import { heldBy, memory } from './memory.js';
import { odeint } from './odeint.js';
import { settingOf } from './rows.js';
import { threads } from './threads.js';
import { training } from './training.js';
import { peakOf, viscosity } from './viscosity.js';

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', default: 'lorenz96,flow,threads,memory,viscosity,training,odeint' },
    seconds: { type: 'string', default: '1' },
    // One measurement in a process of its own, whose result is JSON.
    alone: { type: 'string' },
    argument: { type: 'string', default: '{}' },
  },
});
const seconds = Number(flags.seconds);
const setting = settingOf(seconds);

const measurements: Record<string, (argument: never) => Promise<unknown>> = {
  memory: heldBy,
  viscosity: peakOf,
};
const groups: Record<string, () => void | Promise<void>> = {
  lorenz96: () => lorenz96(setting),
  flow: () => flow(setting),
  threads() {
    const args = ['--alone', 'threads', '--seconds', flags.seconds];
    execFileSync(process.execPath, [fileURLToPath(import.meta.url), ...args], { stdio: 'inherit' });
  },
  memory,
  viscosity: () => viscosity(setting),
  training: () => training(setting),
  odeint() {
    installPeers();
    return odeint(setting);
  },
};

if (flags.alone === 'threads') await threads(seconds);
else if (flags.alone !== undefined)
  console.log(JSON.stringify(await measurements[flags.alone](JSON.parse(flags.argument) as never)));
else {
  const { variant } = await ct.init();
  console.log(`Node ${process.version}, ${cpus()[0]?.model.trim()}, kernels: ${variant}, one thread\n`);
  for (const group of flags.only.split(',')) {
    const run = groups[group];
    if (run === undefined) throw new Error(`no group ${group}: there are ${Object.keys(groups).join(', ')}`);
    await run();
  }
}
