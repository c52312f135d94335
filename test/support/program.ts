// Runs a small program in a process of its own: for what can be settled only once per process.
import { execFileSync } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Runs `body` with everything that cotangent exports in scope; `report(value)` hands JSON back. Throws what it throws. */
export function program<T>(body: string, options: { timeout?: number } = {}): T {
  const library = pathToFileURL(`${root}dist/index.js`).href;
  const source = `import * as cotangent from '${library}';
const root = ${JSON.stringify(pathToFileURL(root).href)};
const report = (value) => process.stdout.write(JSON.stringify(value));
const caught = (f) => { try { f(); return null; } catch (e) { return e.name + ': ' + e.message; } };
const caughtAsync = async (f) => { try { await f(); return null; } catch (e) { return e.name + ': ' + e.message; } };
const { ${NAMES.join(', ')} } = cotangent;
${body}`;
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', source], {
    encoding: 'utf8',
    timeout: options.timeout ?? 60_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return JSON.parse(out) as T;
}

const NAMES = [
  'init',
  'tensor',
  'zeros',
  'matmul',
  'add',
  'sum',
  'scope',
  'memory',
  'random',
  'kernels',
  'linalg',
  'configuration',
];
