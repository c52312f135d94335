// src/ in two forms: file by file in build/lib, which the tests import, and as entries with shared chunks in dist, which is
// published.
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { minify } from 'terser';
import { licencesOf } from './licences.mjs';
import { transpile } from './transpile.mjs';

/** The sub-paths of the package that are modules: their name in dist, and their source. */
export const ENTRIES = {
  index: 'index.ts',
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
  inflate: 'core/wasm/inflate.ts',
  'nn-models': 'nn/layers/models.ts',
  'optim-penalty': 'optim/prox/penalty.ts',
  'optim-project': 'optim/prox/project.ts',
  'optim-prox': 'optim/prox/prox.ts',
  'optim-schedules': 'optim/stochastic/schedules.ts',
};

/** A namespace as a module exports it. */
const NAMESPACE = /export \* as \w+ from '([^']+)'/g;

/** Writes build/lib below `root`. gpu.js must have been bundled. */
export async function transpileLibrary(root) {
  const outdir = path.join(root, 'build', 'lib');
  await transpile(path.join(root, 'src'), outdir);
  await mkdir(path.join(outdir, 'vendor'));
  await copyFile(path.join(root, 'dist', 'vendor', 'gpu.js'), path.join(outdir, 'vendor', 'gpu.js'));
}

/** Leaves the namespaces that a module exports as they are, under their names in dist. */
function namespacesApart(source) {
  const names = new Map(
    Object.entries({ ...ENTRIES, ...APART }).map(([name, file]) => [path.join(source, file), name]),
  );
  return {
    name: 'namespaces-apart',
    setup(bundler) {
      bundler.onResolve({ filter: /^\./ }, async ({ importer, path: to }) => {
        if (to.endsWith('/vendor/gpu.js')) return { path: './vendor/gpu.js', external: true };
        if (!importer.endsWith('index.ts')) return;
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
 * The same program without comments and needless spaces, but with the marks of calls without effects. Kept by its text: most
 * chunks stay from build to build.
 */
async function withoutSpaces(text, kept) {
  const file = path.join(kept, createHash('sha256').update(text).digest('hex'));
  const before = await readFile(file, 'utf8').catch(() => undefined);
  if (before !== undefined) return before;
  const { code } = await minify(text, {
    module: true,
    compress: false,
    mangle: false,
    format: { comments: false, preserve_annotations: true, max_line_len: 120, ecma: 2022 },
  });
  await writeFile(file, `${code}\n`);
  return `${code}\n`;
}

/** Writes the entries, and the chunks that they share, into dist below `root`. */
export async function bundleLibrary(root) {
  const source = path.join(root, 'src');
  const inputs = { ...ENTRIES, ...APART };
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    format: 'esm',
    target: 'es2022',
    logLevel: 'error',
    entryPoints: Object.fromEntries(
      Object.entries(inputs).map(([name, file]) => [name, path.join(source, file)]),
    ),
    outdir: path.join(root, 'dist'),
    bundle: true,
    splitting: true,
    metafile: true,
    write: false,
    legalComments: 'none',
    chunkNames: 'chunk-[hash]',
    // Only comments and spaces go, below: names stay for whoever debugs, and what bundlers need to drop what is not used
    // (one statement per declaration, marks of calls without effects) a minifier would take away.
    plugins: [namespacesApart(source)],
  });
  const kept = path.join(root, 'build', 'spaces');
  // What has piled up over many builds.
  if ((await readdir(kept).catch(() => [])).length > 1000) await rm(kept, { recursive: true });
  await mkdir(kept, { recursive: true });
  await Promise.all(
    outputFiles.map(async ({ path: file, text }) => {
      const imported = text.replaceAll(BARE_IMPORT, '');
      await writeFile(file, await withoutSpaces(imported, kept));
    }),
  );
  await writeFile(
    path.join(root, 'dist', 'LICENSES.txt'),
    await licencesOf(root, Object.keys(metafile.inputs), 'The library contains code of these packages.'),
  );
}
