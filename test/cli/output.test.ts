// Standard output that cannot be written, and what `cotangent info` says of the engine.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { relaxedMultiplyAddIsFused, relaxedSimdIsSupported } from '#src/core/wasm/features.js';
import { program, unless } from './command.js';

const test = suite('cotangent output');
/** What a shell makes of a command; `stderr` without what the GPU's driver says. */
function shell(command: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', command, process.execPath, program, ...args], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  const own = stderr.split('\n').filter((line) => !/^Warning: |^ +at |^$/.test(line));
  return { status, stdout, stderr: own.join('\n') };
}

const COMMANDS = [
  ['info'],
  ['info', '--json'],
  ['bench', '--list'],
  ['bench', 'dot', '--sizes', '16', '--threads', '1', '--device', 'cpu', '--budget', '0.1'],
  ['bench', 'dot', '--sizes', '16', '--threads', '1', '--device', 'cpu', '--budget', '0.1', '--json', '-'],
  [
    'compare',
    '--no-gpu',
    '--sizes',
    '16',
    '--threads',
    '1',
    '--budget',
    '0.1',
    '--json',
    '-',
    '--out',
    '/tmp',
  ],
  ['serve', '--port', '0'],
  ['--help'],
  ['--version'],
];

const full = unless(existsSync('/dev/full'), 'this system has no /dev/full');
for (const args of COMMANDS) {
  test(`${args.join(' ')} into a full disk: one line, exit code 1`, () => {
    if (full) return;
    const { status, stderr } = shell('"$0" "$@" > /dev/full', ...args);
    const lines = stderr.split('\n');
    assert.is(status, 1, stderr);
    assert.is(lines.length, 1, stderr);
    assert.match(lines[0], /^cotangent: standard output cannot be written: .*ENOSPC/);
  });
}

test('a reader that closes early is no error', () => {
  for (const args of COMMANDS.filter(([name]) => name !== 'serve' && name !== 'compare')) {
    const { stdout, stderr } = shell('{ "$0" "$@"; echo "code $?" >&2; } | true', ...args);
    assert.equal([stdout, stderr], ['', 'code 0'], args.join(' '));
  }
});

test('info says what the engine is, and whether multiply-adds were fused', () => {
  const { stdout } = shell('"$0" "$@"', 'info', '--json');
  const facts = JSON.parse(stdout);
  assert.is(facts.engine, `V8 ${process.versions.v8}`);
  assert.equal(
    [facts.wasm.relaxedSimd, facts.wasm.fusedMultiplyAdd],
    [relaxedSimdIsSupported(), relaxedMultiplyAddIsFused() ?? false],
  );
  assert.is(relaxedMultiplyAddIsFused() !== undefined, relaxedSimdIsSupported());
});

test('an engine without WebAssembly: a DeviceError from every entry', () => {
  const script = `
    delete globalThis.WebAssembly;
    const C = await import(process.argv[1]);
    for (const f of [() => C.tensor([1]), () => C.random(1).normal([2]), () => C.kernels.alloc(8), () => C.init(), () => C.init({ threads: 2 })])
      try { await f(); console.log('nothing') } catch (error) { console.log(error.constructor.name) }`;
  const index = new URL('../../../dist/index.js', import.meta.url).href;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script, index], {
    encoding: 'utf8',
  });
  assert.equal(stdout.trim().split('\n'), Array(5).fill('DeviceError'), stderr);
});

test.run();
