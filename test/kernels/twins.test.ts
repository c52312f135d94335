// Every export of every WASM module has a twin of the same name and number of arguments, which it agrees with on random operands,
// or an entry that says which test defines it. A kernel is given just the bytes that its `_work` query says, and writes nowhere else.
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as kernels from '#src/kernels.js';
import { seed } from '../support/check.js';
import { Dice } from '../support/random-programs.js';
import { ARRAY, type Build, MATH, POINTWISE, REDUCE } from '../support/twins/cases.js';
import { BLAS, CONV, VECTORS } from '../support/twins/cases-blas.js';
import { LAPACK } from '../support/twins/cases-lapack.js';
import { LEVEL3 } from '../support/twins/cases-level3.js';
import { RANDOM } from '../support/twins/cases-random.js';
import { BANDED, OPTIMIZER_STEPS } from '../support/twins/cases-steps.js';
import type { Type } from '../support/twins/cells.js';
import { DEFINED_BY, twinsOf } from '../support/twins/index.js';
import { compare } from '../support/twins/operands.js';

const CASES: Record<string, Build> = {
  ...ARRAY,
  ...POINTWISE,
  ...MATH,
  ...REDUCE,
  ...BLAS,
  ...VECTORS,
  ...CONV,
  ...LEVEL3,
  ...LAPACK,
  ...BANDED,
  ...OPTIMIZER_STEPS,
  ...RANDOM,
};
const RUNS = 8;

/** The functions that a plain file exports, or undefined where the engine cannot run that build. */
function exportsOf(build: 'simd' | 'relaxed'): string[] | undefined {
  const bytes = readFileSync(new URL(`../../../build/wasm/cotangent.${build}.wasm`, import.meta.url));
  if (build === 'relaxed' && !WebAssembly.validate(bytes)) return undefined;
  return WebAssembly.Module.exports(new WebAssembly.Module(bytes))
    .filter(({ kind }) => kind === 'function')
    .map(({ name }) => name);
}

const names = exportsOf('simd') as string[];
const twins = twinsOf({ buffer: new ArrayBuffer(8) }) as unknown as Record<
  string,
  (...args: number[]) => unknown
>;
const typed = kernels as unknown as Record<string, (...args: number[]) => unknown>;

test('both builds export the same kernels, and all of them are in cotangent/kernels', () => {
  assert.equal((exportsOf('relaxed') ?? names).sort(), [...names].sort());
  assert.equal(
    names.filter((name) => typeof typed[name] !== 'function'),
    [],
  );
});

test('every kernel has a twin or an entry that names the test that defines it', () => {
  const failures: string[] = [];
  for (const name of names) {
    const entries = DEFINED_BY.filter((entry) => entry.kernels.test(name));
    const count = Number(name in twins) + entries.length;
    if (count === 0) failures.push(`${name} has neither a twin nor an entry in DEFINED_BY`);
    if (count > 1) failures.push(`${name} is defined twice`);
  }
  for (const { kernels: family, mention, test: file } of DEFINED_BY) {
    const path = new URL(`../../../${file}`, import.meta.url);
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    for (const word of mention.split(', '))
      if (!text.includes(word))
        failures.push(`${file}, which is to define ${family}, does not mention ${word}`);
    if (!names.some((name) => family.test(name))) failures.push(`${family} is no kernel`);
  }
  assert.equal(failures, []);
});

test('every twin is that of a kernel, takes as many arguments, and is compared with it', () => {
  const failures: string[] = [];
  for (const [name, twin] of Object.entries(twins)) {
    if (!names.includes(name)) failures.push(`${name} is no kernel`);
    else if (twin.length !== typed[name].length)
      failures.push(`${name}: the twin takes ${twin.length} arguments, the kernel ${typed[name].length}`);
    if (!(name in CASES) && !(name.replace(/_(f64|f32|i32)$/, '_T') in CASES))
      failures.push(`${name} has no case`);
  }
  assert.equal(failures, []);
});

for (const [key, build] of Object.entries(CASES)) {
  const types: readonly Type[] = key.endsWith('_T') ? ['f64', 'f32', 'i32'] : ['f64'];
  test(`${key} is its twin on random operands`, () => {
    let compared = 0;
    for (const type of types) {
      const name = key.replace(/_T$/, `_${type}`);
      if (!(name in twins)) continue;
      compared++;
      for (let run = 0; run < RUNS; run++) {
        const own = seed + run;
        const dice = new Dice(own);
        try {
          compare(name, type, () => dice.next(), build);
        } catch (error) {
          throw new Error(`SEED=${own}: ${(error as Error).message}`, { cause: error });
        }
      }
    }
    assert.ok(compared > 0, `${key} is the case of no kernel`);
  });
}

test.run();
