// Builds and tests again after every change of a source: npm run test:watch -- pattern …
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import chokidar from 'chokidar';

const root = fileURLToPath(new URL('..', import.meta.url));
const patterns = process.argv.slice(2);

function run(script, args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'scripts', script), ...args], { stdio: 'inherit' });
    child.on('exit', (code) => resolve(code === 0));
  });
}

let isRunning = false;
let isStale = false;

async function update() {
  if (isRunning) {
    isStale = true;
    return;
  }
  isRunning = true;
  do {
    isStale = false;
    if (await run('build.mjs', ['--needed', '--dev'])) await run('test.mjs', patterns);
  } while (isStale);
  isRunning = false;
  console.log('waiting for a change');
}

const folders = ['assembly', 'bench', 'cli', 'kernels', 'scripts', 'src', 'test'].map((name) =>
  join(root, name),
);
let timer;
chokidar.watch(folders, { ignored: /generated|node_modules/, ignoreInitial: true }).on('all', () => {
  clearTimeout(timer);
  // An editor writes several files at once.
  timer = setTimeout(update, 200);
});
await update();
