// Bundles the command line (Node) and the page of `cotangent serve` (browser) into dist/cli, with the licences of what is
// in them, and transpiles bench/ into build/bench for the tests and for bench:peers.

import { chmod, cp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'esbuild';
import { keptBy } from './kept.mjs';
import { licencesOf } from './licences.mjs';
import { transpile } from './transpile.mjs';
import { withEdits } from './unfuse.mjs';

/** Where the bundles find the library they were published with, as paths relative to the importing bundle. */
function libraryPath(exports, specifier) {
  const entry = exports[specifier.replace(/^cotangent/, '.')];
  if (!entry) throw new Error(`build-cli: package.json exports no ${specifier}`);
  return entry.default.replace('./dist/', '');
}

/** Leaves the library out of a bundle: the command line runs the very files that users import. */
function externalLibrary(exports, prefix) {
  return {
    name: 'external-library',
    setup(bundler) {
      bundler.onResolve({ filter: /^cotangent(\/.*)?$/ }, ({ path: specifier }) => ({
        path: prefix + libraryPath(exports, specifier),
        external: true,
      }));
    },
  };
}

/**
 * The drawing code, by far the largest part, is there once, compressed: browsers get it as it is, and Node takes it from the
 * page's folder by way of this module.
 */
const pictureOfPage = {
  name: 'picture-of-page',
  setup(bundler) {
    bundler.onResolve({ filter: /\/picture\.js$/ }, () => ({ path: 'picture', namespace: 'picture' }));
    bundler.onLoad({ filter: /.*/, namespace: 'picture' }, () => ({
      contents: `
        import { readFileSync } from 'node:fs';
        import { brotliDecompressSync } from 'node:zlib';
        const text = brotliDecompressSync(readFileSync(new URL('page/picture.js.br', import.meta.url)));
        export const { drawSvg } = await import('data:text/javascript;base64,' + text.toString('base64'));`,
    }));
  },
};

/** The page imports it when it draws. */
const pictureApart = {
  name: 'picture-apart',
  setup(bundler) {
    bundler.onResolve({ filter: /\/picture\.js$/ }, () => ({ path: './picture.js', external: true }));
  },
};

/** The bytes compressed, which takes seconds. */
const brotli = (root, bytes) => keptBy(path.join(root, 'build', 'brotli'), bytes, brotliCompressSync);

/** Compresses a file, which goes. */
async function compress(root, file) {
  await writeFile(`${file}.br`, await brotli(root, await readFile(file)));
  await rm(file);
}

/** Writes dist/cli and build/bench below `root`. */
export async function buildCli(root) {
  const { exports } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  const out = path.join(root, 'dist', 'cli');
  await rm(out, { recursive: true, force: true });
  const common = {
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    splitting: true,
    minify: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'error',
    chunkNames: 'chunk-[hash]',
    entryNames: '[name]',
  };
  const page = await build({
    ...common,
    entryPoints: ['cli/page/main.ts'],
    outdir: path.join(out, 'page'),
    platform: 'browser',
    plugins: [externalLibrary(exports, '/lib/'), pictureApart],
  });
  // In one file, which Node can import from memory.
  const picture = await build({
    ...common,
    splitting: false,
    entryPoints: ['bench/picture.ts'],
    outdir: path.join(out, 'page'),
    platform: 'browser',
    plugins: [externalLibrary(exports, '/lib/')],
  });
  for (const name of ['picture.js', 'main.js']) await compress(root, path.join(out, 'page', name));
  const complete = await readFile(path.join(root, 'build', 'asc', 'complete.wasm'));
  await writeFile(path.join(out, 'kernels.wasm.br'), await brotli(root, withEdits(complete)));
  for (const name of ['index.html', 'style.css'])
    await cp(path.join(root, 'cli', 'page', name), path.join(out, 'page', name));

  const command = await build({
    ...common,
    entryPoints: ['cli/main.ts'],
    outdir: out,
    platform: 'node',
    // The CommonJS packages in the bundle call `require` for Node's own modules.
    banner: {
      js: "import { createRequire as __require } from 'node:module';\nconst require = __require(import.meta.url);",
    },
    loader: { '.css': 'text' },
    plugins: [externalLibrary(exports, '../'), pictureOfPage],
  });
  const main = path.join(out, 'main.js');
  await writeFile(main, `#!/usr/bin/env node\n${await readFile(main, 'utf8')}`);
  await chmod(main, 0o755);

  const inputs = [page, picture, command].flatMap((result) => Object.keys(result.metafile.inputs));
  const title = 'The command line and its page contain code of these packages.';
  await writeFile(path.join(out, 'LICENSES.txt'), await licencesOf(root, inputs, title));
  // So that tests import its parts, and bench:peers runs.
  await transpile(path.join(root, 'bench'), path.join(root, 'build', 'bench'));
}
