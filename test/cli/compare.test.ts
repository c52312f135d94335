// cotangent compare: the table, report.html with its pictures, report.json, and a GPU that is named for what it is.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Report } from '../../bench/report.js';
import { cotangent, inFolder, softwareGpu, unless } from './command.js';

const test = suite('cotangent compare');

test('writes a table, a report with pictures, and JSON, and says where', async () => {
  await inFolder(async (folder) => {
    const { code, stdout, stderr } = await cotangent(
      ['compare', '--sizes', '16,64,100', '--no-gpu', '--budget', '0.5'],
      {
        cwd: folder,
      },
    );
    assert.is(code, 0, stderr);
    assert.match(stdout, /│\s+100 │ CPU, 1 thread\s+│ wasm (simd|relaxed-simd)/);
    assert.match(stdout, /No GPU took part/);
    assert.match(stdout, join(folder, 'report.html'));
    assert.not.match(stderr, /░|█/, 'a progress bar without a terminal');

    const report = readReport(join(folder, 'report.json'));
    assert.equal([...new Set(report.rows.map((row) => row.size))], [16, 64, 100]);
    for (const row of report.rows) {
      for (const key of ['kernel', 'shape', 'dtype', 'device', 'backend', 'threads', 'samples'] as const) {
        assert.ok(row[key] !== undefined, `${key} is missing`);
      }
      assert.ok(row.minMs > 0 && row.minMs <= row.medianMs && row.gflops > 0, JSON.stringify(row));
      assert.ok(row.error > 0 && row.error < 1e-5, `error ${row.error}`);
    }

    const html = readFileSync(join(folder, 'report.html'), 'utf8');
    const pictures = html.match(/<svg[\s\S]*?<\/svg>/g) ?? [];
    assert.is(pictures.length, 2, 'one picture for a light screen, one for a dark one');
    for (const picture of pictures) {
      assertWellFormed(picture);
      for (const label of ['GFLOP/s', 'matrix size n', 'CPU, 1 thread']) assert.match(picture, label);
      assert.not.match(picture, 'NaN');
    }
    assert.not.equal(pictures[0], pictures[1], 'both pictures have the same colours');
    assert.match(html, 'prefers-color-scheme: dark');
    assert.not.match(
      html.replaceAll('http://www.w3.org/', ''),
      /https?:\/\/|<script|<link/,
      'the report needs no network',
    );
  });
});

test('--json - leaves standard output to the JSON', async () => {
  await inFolder(async (folder) => {
    const args = [
      'compare',
      '--sizes',
      '16',
      '--no-gpu',
      '--threads',
      '1',
      '--budget',
      '0.3',
      '--json',
      '-',
      '--out',
      folder,
    ];
    const { code, stdout } = await cotangent(args);
    assert.is(code, 0);
    assert.is((JSON.parse(stdout) as Report).rows.length, 1);
    assert.ok(existsSync(join(folder, 'report.html')));
    assert.not.ok(existsSync(join(folder, 'report.json')));
  });
});

const gpuMissing = unless(softwareGpu(), 'no software Vulkan driver (Debian: chromium and libvulkan1)');
if (gpuMissing) console.log(`cotangent compare: GPU half skipped: ${gpuMissing}`);
(gpuMissing ? test.skip : test)(
  'a software adapter takes part only when asked for, and is called one',
  async () => {
    await inFolder(async (folder) => {
      const env = softwareGpu();
      const args = ['compare', '--sizes', '32,64,4096', '--budget', '0.5', '--threads', '1'];
      const without = await cotangent([...args.slice(0, 2), '32', ...args.slice(3)], { cwd: folder, env });
      assert.match(without.stdout, /No GPU took part: .*software adapter/s);
      assert.is(readReport(join(folder, 'report.json')).rows.filter((row) => row.device === 'gpu').length, 0);

      const { code, stdout, stderr } = await cotangent([...args, '--allow-software'], { cwd: folder, env });
      assert.is(code, 0, stdout + stderr);
      assert.match(stdout, /GPU \(software\)\s+│ webgpu/);
      const report = readReport(join(folder, 'report.json'));
      const rows = report.rows.filter((row) => row.device === 'gpu');
      assert.equal(
        rows.map(({ kernel, size }) => `${kernel} ${size}`),
        ['matmul 32', 'matmulPortable 32', 'matmul 64', 'matmulPortable 64'],
      );
      const { peak } = report;
      assert.ok((peak?.gpu?.gflops ?? 0) > 0 && (peak?.gpu?.gbytesPerSecond ?? 0) > 0, JSON.stringify(peak));
      assert.ok((peak?.cpu.f32 ?? 0) > (peak?.cpu.f64 ?? 0), JSON.stringify(peak));
      for (const { ofPeak = 0 } of report.rows) assert.ok(ofPeak > 0 && ofPeak < 1.5, String(ofPeak));
      assert.match(
        stdout,
        /Crossover of the GPU with transfer, in f32, against the CPU in f32 on 1 thread: .*f64 on 1 thread: /,
      );
      assert.match(stdout, /the WGSL kernel is \S+ times as fast as gpu.js's, at n = 64/);
      for (const row of rows) {
        assert.ok(row.software && row.adapter, 'an unlabelled software adapter');
        assert.ok((row.medianMsWithTransfer ?? 0) > 0 && (row.gflopsWithTransfer ?? 0) > 0);
      }
      const skipped = report.untimed.filter((row) => row.device === 'gpu' && row.size === 4096);
      assert.is(skipped.length, 2, 'n = 4096 was begun on a software adapter');
      assert.match(skipped[0].reason, /too long to sample/);
      assert.match(
        readFileSync(join(folder, 'report.html'), 'utf8'),
        /GPU \(software\) with transfer[\s\S]*peak of the GPU/,
      );
    });
  },
);

function readReport(path: string): Report {
  return JSON.parse(readFileSync(path, 'utf8')) as Report;
}

/** Every element is closed in order: enough to tell a whole picture from a torn one. */
function assertWellFormed(xml: string): void {
  const open: string[] = [];
  for (const [, closing, name, empty] of xml.matchAll(/<(\/?)([a-zA-Z]+)(?:"[^"]*"|[^">])*?(\/?)>/g)) {
    if (closing) assert.is(open.pop(), name);
    else if (!empty) open.push(name);
  }
  assert.equal(open, []);
}

test.run();
