// cotangent serve: headers, types, what is refused, and the page itself in headless Chromium.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { request } from 'node:http';
import type { Browser } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { launchChromium, obstacle } from '../support/chromium.js';
import { cotangent, program, unless } from './command.js';

const test = suite('cotangent serve');
let server: ChildProcess;
let address = '';
let browser: Browser | undefined;

test.before(async () => {
  server = spawn(process.execPath, [program, 'serve', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = await once(server.stdout!, 'data');
  address = String(line).trim();
});

test.after(async () => {
  await browser?.close();
  const closed = once(server, 'close');
  server.kill('SIGTERM');
  assert.equal(await closed, [0, null], 'the server did not end in order');
});

/** A request as it is written: fetch would tidy up the path first. */
function get(
  path: string,
  method = 'GET',
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  return new Promise((done, fail) => {
    const { hostname, port } = new URL(address);
    const call = request({ hostname, port, path, method }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => done({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    call.on('error', fail);
    call.end();
  });
}

test('listens on the loopback interface and isolates the page', async () => {
  assert.match(address, /^http:\/\/127\.0\.0\.1:\d+\/$/);
  for (const path of ['/', '/main.js', '/lib/index.js', '/nowhere']) {
    const { headers } = await get(path);
    assert.is(headers['cross-origin-opener-policy'], 'same-origin');
    assert.is(headers['cross-origin-embedder-policy'], 'require-corp');
    assert.match(String(headers['content-security-policy']), /default-src 'none'; script-src 'self'/);
    assert.is(headers['x-content-type-options'], 'nosniff');
  }
});

const typesOf: [string, string][] = [
  ['/', 'text/html; charset=utf-8'],
  ['/main.js', 'text/javascript; charset=utf-8'],
  ['/style.css', 'text/css; charset=utf-8'],
  ['/settings.json', 'application/json; charset=utf-8'],
  ['/lib/index.js', 'text/javascript; charset=utf-8'],
  ['/picture.js', 'text/javascript; charset=utf-8'],
];
for (const [path, type] of typesOf) {
  test(`${path} is ${type}`, async () => {
    const { status, headers } = await get(path);
    assert.is(status, 200);
    assert.is(headers['content-type'], type);
  });
}

const refused: [string, number][] = [
  ['/nowhere.js', 404],
  ['/lib', 404],
  ['/lib/', 404],
  ['/../main.js', 404],
  ['/lib/../../package.json', 404],
  ['/lib/%2e%2e/package.json', 404],
  ['/lib/..%2fpackage.json', 404],
  ['/..%2f..%2f..%2fpackage.json', 404],
  ['/%5c..%5cpackage.json', 400],
  ['/%00', 400],
  ['/%E0%A4%A', 400],
];
for (const [path, status] of refused) {
  test(`${path} is refused with ${status}`, async () => {
    const answer = await get(path);
    assert.is(answer.status, status);
    assert.not.match(answer.body, '"name"');
  });
}

test('only GET and HEAD are answered', async () => {
  assert.is((await get('/', 'POST')).status, 405);
  const head = await get('/', 'HEAD');
  assert.is(head.status, 200);
  assert.is(head.body, '');
});

test('a port in use is one sentence', async () => {
  const { code, stderr } = await cotangent(['serve', '--port', new URL(address).port]);
  assert.is(code, 1);
  assert.match(stderr, /^cotangent: port \d+ is in use: .*\n$/);
});

const missing = unless(obstacle === undefined, obstacle ?? '');
if (missing) console.log(`cotangent serve: the page is skipped: ${missing}`);
for (const backend of ['webgpu', 'webgl2'] as const) {
  (missing ? test.skip : test)(
    `the page compares the CPU, with threads, and ${backend}, and draws it`,
    async () => {
      browser ??= await launchChromium();
      const page = await browser.newPage({ viewport: { width: 900, height: 1300 } });
      const problems: string[] = [];
      page.on('pageerror', (error) => problems.push(String(error)));
      page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
      await page.goto(`${address}?sizes=32,64,128&threads=2&budget=0.5&software&backend=${backend}`);
      await page.waitForSelector('body[data-done]', { timeout: 90_000 }).catch(async () => {
        throw new Error(
          `the page did not finish: ${await page.textContent('#status')}; ${problems.join('; ')}`,
        );
      });
      assert.is(await page.textContent('#status'), 'Done.');
      const rows = await page.$$eval('tbody tr', (all) => all.map((row) => row.textContent ?? ''));
      // In f32 and f64 on one thread and on two, and on the GPU; where WebGPU has our kernel, gpu.js's beside it.
      const perSize = backend === 'webgpu' ? 6 : 5;
      assert.is(rows.length, 3 * perSize, rows.join('\n'));
      assert.is(rows.filter((row) => row.includes('CPU, 2 threads')).length, 6, rows.join('\n'));
      assert.is(rows.filter((row) => row.includes('GPU, gpu.js')).length, 3 * (perSize - 5), rows.join('\n'));
      assert.is(
        rows.filter((row) => row.includes('GPU (software)') && row.includes(backend)).length,
        3,
        rows.join('\n'),
      );
      const picture = await page.$eval('#picture svg', (svg) => svg.outerHTML);
      for (const label of [
        ...['GFLOP/s', 'CPU, 2 threads', 'GPU (software) with transfer', 'peak of one thread'],
        ...(backend === 'webgpu' ? ['peak of the GPU', 'by gpu.js'] : []),
      ])
        assert.match(picture, label);
      assert.not.match(picture, 'NaN');
      assert.equal(problems, []);
      mkdirSync('build/screens', { recursive: true });
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await page.screenshot({ path: `build/screens/serve-${backend}-${colorScheme}.png`, fullPage: true });
      }
      await page.close();
    },
  );
}

test.run();
