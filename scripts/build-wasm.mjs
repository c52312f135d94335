// Compiles the kernel modules, each unless its sources and the compiler are as before, and writes what the library embeds:
// src/generated/<module>.ts (the binary as text, the interface of the exports) and src/generated/kernels.ts (the exports as
// plain functions). One build is compiled, with fused multiply-adds; the library derives the other one from it.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import Piscina from 'piscina';
import { digestOf, unlessDone } from './kept.mjs';
import { withEdits } from './unfuse.mjs';

// One module per namespace over one memory. Each has its own range for static data below the heap, at 64 KiB. The cost is
// about the time of its compilation in tenths of a second.
const MODULES = [
  { name: 'blas', memoryBase: 1024, cost: 18 },
  { name: 'array', memoryBase: 4096, cost: 13 },
  { name: 'pointwise', memoryBase: 6144, cost: 19 },
  { name: 'reduce', memoryBase: 7168, cost: 13 },
  { name: 'eigen', memoryBase: 8192, cost: 18 },
  { name: 'svd', memoryBase: 12288, cost: 36 },
  { name: 'banded', memoryBase: 16384, cost: 5 },
  { name: 'ldlt', memoryBase: 20480, cost: 18 },
  { name: 'lapack', memoryBase: 24576, cost: 30 },
  { name: 'conv', memoryBase: 40960, cost: 25 },
  { name: 'math', memoryBase: 49152, cost: 16 },
  { name: 'optimizer-steps', memoryBase: 63488, cost: 8 },
  { name: 'vectors', memoryBase: 64512, cost: 4 },
  { name: 'random', memoryBase: 65024, cost: 4 },
  { name: 'program', memoryBase: 65520, cost: 5 },
  { name: 'cones', memoryBase: 65528, cost: 5 },
  { name: 'givens', memoryBase: 32768, cost: 8 },
  { name: 'fft', memoryBase: 34816, cost: 20 },
  { name: 'lorenz96', memoryBase: 38912, cost: 5 },
  { name: 'flow', memoryBase: 39936, cost: 8 },
];

/** A source of a module and everything that it imports, directly or not. */
function closureOf(file, found = new Set()) {
  if (found.has(file)) return found;
  found.add(file);
  for (const [, from] of readFileSync(file, 'utf8').matchAll(/from '(\.[^']*)'/g)) {
    const path = resolve(dirname(file), from);
    closureOf(existsSync(`${path}.ts`) ? `${path}.ts` : join(path, 'index.ts'), found);
  }
  return found;
}

/** The text of a script beside this one. */
const script = (name) => readFileSync(fileURLToPath(new URL(name, import.meta.url)), 'utf8');

/** What a binary depends on besides its sources and its memory: how it is compiled, and by what. */
function compilerText(root) {
  const config = readFileSync(join(root, 'asconfig.json'), 'utf8');
  const versions = ['assemblyscript', 'binaryen'].map(
    (name) => JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version,
  );
  return [script('asc-worker.mjs'), config, ...versions].join('\n');
}

const read = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);

/** The functions of asc's declaration file: [{ comment, name, parameters, result }]. */
function functionsOf(declarations) {
  const pattern = /\/\*\*([\s\S]*?)\*\/\s*export function (\w+)\((.*?)\): (\w+);/g;
  return [...declarations.matchAll(pattern)].map(([, comment, name, parameters, result]) => ({
    name,
    parameters,
    result,
    types: [...comment.matchAll(/@param (\w+) `(\w+)`/g)].map(
      ([, parameter, type]) => `${parameter}: ${TYPES[type]}`,
    ),
    returns: comment.match(/@returns `(\w+)`/)?.[1],
  }));
}

/** The types of WebAssembly by their names in src/core/wasm/types.ts. */
const TYPES = { bool: 'Bool', f32: 'F32', f64: 'F64', i32: 'I32', usize: 'Usize' };

const signature = (f) => `(${f.types.join(', ')}): ${TYPES[f.returns] ?? f.result}`;

/** The import of the types that a text uses. */
function typesFor(text) {
  const used = Object.values(TYPES).filter((name) => new RegExp(`: ${name}\\b`).test(text));
  return used.length === 0 ? '' : `import type { ${used.join(', ')} } from '../core/wasm/types.js';\n`;
}

/** The variable of a module: `optimizerSteps` of `optimizer-steps`. */
const variable = (name) => name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());

