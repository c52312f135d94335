// A project of a user: empty but for the packed package, installed the way users install it. One per test run.
import { type ExecFileException, execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function findRoot(): string {
  for (
    let folder = dirname(fileURLToPath(import.meta.url));
    folder !== dirname(folder);
    folder = dirname(folder)
  ) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === 'cotangent')
      return folder;
  }
  throw new Error('the package.json named cotangent is not above the tests');
}

/** The repository. */
export const root = findRoot();

/** npm, on the Node that runs the tests. */
function npm(folder: string, ...args: string[]): string {
  const { npm_execpath: script } = process.env;
  const [command, first] = script?.endsWith('.js') ? [process.execPath, [script]] : ['npm', []];
  return execFileSync(command, [...first, ...args, '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Packs the built package and installs the tarball, without a network; EMBEDDING_PROJECT names one made already. */
function install(): string {
  if (process.env.EMBEDDING_PROJECT) return process.env.EMBEDDING_PROJECT;
  const folder = mkdtempSync(join(tmpdir(), 'cotangent-embedding-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const [{ filename }] = JSON.parse(npm(root, 'pack', '--json', '--pack-destination', folder));
  writeFileSync(join(folder, 'package.json'), '{ "name": "user", "private": true, "type": "module" }');
  npm(folder, 'install', '--offline', join(folder, filename));
  process.env.EMBEDDING_PROJECT = folder;
  return folder;
}

/** The user's project, with cotangent in its node_modules. */
export const project = install();

/** The package as it is installed there. */
export const installed = join(project, 'node_modules', 'cotangent');

/** The kernels as a plain file, as `cotangent wasm` writes it, below the project. */
export const plainFile = join(project, 'wasm', 'cotangent.simd.wasm');
if (!existsSync(plainFile))
  execFileSync(process.execPath, [
    join(installed, 'dist', 'cli', 'main.js'),
    'wasm',
    '--out',
    dirname(plainFile),
  ]);

/** Writes files below a folder of the project, and returns that folder. */
export function write(folder: string, files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(files)) {
    const file = join(project, folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return join(project, folder);
}

/** What a program did. */
export interface Run {
  status: number;
  stdout: string;
  stderr: string;
}

/** Runs Node in the project, and waits at most a minute for it to exit by itself. */
export function node(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Run> {
  const options = { cwd: project, timeout: 60_000, env: { ...process.env, NODE_OPTIONS: '', ...env } };
  return new Promise((resolve) => {
    execFile(process.execPath, args, options, (error: ExecFileException | null, stdout, stderr) => {
      const ended = error?.killed ? `${stderr}\nstopped: it had not exited after a minute` : stderr;
      resolve({ status: error ? Number(error.code ?? 1) || 1 : 0, stdout, stderr: ended });
    });
  });
}

let programs = 0;

/** Runs the source of a program that prints one JSON value, and returns that value. */
export async function evaluate(
  source: string,
  { extension = 'mjs', flags = [] as readonly string[] } = {},
): Promise<unknown> {
  const name = `program-${++programs}.${extension}`;
  write('programs', { [name]: source });
  const { status, stdout, stderr } = await node([...flags, join('programs', name)]);
  if (status !== 0) throw new Error(`${name} exited with ${status}:\n${stderr}`);
  return JSON.parse(stdout);
}
