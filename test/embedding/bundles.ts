// Bundles of a user's programs, by esbuild and by vite, from the installed package.
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { rollup } from 'rollup';
import { createLogger, type InlineConfig, build as viteBuild } from 'vite';
import { project, write } from './project.js';

/** A program that prints a product, to the console or into the page. */
export const PROGRAM = `
  import { matmul, tensor } from 'cotangent';
  const product = JSON.stringify(matmul(tensor([[1, 2], [3, 4]]), tensor([[5], [6]])).toArray());
  if (typeof document === 'undefined') console.log(product);
  else document.body.textContent = product;`;

/** What the program prints. */
export const PRODUCT = '[[17],[39]]';

/** A bundle in memory. */
export interface Bundle {
  code: string;
  bytes: Uint8Array;
  metafile: Metafile;
  warnings: string[];
}

/** Bundles a program for browsers into one minified ES module, unless the options say otherwise. */
export async function bundle(source: string, options: BuildOptions = {}): Promise<Bundle> {
  const result = await build({
    stdin: { contents: source, resolveDir: project },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'silent',
    metafile: true,
    write: false,
    outdir: 'out',
    ...options,
  });
  const [{ text: code, contents: bytes }] = result.outputFiles ?? [];
  return {
    code,
    bytes,
    metafile: result.metafile!,
    warnings: result.warnings.map((warning) => warning.text),
  };
}

/** The modules of kernels that are in a bundle. */
export function kernelsIn(code: string): string[] {
  return [...code.matchAll(/\("([\w-]+)",\s*"[\w+/=]{100,}"/g)].map(([, name]) => name).sort();
}

/** A page with one module script, as vite wants it. */
export const page = (script: string) =>
  `<!doctype html><meta charset="utf-8"><title>cotangent</title><body><script type="module" src="${script}"></script></body>`;

/** A user's vite project: a folder with a page and its script. */
export function viteProject(name: string, source: string): string {
  return write(name, { 'index.html': page('/main.js'), 'main.js': source });
}

/** vite's configuration for such a project, and the warnings that it will have printed. */
export function viteConfig(root: string): { config: InlineConfig; warnings: string[] } {
  const warnings: string[] = [];
  const customLogger = createLogger('silent');
  customLogger.warn = (message) => void warnings.push(message);
  customLogger.warnOnce = customLogger.warn;
  return { config: { root, configFile: false, logLevel: 'silent', customLogger }, warnings };
}

/** What `vite build` wrote: the folder, the names of its files below it, and the warnings. */
export async function viteBundle(
  root: string,
): Promise<{ out: string; files: string[]; warnings: string[] }> {
  const { config, warnings } = viteConfig(root);
  const result = await viteBuild(config);
  if (!('output' in result)) throw new Error('vite gave no single output');
  return { out: `${root}/dist`, files: result.output.map((file) => file.fileName), warnings };
}

/** The bundle of a program by rollup, as users configure it: packages are looked up as browsers' bundlers do. */
export async function rollupBundle(source: string): Promise<string> {
  const { pathToFileURL, fileURLToPath } = await import('node:url');
  const bundled = await rollup({
    input: 'program',
    logLevel: 'silent',
    plugins: [
      {
        name: 'program',
        resolveId(id, importer) {
          if (id === 'program') return id;
          if (!/^\.|^cotangent/.test(id)) return { id, external: true };
          const entry = id === 'cotangent' ? 'index' : id.replace('cotangent/', '');
          const file = id.startsWith('.')
            ? fileURLToPath(new URL(id, pathToFileURL(importer as string)))
            : `${project}/node_modules/cotangent/dist/${entry}.js`;
          // What package.json says of all but the worker.
          return { id: file, moduleSideEffects: false };
        },
        load: (id) => (id === 'program' ? source : undefined),
      },
    ],
  });
  const { output } = await bundled.generate({ format: 'es', inlineDynamicImports: true });
  return output[0].code;
}
