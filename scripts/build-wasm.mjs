// Compiles each kernel module in both builds and writes what the library embeds: src/generated/<module>.ts (the binaries
// as text, the interface of the exports) and src/generated/kernels.ts (the exports as plain functions).
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

// One module per namespace over one memory. Each has its own range for static data below the heap, at 64 KiB.
const MODULES = [
  { name: 'blas', memoryBase: 1024 },
  { name: 'array', memoryBase: 4096 },
  { name: 'pointwise', memoryBase: 6144 },
  { name: 'reduce', memoryBase: 7168 },
  { name: 'eigen', memoryBase: 8192 },
  { name: 'svd', memoryBase: 12288 },
  { name: 'banded', memoryBase: 16384 },
  { name: 'ldlt', memoryBase: 20480 },
  { name: 'lapack', memoryBase: 24576 },
  { name: 'conv', memoryBase: 40960 },
  { name: 'math', memoryBase: 49152 },
  { name: 'optimizer-steps', memoryBase: 63488 },
  { name: 'vectors', memoryBase: 64512 },
  { name: 'random', memoryBase: 65024 },
];
const COMPLETE = { name: 'cotangent', memoryBase: 1024 };
const BUILDS = ['simd', 'relaxed'];

async function compile(root, { name, memoryBase }, target, out) {
  const { error, stderr } = await asc.main([
    join(root, 'assembly', `${name}.ts`),
    '--config',
    join(root, 'asconfig.json'),
    '--target',
    target,
    '--memoryBase',
    String(memoryBase),
    '--outFile',
    out,
  ]);
  if (error) throw new Error(`${name} (${target}) does not compile:\n${stderr.toString()}`);
}

/** An empty custom section, by which the library knows a build of its kernels that somebody hands to it. */
function customSection(name) {
  return Buffer.from([0, name.length + 1, name.length, ...Buffer.from(name)]);
}

/** The functions of asc's declaration file: [{ comment, name, parameters, result }]. */
function functionsOf(declarations) {
  const pattern = /\/\*\*([\s\S]*?)\*\/\s*export function (\w+)\((.*?)\): (\w+);/g;
  return [...declarations.matchAll(pattern)].map(([, comment, name, parameters, result]) => ({
    name,
    parameters,
    result,
    types: [...comment.matchAll(/@param (\w+) `(\w+)`/g)].map(
      ([, parameter, type]) => `${parameter}: ${type}`,
    ),
    returns: comment.match(/@returns `(\w+)`/)?.[1],
  }));
}

const signature = (f) => `(${f.types.join(', ')})${f.returns ? ` -> ${f.returns}` : ''}`;

/** The variable of a module: `optimizerSteps` of `optimizer-steps`. */
const variable = (name) => name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());

function moduleSource(name, functions, binaries) {
  // A module without multiply-adds is the same in both builds and is carried once.
  const text = {
    simd: `'${binaries.simd.toString('base64')}'`,
    relaxed: `'${binaries.relaxed.toString('base64')}'`,
  };
  if (text.simd === text.relaxed) text.relaxed = 'simd';
  const type = variable(`-${name}`);
  return `// Generated from assembly/${name}.ts by scripts/build-wasm.mjs.
import { KernelModule } from '../core/wasm/module.js';

/** The exports of the module \`${name}\`. */
export interface ${type}Exports {
${functions.map((f) => `  /** ${signature(f)} */\n  ${f.name}(${f.parameters}): ${f.result};`).join('\n')}
}

${BUILDS.map((b) => `const ${b} = ${text[b]};`).join('\n')}

/** The module \`${name}\`, instantiated at first use. */
export const ${variable(name)} = /* @__PURE__ */ new KernelModule<${type}Exports>('${name}', { simd, relaxed });
`;
}

function functionsSource(modules) {
  const lines = [
    '// Generated from assembly/ by scripts/build-wasm.mjs: every export of every module as a function.',
  ];
  for (const { name } of modules) lines.push(`import { ${variable(name)} } from './${name}.js';`);
  for (const { name, functions } of modules) {
    for (const f of functions) {
      const passed = f.parameters
        .split(', ')
        .map((p) => p.split(':')[0])
        .join(', ');
      lines.push(`
/** \`${f.name}${signature(f)}\` */
export function ${f.name}(${f.parameters}): ${f.result} {
  ${f.result === 'void' ? '' : 'return '}${variable(name)}.exports.${f.name}(${passed});
}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Compiles all modules unless build/wasm is of this digest already. */
export async function compileModules(root, digest) {
  const folder = join(root, 'build', 'wasm');
  const generated = join(root, 'src', 'generated');
  const stamp = join(folder, 'digest');
  if (
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === digest &&
    existsSync(join(generated, 'kernels.ts'))
  )
    return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const modules = [];
  for (const module of MODULES) {
    const binaries = {};
    for (const target of BUILDS) {
      const out = join(root, 'build', 'asc', `${module.name}.${target}.wasm`);
      await compile(root, module, target, out);
      binaries[target] = readFileSync(out);
    }
    const functions = functionsOf(
      readFileSync(join(root, 'build', 'asc', `${module.name}.simd.d.ts`), 'utf8'),
    );
    writeFileSync(join(generated, `${module.name}.ts`), moduleSource(module.name, functions, binaries));
    modules.push({ name: module.name, functions });
  }
  writeFileSync(join(generated, 'kernels.ts'), functionsSource(modules));
  // The plain files hold all modules in one, for those who serve the binary themselves.
  for (const target of BUILDS) {
    const out = join(folder, `cotangent.${target}.wasm`);
    await compile(root, COMPLETE, target, out);
    writeFileSync(out, Buffer.concat([readFileSync(out), customSection(`cotangent.${target}`)]));
  }
  for (const extra of BUILDS.flatMap((t) => [`cotangent.${t}.js`, `cotangent.${t}.d.ts`]))
    rmSync(join(folder, extra), { force: true });
  writeFileSync(stamp, digest);
}
