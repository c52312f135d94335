// The GPU path in headless Chromium: WebGL2 and WebGPU on SwiftShader, from bundles as consumers make them.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { launchChromium, obstacle } from '../support/chromium.js';
import type { Outcome } from './browser-page.js';

const test = suite('gpu in a browser');
const reason = obstacle ?? '';

const html =
  '<!doctype html><meta charset="utf-8"><title>GPU</title><script type="module" src="page.js"></script>';
// What a careful site allows: our own scripts and WASM, no eval.
const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";

/** The page as one bundle, the way a consumer's bundler would make it. */
async function bundlePage(options: { minify: boolean }): Promise<string> {
  const page = fileURLToPath(new URL('./browser-page.js', import.meta.url));
  const result = await build({
    stdin: {
      contents: `import { run } from ${JSON.stringify(page)}; globalThis.outcomes = run({ isBrief: ${options.minify} });`,
      resolveDir: fileURLToPath(new URL('.', import.meta.url)),
    },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    minify: options.minify,
    keepNames: options.minify,
    write: false,
    logLevel: 'error',
    // What is built, as the package resolves it, and not the sources that tsconfig's paths point to.
    tsconfigRaw: {},
  });
  return result.outputFiles[0].text;
}

async function runPage(script: string): Promise<Outcome[]> {
  const server = createServer((request, response) => {
    const isScript = request.url === '/page.js';
    response.writeHead(200, {
      'content-type': isScript ? 'text/javascript' : 'text/html',
      'content-security-policy': policy,
    });
    response.end(isScript ? script : html);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    // The checks begin while the page loads, and may keep it busy for long.
    await page.goto(`http://127.0.0.1:${port}/`, { timeout: 90_000 });
    await page
      .waitForFunction('globalThis.outcomes !== undefined', undefined, { timeout: 30_000 })
      .catch(() => {
        throw new Error(`the page did not start: ${problems.join('; ')}`);
      });
    return (await page.evaluate('globalThis.outcomes')) as Outcome[];
  } finally {
    await browser.close();
    server.close();
  }
}

for (const minify of [false, true]) {
  const title = `WebGL2 and WebGPU from a bundle${minify ? ', minified with names kept' : ''}, under a strict policy`;
  if (reason && !process.env.CI) {
    console.log(`gpu in a browser: skipped: ${reason}`);
    test.skip(title);
    continue;
  }
  test(title, async () => {
    assert.is(reason, '');
    const outcomes = await runPage(await bundlePage({ minify }));
    assert.ok(outcomes.length >= (minify ? 36 : 98), `${outcomes.length} outcomes`);
    for (const { name, ok, detail } of outcomes) assert.ok(ok, `${name}: ${detail}`);
  });
}

test.run();
