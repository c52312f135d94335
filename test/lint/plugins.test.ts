// The lint rules of this repository find what they are there for, and nothing else.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const ENGINE = /Its bits differ between engines/g;
const REALM = /Objects of another realm/g;

/** How often the linter, with this repository's rules for src, says something of each line. */
function counts(lines: readonly string[], what: RegExp): number[] {
  const folder = mkdtempSync(join(tmpdir(), 'cotangent-lint-'));
  try {
    const plugins = ['engine-math', 'realms'].map((name) => resolve(`scripts/lint/${name}.grit`));
    writeFileSync(
      join(folder, 'biome.json'),
      JSON.stringify({ plugins, linter: { rules: { recommended: false } } }),
    );
    mkdirSync(join(folder, 'src'));
    lines.forEach((line, i) => void writeFileSync(join(folder, 'src', `line${i}.ts`), `${line}\n`));
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [resolve('node_modules/@biomejs/biome/bin/biome'), 'lint', '--max-diagnostics=none', '.'],
      { cwd: folder, encoding: 'utf8' },
    );
    // Each finding begins with its file.
    const parts = (stdout + stderr).split(/^(?=src\/line\d+\.ts)/m);
    return lines.map(
      (_, i) => parts.filter((part) => part.startsWith(`src/line${i}.ts`) && part.match(what)).length,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The rules are in force: src is linted with them. */
test('biome.json names the rules', async () => {
  const { overrides } = JSON.parse(readFileSync('biome.json', 'utf8'));
  const own = overrides.find(({ plugins }: { plugins?: string[] }) => plugins !== undefined);
  assert.equal(own, {
    includes: ['src/**', '!src/generated/**'],
    plugins: ['./scripts/lint/engine-math.grit', './scripts/lint/realms.grit'],
  });
});

test('functions of Math and powers whose bits an engine chooses', () => {
  const bad = [
    'export const f = (x: number) => Math.cos(x);',
    'export const f = [1, 2].map(Math.log2);',
    'export const f = (x: number) => Math.hypot(x, 1);',
    "export const f = (x: number) => Math['exp'](x);",
    'const { tanh } = Math; export const f = tanh;',
    'export const f = (x: number) => x ** 2;',
    'export const f = (x: number) => 2 ** x;',
    'export function f(x: number) { let y = x; y **= 3; return y; }',
  ];
  const good = [
    'export const f = (x: number) => Math.sqrt(Math.abs(Math.floor(x) + Math.fround(x))) + Math.clz32(x) + Math.PI;',
    'export const f = 2 ** -52 + 2 ** 31;',
  ];
  assert.equal(counts([...bad, ...good], ENGINE), [...bad.map(() => 1), ...good.map(() => 0)]);
});

test('instances of built-in classes', () => {
  const bad = 'Map Float64Array ArrayBuffer RangeError Error WebAssembly.Memory URL Object Date'.split(' ');
  const good = 'Tensor ArgumentError CotangentError Generator'.split(' ');
  const lines = [...bad, ...good].map((name) => `export const f = (x: unknown) => x instanceof ${name};`);
  assert.equal(counts(lines, REALM), [...bad.map(() => 1), ...good.map(() => 0)]);
});

test.run();