function moduleSource({ name, functions, binary }) {
  const type = variable(`-${name}`);
  const text = deflateRawSync(withEdits(binary), { level: 9 }).toString('base64');
  return `// Generated from assembly/${name}.ts by scripts/build-wasm.mjs.
import { KernelModule } from '../core/wasm/module.js';
${typesFor(functions.map(signature).join())}
/** The exports of the module \`${name}\`. */
export interface ${type}Exports {
${functions.map((f) => `  ${f.name}${signature(f)};`).join('\n')}
}

/** The module \`${name}\`, instantiated at first use. */
export const ${variable(name)} = /* @__PURE__ */ new KernelModule<${type}Exports>('${name}', '${text}');
`;
}

function functionsSource(modules) {
  const lines = [
    '// Generated from assembly/ by scripts/build-wasm.mjs: every export of every module as a function.',
  ];
  lines.push(typesFor(modules.flatMap(({ functions }) => functions.map(signature)).join()).trimEnd());
  for (const { name } of modules) lines.push(`import { ${variable(name)} } from './${name}.js';`);
  for (const { name, functions } of modules) {
    for (const f of functions) {
      const passed = f.parameters
        .split(', ')
        .map((p) => p.split(':')[0])
        .join(', ');
      lines.push(`
export function ${f.name}${signature(f)} {
  ${f.result === 'void' ? '' : 'return '}${variable(name)}.exports.${f.name}(${passed});
}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/**
 * Compiles what has changed, in as many threads as there are cores.
 * @param isQuick less optimization: for work on kernels, not for what is published.
 */
export async function compileModules(root, isQuick = false) {
  const folder = join(root, 'build', 'asc');
  const generated = join(root, 'src', 'generated');
  mkdirSync(folder, { recursive: true });
  mkdirSync(generated, { recursive: true });
  const compiler = compilerText(root) + (isQuick ? ' quick' : '');
  const modules = MODULES.map(({ name, memoryBase, cost }) => {
    const sources = [...closureOf(join(root, 'assembly', `${name}.ts`))].sort();
    const texts = sources.map((file) => readFileSync(file, 'utf8'));
    const out = join(folder, `${name}.wasm`);
    const digest = digestOf(
      root,
      [],
      compiler,
      String(memoryBase),
      ...sources.map((file) => relative(root, file)),
      ...texts,
    );
    return { name, memoryBase, cost, out, digest, stamp: join(folder, `${name}.digest`) };
  });
  const changed = modules.filter(({ out, stamp, digest }) => read(stamp) !== digest || !existsSync(out));
  if (changed.length > 0) {
    const pool = new Piscina({
      filename: new URL('asc-worker.mjs', import.meta.url).href,
      maxThreads: Math.min(availableParallelism(), changed.length),
    });
    try {
      // The longest first, so that no thread is left alone with one at the end.
      changed.sort((a, b) => b.cost - a.cost);
      await Promise.all(
        changed.map(async ({ name, memoryBase, out, stamp, digest }) => {
          rmSync(stamp, { force: true });
          await pool.run({ root, name, memoryBase, out, isQuick });
          writeFileSync(stamp, digest);
        }),
      );
    } finally {
      await pool.destroy();
    }
  }
  for (const module of modules) {
    module.binary = readFileSync(module.out);
    module.functions = functionsOf(readFileSync(module.out.replace('.wasm', '.d.ts'), 'utf8'));
    const file = join(generated, `${module.name}.ts`);
    const source = moduleSource(module);
    // What has not changed keeps its time, for tools that watch.
    if (read(file) !== source) writeFileSync(file, source);
  }
  const all = functionsSource(modules);
  if (read(join(generated, 'kernels.ts')) !== all) writeFileSync(join(generated, 'kernels.ts'), all);
  return modules;
}

/** Merges all modules into one binary, build/asc/complete.wasm, unless that is of these modules already. */
export async function mergeAll(root, modules) {
  const digest = digestOf(root, ['scripts/merge-wasm.mjs'], ...modules.map((module) => module.digest));
  const complete = join(root, 'build', 'asc', 'complete.wasm');
  await unlessDone(root, 'merged', digest, complete, async () => {
    const { mergeModules } = await import('./merge-wasm.mjs');
    writeFileSync(complete, mergeModules(root, modules));
  });
}
