// cotangent bench: JSON and nothing else, every kernel verified, baselines, and mistakes answered with what exists.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { memory } from '#src/index.js';
import { cases } from '../../bench/cases/index.js';
import type { Report } from '../../bench/report.js';
import { keyOf } from '../../bench/row.js';
import { cotangent, inFolder } from './command.js';

const test = suite('cotangent bench');
const quick = ['--threads', '1', '--device', 'cpu', '--budget', '0.02'];

test('every kernel gives verified rows in both types; --json - prints JSON and nothing else', async () => {
  const { code, stdout, stderr } = await cotangent(['bench', '--sizes', '20', ...quick, '--json', '-']);
  assert.is(code, 0, stderr);
  const report = JSON.parse(stdout) as Report;
  assert.equal(report.untimed, []);
  assert.equal([...new Set(report.rows.map((row) => row.kernel))].sort(), cases.map((c) => c.kernel).sort());
  for (const dtype of ['f32', 'f64']) {
    assert.is(report.rows.filter((row) => row.dtype === dtype).length, cases.length);
  }
  assert.is(new Set(report.rows.map(keyOf)).size, report.rows.length, 'two rows of one key');
  for (const { kernel, gflops, gbytesPerSecond = 0 } of report.rows) {
    assert.ok(gflops > 0 || gbytesPerSecond > 0, `${kernel} has neither GFLOP/s nor GB/s`);
  }
  for (const name of ['dot', 'solveTridiagonal', 'cg']) {
    const rows = report.rows.filter((row) => row.kernel === name);
    assert.ok(
      rows.length === 2 && rows.every((row) => (row.gbytesPerSecond ?? 0) > 0),
      `${name} has no GB/s`,
    );
  }
});

/** What a run that was kept is compared by: a name or a shape that changes here breaks every baseline. */
const keys = `matmul 9x9x9, gemm 9x9x9, gemv 9x9, ger 9x9, dot 9, axpy 9, nrm2 9, add 9x9, mul 9x9, sum 9x9, transpose 9x9,
  randomNormal 9x9, randomUniform 9x9, exp 9x9, log 9x9, sin 9x9, tanh 9x9, sigmoid 9x9, erf 9x9, softmax 9x9, cholesky 9x9, ldlt 9x9, lu 9x9, qr 9x9, qrPivoted 9x9, eigh 9x9, eigvalsh 9x9, svd 9x9, svdvals 9x9,
  solve 9x9x100, solveTriangular 9x9x100, lstsq 18x9, inv 9x9, expm 9x9, solveTridiagonal 9, solveBanded 9x8x8,
  applyGivens 9x9, applyGivensShort 9x9, cg 9x9, cgOperator 9x9, minres 9x9, gmres 9x9, lsmr 9x9,
  choleskyBatched 10000x9x9, solveBatched 10000x9x9, qrBatched 10000x9x9,
  nodes.leastSquares 18x9, nodes.eigh 9x9, nodes.quadraticProgram 64x9, nodes.totalVariation 9`;

test('the keys of the rows stand', () => {
  assert.equal(
    cases.map((kernel) => `${kernel.kernel} ${kernel.shape(9).join('x')}`),
    keys.split(/,\s+/),
  );
});

test('a case leaves nothing behind', async () => {
  for (const kernel of cases) {
    for (const dtype of kernel.dtypes) {
      const before = memory();
      const task = kernel.setup(12, dtype, 'cpu');
      await task.run();
      await task.error();
      task.dispose();
      assert.equal(memory(), { ...before, heapBytes: memory().heapBytes }, `${kernel.kernel} ${dtype}`);
    }
  }
});

test('the table has a row per setting', async () => {
  const { code, stdout } = await cotangent([
    'bench',
    'gemm',
    'axpy',
    '--sizes',
    '8,16',
    '--dtype',
    'f64',
    ...quick,
  ]);
  assert.is(code, 0);
  assert.match(stdout, /gemm\s+│ 16×16×16 │ f64/);
  assert.is(stdout.split('\n').filter((line) => / f64 /.test(line)).length, 4);
});

test('--baseline gives a ratio per row and tells change from noise', async () => {
  await inFolder(async (folder) => {
    const file = join(folder, 'run.json');
    const page = join(folder, 'run.html');
    const args = ['bench', 'gemm', '--dtype', 'f32', ...quick];
    assert.is((await cotangent([...args, '--sizes', '16,32', '--json', file])).code, 0);
    const earlier = JSON.parse(readFileSync(file, 'utf8')) as Report;
    for (const [i, row] of earlier.rows.entries()) {
      // One row as if it had been a thousand times slower before, the other faster: far beyond the noise of a busy machine.
      const factor = i === 0 ? 1e3 : 1e-3;
      for (const key of ['medianMs', 'minMs', 'lowMs', 'highMs'] as const) row[key] *= factor;
    }
    writeFileSync(file, JSON.stringify(earlier));
    const result = await cotangent([...args, '--sizes', '16,32,48', '--baseline', file, '--html', page]);
    assert.is(result.code, 0, result.stderr);
    assert.match(result.stdout, /×\S+ faster/);
    assert.match(result.stdout, /×\S+ slower/);
    assert.match(result.stdout, /1 faster, 1 slower, 0 within noise, 1 new/);
    assert.match(readFileSync(page, 'utf8'), /<svg[\s\S]*GFLOP\/s[\s\S]*against baseline/);
  });
});

const mistakes: [string[], RegExp][] = [
  [['bench', 'gem'], /there is no kernel "gem"; there is matmul, gemm/],
  [['bench', '--dtype', 'f16'], /no dtype "f16"; there is f32, f64/],
  [['bench', '--device', 'tpu'], /no device "tpu"; there is cpu, gpu/],
  [['bench', '--sizes', '64,0'], /integers from 1 to \d+, got "0"/],
  [['bench', '--baseline', 'no-such-file.json'], /baseline "no-such-file.json" cannot be read/],
  [['bench', 'gemm', '--device', 'gpu'], /no row fits: gemm has f32 and f64 on cpu/],
  [['compare', '--backend', 'cuda'], /webgpu/],
  [['compare', '--size', '64'], /unknown option/],
  [['nothing'], /unknown command/],
];
for (const [args, message] of mistakes) {
  test(`${args.join(' ')}: exit code 2 and one sentence`, async () => {
    const { code, stdout, stderr } = await cotangent(args);
    assert.is(code, 2);
    assert.match(stderr, message);
    assert.is(stdout, '');
    assert.not.match(stderr, /\n\s+at /, 'a stack trace');
  });
}

test('info names versions, WASM features, threads and the GPU or why there is none', async () => {
  const { code, stdout } = await cotangent(['info']);
  assert.is(code, 0);
  for (const name of ['cotangent', 'WASM SIMD', 'WASM relaxed SIMD', 'threads', 'GPU'])
    assert.match(stdout, name);
  const json = JSON.parse((await cotangent(['info', '--json'])).stdout) as Record<string, unknown>;
  assert.ok(json.wasm && json.threads && json.gpu);
});

test.run();
