// The arrows of docs/architecture.md: each folder imports only from those below it, and tests fail on one that runs back up.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const root = fileURLToPath(new URL('../..', import.meta.url));
const src = join(root, 'src');

/** What each part of src may import from; the generated sources belong to the core. */
const ORDER = [
  'generated',
  'core',
  'ops',
  'compiler',
  'autodiff',
  'linalg',
  'fft',
  'givens',
  'solve',
  'optim',
  'cones',
  'graph',
  'nn',
  'nodes',
  'dynamics',
  'assimilation',
  'systems',
];
const ALLOWED = new Map<string, string[]>(ORDER.map((part, i) => [part, ORDER.slice(0, i + 1)]));
// Generated modules are instances of a core class; the core is what instantiates them.
ALLOWED.set('generated', ['generated', 'core']);
// The GPU is reached beside the operations and by nothing below them; programs on it are made of graphs, and know the rows that have kernels there.
ALLOWED.set('gpu', ['generated', 'core', 'ops', 'compiler', 'optim', 'gpu']);
// Files directly in src are entries: they may see everything.
const ENTRY = '.';

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

const partOf = (file: string) => {
  const path = relative(src, file).split(/[\\/]/);
  return path.length === 1 ? ENTRY : path[0];
};

function imports(file: string): string[] {
  const text = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
    ([, specifier]) => specifier,
  );
  return specifiers
    .filter((s) => s.startsWith('.'))
    .map((s) => resolve(dirname(file), s.replace(/\.js$/, '.ts')));
}

test('imports inside src point down', () => {
  const files = sources(src);
  assert.ok(files.length > 30);
  for (const file of files) {
    const from = partOf(file);
    if (from === ENTRY) continue;
    const allowed = ALLOWED.get(from);
    assert.ok(allowed, `src/${from} has no place in the architecture: name it in test/architecture.test.ts`);
    for (const target of imports(file)) {
      const to = partOf(target);
      // What esbuild bundles of gpu.js lies beside the transpiled sources and is reached lazily.
      if (relative(src, target).startsWith('vendor')) continue;
      assert.ok(
        allowed.includes(to),
        `${relative(root, file)} imports ${relative(root, target)}: src/${from} must not see src/${to}`,
      );
    }
  }
});

test('no files of src import each other in a circle', () => {
  const graph = new Map<string, string[]>();
  for (const file of sources(src)) {
    if (partOf(file) === 'generated') continue;
    // Imports of types are gone when the code runs.
    const text = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    const values = [...text.matchAll(/(?:import|export)\s+(type\s+)?([^;]*?)from '(\.[^']+)'/g)].filter(
      ([, type, names]) => !type && !/^\{(\s*type \w+( as \w+)?,?)+\s*\}\s*$/.test(names.trim()),
    );
    graph.set(
      file,
      values.map(([, , , specifier]) => resolve(dirname(file), specifier.replace(/\.js$/, '.ts'))),
    );
  }
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    if (done.has(file)) return;
    const at = path.indexOf(file);
    const circle = path.slice(at).map((name) => relative(src, name));
    assert.is(at, -1, `in a circle: ${circle.join(' -> ')}`);
    for (const target of graph.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
});

test('assembly imports only from assembly, kernels from kernels', () => {
  for (const folder of ['assembly', 'kernels']) {
    for (const file of sources(join(root, folder))) {
      for (const target of imports(file)) {
        assert.ok(
          target.startsWith(join(root, folder)),
          `${relative(root, file)} imports ${relative(root, target)}`,
        );
      }
    }
  }
});

test('files of the library stay small enough to hold in the head', () => {
  for (const folder of ['assembly', 'kernels', 'src', 'bench', 'cli']) {
    for (const file of sources(join(root, folder))) {
      if (file.includes('generated') || file.includes('node_modules')) continue;
      const lines = readFileSync(file, 'utf8').split('\n').length;
      assert.ok(lines <= 320, `${relative(root, file)} has ${lines} lines`);
    }
  }
});

/** What is no file of ours, by the one file that imports it: a package that is bundled into dist, and a module of Node's. */
const FOREIGN: Record<string, string> = { fflate: 'core/wasm/inflate.ts', 'node:module': 'node.ts' };

test('the library imports nothing that its user would have to install', () => {
  for (const file of sources(src)) {
    const text = readFileSync(file, 'utf8');
    for (const [, specifier] of text.matchAll(/^(?:import|export)[^;]*?from '([^'.][^']*)'/gm)) {
      if (FOREIGN[specifier] !== relative(src, file))
        throw new Error(`${relative(root, file)} imports ${specifier}`);
    }
  }
});

test.run();
