// src/ in two forms: file by file in build/lib, which the tests import, and as entries with shared chunks in dist, which is
// published.
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { minify } from '@swc/core';
import { build } from 'esbuild';
import { keptBy } from './kept.mjs';
import { licencesOf } from './licences.mjs';
import { transpile } from './transpile.mjs';

/** The sub-paths of the package that are modules: their name in dist, and their source. */
export const ENTRIES = {
  index: 'index.ts',
  assimilation: 'assimilation/index.ts',
  cones: 'cones/index.ts',
  dynamics: 'dynamics/index.ts',
  fft: 'fft/index.ts',
  givens: 'givens/index.ts',
  graph: 'graph/index.ts',
  kernels: 'kernels.ts',
  gpu: 'gpu/index.ts',
  linalg: 'linalg/index.ts',
  nn: 'nn/index.ts',
  nodes: 'nodes/index.ts',
  optim: 'optim/index.ts',
};

/**
 * Files of their own that are not for users to import: a thread's script, what does something when it is loaded, and
 * namespaces inside of others.
 */
const APART = {
  worker: 'core/threads/worker.ts',
  'assimilation-covariance': 'assimilation/covariance/index.ts',
  'nn-models': 'nn/layers/models.ts',
  'optim-penalty': 'optim/prox/penalty.ts',
  'optim-project': 'optim/prox/project.ts',
  'optim-prox': 'optim/prox/prox.ts',
  'optim-schedules': 'optim/stochastic/schedules.ts',
};

const FILES = { ...ENTRIES, ...APART, node: 'node.ts' };

/** What all namespaces stand on; not `init` and files, which bundlers then need not even read. */
const BASE = ['autodiff/index.ts', 'compiler/index.ts', 'ops/index.ts'];
const OPTIM = [...BASE, 'linalg/index.ts'];
const ABOVE_OPTIM = [...OPTIM, 'optim/index.ts'];
const NN = [...ABOVE_OPTIM, 'cones/index.ts'];

/**
 * What is loaded with an entry in any case, from below: so much of it is shared that to share only what is needed would take
 * a file for every combination of entries.
 */
const BELOW = {
  kernels: BASE,
  gpu: BASE,
  linalg: BASE,
  optim: OPTIM,
  'optim-penalty': OPTIM,
  'optim-project': OPTIM,
  'optim-prox': OPTIM,
  'optim-schedules': OPTIM,
  cones: ABOVE_OPTIM,
  fft: BASE,
  assimilation: [...NN, 'nn/index.ts', 'dynamics/index.ts'],
  'assimilation-covariance': [...NN, 'nn/index.ts', 'dynamics/index.ts'],
  dynamics: OPTIM,
  givens: OPTIM,
  graph: [...OPTIM, 'givens/index.ts'],
  nn: NN,
  'nn-models': NN,
  nodes: ABOVE_OPTIM,
};

/** Namespaces that Node loads when they are first used. */
const ON_USE = [
  'assimilation',
  'cones',
  'dynamics',
  'fft',
  'givens',
  'graph',
  'kernels',
  'linalg',
  'nn',
  'nodes',
  'optim',
];

/** A namespace as a module exports it. */
const NAMESPACE = /export \* as \w+ from '([^']+)'/g;

/** Writes build/lib below `root`. gpu.js must have been bundled. */
export async function transpileLibrary(root) {
  const outdir = path.join(root, 'build', 'lib');
  await transpile(path.join(root, 'src'), outdir, ['vendor/gpu.js']);
  await mkdir(path.join(outdir, 'vendor'), { recursive: true });
  await copyFile(path.join(root, 'dist', 'vendor', 'gpu.js'), path.join(outdir, 'vendor', 'gpu.js'));
}

/** fflate, evaluated when it is first called: it fills tables when it is loaded, which engines with zlib do for nothing. */
const fflateOnUse = {
  name: 'fflate-on-use',
  setup(bundler) {
    bundler.onLoad({ filter: /[\\/]fflate[\\/]/ }, async ({ path: file }) => {
      const { outputFiles } = await build({
        stdin: {
          contents: `export { inflateSync } from ${JSON.stringify(file)};`,
          resolveDir: path.dirname(file),
        },
        bundle: true,
        format: 'iife',
        globalName: 'library',
        target: 'es2022',
        write: false,
        legalComments: 'none',
      });
      return {
        contents: `let inflate;
          export const inflateSync = (...args) => (inflate ??= make())(...args);
          function make() { ${outputFiles[0].text} return library.inflateSync; }`,
      };
    });
  },
};

