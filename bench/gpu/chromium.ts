// The race in headless Chromium: a bundle of the page with the peers, on a server of its own, driven from here.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { launchChromium, obstacle } from '../../test/support/chromium.js';
import { peersFolder } from '../peers/install.js';
import { version } from '../peers/others.js';
import type { Field, GpuRow } from './race.js';

const packages = ['@tensorflow/tfjs-backend-webgpu', '@jax-js/jax', 'onnxruntime-web'];

/** Opens the page. */
export async function openPage(software: boolean) {
  if (obstacle) throw new Error(obstacle);
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./page.js', import.meta.url))],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    logLevel: 'error',
    nodePaths: [join(peersFolder, 'node_modules')],
    tsconfigRaw: {},
  });
  const script = outputFiles[0].text;
  const server = createServer((request, response) => {
    const url = request.url ?? '/';
    const send = (type: string, content: string | Buffer) => {
      response.writeHead(200, { 'content-type': type });
      response.end(content);
    };
    const own = /^\/ort\/([\w.-]+\.(mjs|wasm))$/.exec(url);
    if (own) {
      const file = join(peersFolder, 'node_modules', 'onnxruntime-web', 'dist', own[1]);
      send(own[2] === 'wasm' ? 'application/wasm' : 'text/javascript', readFileSync(file));
    } else if (url === '/page.js') send('text/javascript', script);
    else
      send('text/html', '<!doctype html><meta charset="utf-8"><script type="module" src="page.js"></script>');
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const browser = await launchChromium();
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error(String(error)));
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await page.waitForFunction('globalThis.openField !== undefined', undefined, { timeout: 30_000 });
  const versions = Object.fromEntries(packages.map((name) => [name, version(name)]));
  const call = <T>(expression: string) => page.evaluate(expression) as Promise<T>;
  return {
    name: `Chromium ${browser.version()}`,
    field: await call<Field>(`openField(${JSON.stringify(versions)}, ${software})`),
    race: (n: number, names: readonly string[], rounds: number) =>
      call<GpuRow[]>(`race(${n}, ${JSON.stringify(names)}, ${rounds})`),
    async close() {
      await browser.close();
      server.close();
    },
  };
}
