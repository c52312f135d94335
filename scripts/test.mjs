// Runs the test files in as many processes as there are cores, each file as uvu would run it alone.
//   node scripts/test.mjs [pattern …] [--jobs n] [--slowest n]
// A pattern is a regular expression for paths below build/test. What a file prints is shown when it has ended.
import { fork } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { filesIn } from './files.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'build', 'test');

/** How long each file took the last time, in ms: the longest begin first, so that no process is left alone at the end. */
const TIMES = join(root, 'build', 'test-times.json');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { jobs: { type: 'string' }, slowest: { type: 'string', default: '10' } },
});
const patterns = positionals.map((pattern) => new RegExp(pattern));
const times = existsSync(TIMES) ? JSON.parse(readFileSync(TIMES, 'utf8')) : {};
/** New files begin first. */
const timeOf = (file) => times[file] ?? Number.POSITIVE_INFINITY;
const queue = filesIn(folder)
  .map((file) => relative(folder, file).replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.test.js'))
  .filter((file) => patterns.length === 0 || patterns.some((pattern) => pattern.test(file)))
  .sort((a, b) => timeOf(b) - timeOf(a) || (a < b ? -1 : 1));
if (queue.length === 0) {
  console.error(`no test file matches ${positionals.join(' ')}`);
  process.exit(1);
}

/** Longer than any file takes on a slow machine; a file that hangs fails by its name, and the others go on. */
const LIMIT = 15 * 60_000;

const start = performance.now();
const sum = { total: 0, passed: 0, skipped: 0 };
const failed = [];
const took = [];

function finish(file, { text, total, passed, skipped, errors, ms }) {
  process.stdout.write(`${file}\n${text.trimEnd()}\n${errors}\n`);
  sum.total += total;
  sum.passed += passed;
  sum.skipped += skipped;
  if (errors !== '' || passed < total) failed.push(file);
  took.push([file, ms]);
  times[file] = Math.round(ms);
}

/** Gives files to one process until none is left; a process that dies fails its file, and another one goes on. */
function work() {
  return new Promise((resolve) => {
    const child = fork(join(root, 'scripts', 'test-process.mjs'), [folder], {
      env: { FORCE_COLOR: process.stdout.isTTY ? '1' : '0', ...process.env },
    });
    let current;
    let timer;
    let late = false;
    const next = () => {
      current = queue.shift();
      if (current === undefined) child.disconnect();
      else child.send(current);
      // What a file left behind may also keep its process from ending.
      timer = setTimeout(
        () => {
          late = true;
          child.kill('SIGKILL');
        },
        current === undefined ? 30_000 : LIMIT,
      );
    };
    child.on('message', (result) => {
      clearTimeout(timer);
      if (result !== 'ready') finish(current, result);
      next();
    });
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      if (current === undefined) return resolve();
      const errors = late
        ? `  the file had not ended after ${LIMIT / 60_000} minutes`
        : `  the process ended with ${signal ?? code} before the file did`;
      finish(current, { text: '', total: 1, passed: 0, skipped: 0, errors, ms: 0 });
      resolve(work());
    });
  });
}

const jobs = Math.min(Number(values.jobs ?? availableParallelism()), queue.length);
await Promise.all(Array.from({ length: jobs }, work));

mkdirSync(dirname(TIMES), { recursive: true });
writeFileSync(TIMES, JSON.stringify(times));
took.sort(([, a], [, b]) => b - a);
console.log(
  `The slowest files:\n${took
    .slice(0, Number(values.slowest))
    .map(([file, ms]) => `  ${(ms / 1000).toFixed(1).padStart(6)} s  ${file}`)
    .join('\n')}\n`,
);
if (failed.length > 0) console.log(`Failed:\n${failed.map((file) => `  ${file}`).join('\n')}\n`);
console.log(`  Total:     ${sum.total}\n  Passed:    ${sum.passed}\n  Skipped:   ${sum.skipped}`);
console.log(`  Duration:  ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
process.exitCode = failed.length > 0 ? 1 : 0;