/** Entries as files that import what is below them first. */
function entriesOverBelow(source) {
  const fileOf = (file) => `./${file.replace(/\.ts$/, '.js')}`;
  return {
    name: 'entries-over-below',
    setup(bundler) {
      bundler.onResolve({ filter: /^entry:/ }, ({ path: to }) => ({ path: to.slice(6), namespace: 'entry' }));
      bundler.onLoad({ filter: /.*/, namespace: 'entry' }, ({ path: name }) => ({
        contents: [
          ...(BELOW[name] ?? []).map((file) => `import '${fileOf(file)}';`),
          `export * from '${fileOf(FILES[name])}';`,
        ].join('\n'),
        resolveDir: source,
      }));
      // As if they did something, so that the imports count.
      bundler.onResolve({ filter: /./, namespace: 'entry' }, ({ path: to }) => ({
        path: path.resolve(source, to.replace(/\.js$/, '.ts')),
        sideEffects: true,
      }));
    },
  };
}

/** Leaves the namespaces that a module exports as they are, under their names in dist. */
function namespacesApart(source) {
  const names = new Map(Object.entries(FILES).map(([name, file]) => [path.join(source, file), name]));
  return {
    name: 'namespaces-apart',
    setup(bundler) {
      bundler.onResolve({ filter: /^\./ }, async ({ importer, path: to }) => {
        if (to.endsWith('/vendor/gpu.js')) return { path: './vendor/gpu.js', external: true };
        if (!importer.endsWith('index.ts') && importer !== path.join(source, 'node.ts')) return;
        // As files of their own, they can be shaken like any module; a bundler would make objects of them.
        const text = await readFile(importer, 'utf8');
        if (![...text.matchAll(NAMESPACE)].some(([, from]) => from === to)) return;
        const file = path.resolve(path.dirname(importer), to.replace(/\.js$/, '.ts'));
        const name = names.get(file);
        if (name === undefined)
          throw new Error(`build-library: ${file} is a namespace without a file of its own`);
        return { path: `./${name}.js`, external: true };
      });
    },
  };
}

// A chunk that is imported for nothing but its being run: nothing in the library has effects when it is loaded, and
// bundlers warn about such imports.
const BARE_IMPORT = /^import "\.\/chunk-\w+\.js";\n/gm;

/**
 * The same program without comments and needless spaces, and with short names of variables inside of functions, but with the marks of calls without effects. Most chunks
 * stay from build to build.
 */
const shortened = (text, folder) =>
  keptBy(folder, text, async () => {
    const { code } = await minify(text, {
      module: true,
      compress: false,
      mangle: { toplevel: false, keep_classnames: true, keep_fnames: true },
      format: { comments: { regex: '[@#]__PURE__|@vite-ignore|webpackIgnore' }, asciiOnly: true, ecma: 2022 },
    });
    return `${code}\n`;
  });

/** Writes the entries, and the chunks that they share, into dist below `root`. */
export async function bundleLibrary(root) {
  const source = path.join(root, 'src');
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    format: 'esm',
    target: 'es2022',
    logLevel: 'error',
    entryPoints: Object.fromEntries(Object.keys(FILES).map((name) => [name, `entry:${name}`])),
    outdir: path.join(root, 'dist'),
    bundle: true,
    splitting: true,
    metafile: true,
    write: false,
    legalComments: 'none',
    chunkNames: 'chunk-[hash]',
    external: ['node:module'],
    // Only comments, spaces and names of local variables go, below: those of functions and classes stay for whoever debugs, and what bundlers need to drop what is not used
    // (one statement per declaration, marks of calls without effects) a minifier would take away.
    plugins: [fflateOnUse, entriesOverBelow(source), namespacesApart(source)],
  });
  const kept = path.join(root, 'build', 'shortened');
  // What has piled up over many builds.
  if ((await readdir(kept).catch(() => [])).length > 1000) await rm(kept, { recursive: true });
  const dist = path.join(root, 'dist');
  const namesOf = (entry) => metafile.outputs[`dist/${entry}.js`].exports.toSorted();
  const names = Object.fromEntries(ON_USE.map((name) => [name, namesOf(name)]));
  await mkdir(dist, { recursive: true });
  const stays = new Set([...Object.keys(ENTRIES), 'types'].map((name) => `${name}.d.ts`));
  for (const { path: file } of outputFiles) stays.add(path.basename(file));
  // Chunks of other builds.
  for (const entry of await readdir(dist, { withFileTypes: true }))
    if (entry.isFile() && !stays.has(entry.name)) await rm(path.join(dist, entry.name));
  await Promise.all(
    outputFiles.map(async ({ path: file, text }) => {
      const isNode = file === path.join(dist, 'node.js');
      const imported = text.replaceAll(BARE_IMPORT, '');
      const named = isNode ? `const NAMES = ${JSON.stringify(names)};\n${imported}` : imported;
      await writeFile(file, await shortened(named, kept));
    }),
  );
  await rm(path.join(dist, 'node'), { recursive: true, force: true });
  await mkdir(path.join(dist, 'node'), { recursive: true });
  for (const name of ON_USE)
    await writeFile(
      path.join(dist, 'node', `${name}.js`),
      `import { ${name} as namespace } from '../node.js';\nexport const { ${names[name].join(', ')} } = namespace;\n`,
    );
  await writeFile(
    path.join(root, 'dist', 'LICENSES.txt'),
    await licencesOf(root, Object.keys(metafile.inputs), 'The library contains code of these packages.'),
  );
}
