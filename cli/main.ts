// The command `cotangent`: its arguments, and the file of each command, which is loaded when it is used.

import { tmpdir } from 'node:os';
import { Command, CommanderError, Option } from 'commander';
import { packageVersion } from './machine.js';
import { say, watchOutput } from './output.js';
import { choices, integer, integers, seconds, UsageError } from './usage.js';

const MOST = 16384;

// Vulkan loaders complain on standard error if this is unset, and do not use it for our work.
if (process.platform === 'linux') process.env.XDG_RUNTIME_DIR ??= tmpdir();

const program = new Command('cotangent')
  .description(
    'Numeric kernels in WebAssembly and on the GPU: measure them, compare devices, and see what this machine offers.',
  )
  .version(packageVersion())
  .showHelpAfterError('(cotangent --help lists the options)')
  .exitOverride();

const backend = () =>
  new Option('--backend <name>', 'way to the GPU').choices(['auto', 'webgpu', 'webgl2']).default('auto');
const software: [string, string, boolean] = [
  '--allow-software',
  'also use a GPU that is emulated on the CPU',
  false,
];
const budget: [string, string, (text: string) => number] = [
  '--budget <seconds>',
  'the most time for one row (default: 4)',
  seconds('--budget'),
];

program
  .command('compare')
  .description(
    'CPU against GPU on f32 matrix products: throughput, ratio, crossover; writes report.html and report.json',
  )
  .option(
    '--sizes <list>',
    'matrix sizes n, such as 64,256,1024 (default: 64 to 2048)',
    integers('--sizes', MOST),
  )
  .option('--threads <n>', 'most CPU threads (default: all)', integer('--threads', 1, 64))
  .option('--no-gpu', 'CPU only')
  .addOption(backend())
  .option(...software)
  .option(...budget)
  .option('--out <folder>', 'where the reports go', '.')
  .option('--json <file>', 'where the JSON goes instead of report.json; - is standard output')
  .action(async (options) => finish((await import('./commands/compare.js')).compare(options)));

program
  .command('bench')
  .description('time kernels, each checked against f64 first')
  .argument('[kernel...]', 'kernels (default: all)')
  .option('--list', 'list the kernels')
  .option('--sizes <list>', 'sizes n, such as 64,256,1024 (default: by kernel)', integers('--sizes', 2 ** 26))
  .option('--dtype <list>', 'f32, f64 or both', choices('dtype', ['f32', 'f64']))
  .option('--device <list>', 'cpu, gpu or both', choices('device', ['cpu', 'gpu']))
  .option('--threads <list>', 'CPU threads, such as 1,2 (default: 1 and all)', integers('--threads', 64))
  .addOption(backend())
  .option(...software)
  .option(...budget)
  .option('--json <file>', 'write JSON; - is standard output, which then carries nothing else')
  .option('--html <file>', 'write a page with pictures')
  .option('--baseline <file>', 'compare with the JSON of an earlier run')
  .action(async (kernels, options) => finish((await import('./commands/bench.js')).bench(kernels, options)));

program
  .command('calibrate')
  .description('measure the GPU and the CPU once, and keep which kernels and which device are faster')
  .option('--quick', 'rates alone, with the kernels that are in use', false)
  .option('--threads <n>', 'CPU threads (default: all)', integer('--threads', 1, 64))
  .addOption(backend())
  .option('--software, --allow-software', software[1], false)
  .option('--file <file>', 'where it is kept (default: COTANGENT_CALIBRATION, or the cache folder)')
  .option('--json <file>', 'write it as JSON as well; - is standard output, which then carries nothing else')
  .action(async (options) => finish((await import('./commands/calibrate.js')).calibrate(options)));

program
  .command('info')
  .description('WASM features, threads, GPU adapters, and why one is missing')
  .option('--json', 'as JSON', false)
  .action(async (options) => finish((await import('./commands/info.js')).info(options)));

program
  .command('serve')
  .description('the comparison as a page for the browser on this machine, with the headers that threads need')
  .option('--port <n>', 'port on 127.0.0.1; 0 takes any free one', integer('--port', 0, 65535), 8470)
  .option(...software)
  .action(async (options) => finish((await import('./commands/serve.js')).serve(options)));

program
  .command('wasm')
  .description(
    'write the kernels as plain .wasm files: with and without fused multiply-add, for a memory that is shared or not',
  )
  .option('--out <folder>', 'where the files go', '.')
  .action(async (options) => finish((await import('./commands/wasm.js')).wasm(options)));

async function finish(command: Promise<number>): Promise<void> {
  process.exitCode = await command;
}

watchOutput();

try {
  await program.parseAsync();
} catch (error) {
  // Commander has printed its own message, and reports help and version as exits with code 0.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    say(`cotangent: ${(error as Error).message}`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}
