// npm run bench:peers: ours against other JavaScript libraries, in one process, alternating; a table, JSON or Markdown.
//   node build/bench/peers/main.js [--only f32,f64,linalg,odd,threads] [--sizes 256,1024] [--seconds 2] [--json FILE] [--markdown FILE]

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { init } from 'cotangent';
import type { DuelResult } from './duel.js';
import { factorizationsAgainstPeers } from './factorizations.js';
import { againstPeers, type Choice, oddAgainstEven, threadsAgainstOne } from './groups.js';
import { installPeers } from './install.js';
import { jaxJs, mlMatrix, numpyTs, tfjs } from './others.js';
import { nanosecondsPerCall } from './ours.js';
import { markdownTable, printResult } from './print.js';

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', default: 'f32,f64,linalg,odd,threads' },
    sizes: { type: 'string' },
    seconds: { type: 'string', default: '2' },
    json: { type: 'string' },
    markdown: { type: 'string' },
  },
});
const groups = flags.only.split(',');
const unknown = groups.find((group) => !['f32', 'f64', 'linalg', 'odd', 'threads'].includes(group));
if (unknown !== undefined) {
  console.error(
    `bench:peers: there is no group ${JSON.stringify(unknown)}; there is f32, f64, linalg, odd, threads.`,
  );
  process.exit(2);
}

const results: DuelResult[] = [];
const root = new URL('../../../package.json', import.meta.url);
const choice: Choice = {
  version: (JSON.parse(readFileSync(root, 'utf8')) as { version: string }).version,
  options: { seconds: Number(flags.seconds), minRounds: 3 },
  sizes: flags.sizes?.split(',').map(Number),
  onResult(result) {
    results.push(result);
    printResult(result);
  },
};

let machine: Record<string, string | number> = {};
if (groups.length === 1 && groups[0] === 'threads') {
  await threadsAgainstOne(choice);
} else {
  machine = await withOneThread();
  if (groups.includes('threads')) inOwnProcess();
}
if (flags.json)
  writeFileSync(flags.json, `${JSON.stringify({ format: 'cotangent-peers', machine, results }, null, 2)}\n`);
if (flags.markdown) writeFileSync(flags.markdown, markdownTable(results, machine));

async function withOneThread(): Promise<Record<string, string | number>> {
  const { variant } = await init();
  const about = { node: process.version, cpu: cpus()[0]?.model.trim() ?? process.arch, kernels: variant };
  console.log(`Node ${about.node}, ${about.cpu}, kernels: ${variant}, one thread each\n`);
  if (groups.includes('f32') || groups.includes('f64')) {
    installPeers();
    if (groups.includes('f32'))
      await againstPeers([await tfjs(), await numpyTs(), await jaxJs()], 'f32', choice);
    if (groups.includes('f64')) await againstPeers([await numpyTs(), await mlMatrix()], 'f64', choice);
  }
  if (groups.includes('linalg')) {
    installPeers();
    await factorizationsAgainstPeers(choice);
  }
  if (!groups.includes('odd')) return about;
  await oddAgainstEven(choice);
  const perCall = nanosecondsPerCall(8, 'f64');
  console.log(`\ngemm f64, n = 8, raw pointers: ${perCall.toFixed(0)} ns a call`);
  return { ...about, gemmF64n8Nanoseconds: Math.round(perCall) };
}

function inOwnProcess(): void {
  const folder = mkdtempSync(join(tmpdir(), 'cotangent-peers-'));
  const file = join(folder, 'threads.json');
  const more = [
    '--only',
    'threads',
    '--seconds',
    flags.seconds,
    '--json',
    file,
    ...(flags.sizes ? ['--sizes', flags.sizes] : []),
  ];
  try {
    execFileSync(process.execPath, [fileURLToPath(import.meta.url), ...more], { stdio: 'inherit' });
    results.push(...(JSON.parse(readFileSync(file, 'utf8')) as { results: DuelResult[] }).results);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
