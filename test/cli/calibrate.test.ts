// cotangent calibrate: a table, JSON and nothing else, the file that is kept, and no GPU.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { obstacleOf } from '#src/gpu/calibration/types.js';
import { cotangent, inFolder, softwareGpu, unless } from './command.js';

const test = suite('cotangent calibrate');
const none = { VK_ICD_FILENAMES: '/none.json', VK_ADD_DRIVER_FILES: '' };

test('without a GPU: one sentence and code 1', async () => {
  const { code, stdout, stderr } = await cotangent(['calibrate'], { env: none });
  assert.is(code, 1);
  assert.is(stdout, '');
  assert.match(stderr, /^cotangent: no GPU to measure on: webgpu: /m);
});

test('mistakes in the arguments are code 2', async () => {
  const { code, stderr } = await cotangent(['calibrate', '--threads', 'many']);
  assert.is(code, 2);
  assert.match(stderr, /--threads must be an integer/);
});

const env = softwareGpu();
const reason = unless(env, 'no software Vulkan here');
if (reason) console.log(`cotangent calibrate: partly skipped: ${reason}`);
else {
  test('a software GPU must be asked for', async () => {
    const { code, stderr } = await cotangent(['calibrate'], { env });
    assert.is(code, 1);
    assert.match(stderr, /no GPU to measure on: webgpu: only a software adapter/);
  });

  test('keeps it where it is told, and prints it', () =>
    inFolder(async (folder) => {
      const [file, json] = ['kept.json', 'copy.json'].map((name) => join(folder, name));
      const args = ['calibrate', '--quick', '--software', '--threads', '2', '--json', json];
      const { code, stdout, stderr } = await cotangent(args, {
        env: { ...env, COTANGENT_CALIBRATION: file },
      });
      assert.is(code, 0, stderr);
      for (const line of [
        /GPU, upload +\S+ ms, then \S+ GB\/s/,
        /CPU, f32, 2 threads, GFLOP\/s/,
        /kept\.json\n$/,
      ])
        assert.match(stdout, line);
      const { calibrations } = JSON.parse(readFileSync(file, 'utf8'));
      assert.is(calibrations.length, 1);
      assert.is(obstacleOf(calibrations[0]), undefined);
      assert.is(calibrations[0].rates.cpu.threads, 2);
      assert.equal(JSON.parse(readFileSync(json, 'utf8')), calibrations[0]);
    }));

  test('--json - is JSON and nothing else; what cannot be kept is code 1 with the reason', () =>
    inFolder(async (folder) => {
      const args = [
        'calibrate',
        '--quick',
        '--allow-software',
        '--threads',
        '1',
        '--json',
        '-',
        '--file',
        folder,
      ];
      const { code, stdout, stderr } = await cotangent(args, { env });
      assert.is(code, 1);
      assert.is(obstacleOf(JSON.parse(stdout)), undefined);
      assert.match(stderr, /^cotangent: the calibration is not kept: /m);
      assert.not(existsSync(join(folder, 'cotangent')));
    }));
}

test.run();
