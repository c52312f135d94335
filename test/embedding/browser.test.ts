// The installed package in Chromium: strict content security policy, vite, workers, threads, and no bundler at all.
import type { Browser } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createServer } from 'vite';
import { launchChromium, obstacle } from '../support/chromium.js';
import { type Headers, ISOLATED, type Site, STRICT, serve, visit } from './browser.js';
import { bundle, PRODUCT, PROGRAM, page, viteBundle, viteConfig, viteProject } from './bundles.js';
import { project, write } from './project.js';

const tests = suite('embedding in Chromium');
let browser: Browser;
const sites: Site[] = [];

/** Serves a folder until the tests end. */
async function site(folder: string, headers?: Headers): Promise<Site> {
  const served = await serve(folder, headers);
  sites.push(served);
  return served;
}

/** A test, skipped where there is no Chromium; in CI that is a failure. */
function test(name: string, run: () => Promise<void>): void {
  if (!obstacle) tests(name, run);
  else if (process.env.CI) tests(name, () => assert.unreachable(obstacle));
  else tests.skip(name);
}

if (obstacle) console.log(`embedding in Chromium: ${process.env.CI ? 'failed' : 'skipped'}: ${obstacle}`);

tests.before(async () => {
  if (!obstacle) browser = await launchChromium();
});
tests.after(async () => {
  await browser?.close();
  for (const { close } of sites) close();
});

/** A program that shows the threads it got, why not more, and whether a large product is right. */
const threaded = (options = '') => `
  import { init, matmul, ones } from 'cotangent';
  const { threads, threadsReason = '' } = await init({ threads: 2, ${options} });
  const x = ones([300, 300]);
  const right = matmul(x, x).data().every((y) => y === 300);
  const report = JSON.stringify([threads, threadsReason, right]);
  if (typeof document === 'undefined') postMessage(report);
  else document.body.textContent = report;`;

/** The bundled program as a page, beside the bundled worker of the library. */
async function bundledPage(name: string, source: string): Promise<string> {
  const [main, worker] = await Promise.all([bundle(source), bundle("import 'cotangent/worker';")]);
  return write(name, { 'index.html': page('/main.js'), 'main.js': main.code, 'worker.js': worker.code });
}

test("a bundle runs under script-src 'self' 'wasm-unsafe-eval' and nothing else", async () => {
  const { origin } = await site(await bundledPage('site-plain', PROGRAM), STRICT);
  assert.equal(await visit(browser, origin), { text: PRODUCT, problems: [] });
});

test("without 'wasm-unsafe-eval' the engine refuses, and the error names the policy", async () => {
  const policy = { 'content-security-policy': "default-src 'none'; script-src 'self'" };
  const { origin } = await site(await bundledPage('site-plain', PROGRAM), policy);
  const { text, problems } = await visit(browser, origin);
  assert.is(text, '');
  assert.match(problems.join('\n'), /Content Security Policy/);
});

test('two threads run under the same policy, in a page that is cross-origin isolated', async () => {
  const folder = await bundledPage('site-threads', threaded("worker: '/worker.js'"));
  const { origin } = await site(folder, { ...STRICT, ...ISOLATED });
  assert.equal(await visit(browser, origin), { text: '[2,"",true]', problems: [] });
});

test('a page without the headers gets one thread, and a reason that names them', async () => {
  const { origin } = await site(await bundledPage('site-threads', threaded("worker: '/worker.js'")), STRICT);
  const { text, problems } = await visit(browser, origin);
  const [threads, reason, right] = JSON.parse(text);
  assert.equal([threads, right, problems], [1, true, []]);
  assert.match(reason, 'Cross-Origin-Opener-Policy: same-origin');
  assert.match(reason, 'Cross-Origin-Embedder-Policy: require-corp');
});

test('a worker script that is missing is an error that says what to do', async () => {
  const folder = await bundledPage('site-lost', threaded("worker: '/missing.js'"));
  const { problems } = await visit(browser, (await site(folder, ISOLATED)).origin);
  assert.match(problems.join('\n'), /init: a worker did not start.*cotangent\/worker/);
});

test("the library runs in the page's own worker, under the same policy", async () => {
  const inside = await bundle(PROGRAM.replace('console.log', 'postMessage'));
  const folder = write('site-worker', {
    'index.html': page('/main.js'),
    'main.js': `new Worker('/own.js', { type: 'module' }).onmessage = ({ data }) => { document.body.textContent = data; };`,
    'own.js': inside.code,
  });
  assert.equal(await visit(browser, (await site(folder, STRICT)).origin), { text: PRODUCT, problems: [] });
});

test("the page's own worker may have threads of its own", async () => {
  const [inside, worker] = await Promise.all([
    bundle(threaded("worker: '/worker.js'")),
    bundle("import 'cotangent/worker';"),
  ]);
  const folder = write('site-worker-threads', {
    'index.html': page('/main.js'),
    'main.js': `new Worker('/own.js', { type: 'module' }).onmessage = ({ data }) => { document.body.textContent = data; };`,
    'own.js': inside.code,
    'worker.js': worker.code,
  });
  const { origin } = await site(folder, { ...STRICT, ...ISOLATED });
  assert.equal(await visit(browser, origin), { text: '[2,"",true]', problems: [] });
});

test('what vite builds runs with two threads under the strict policy', async () => {
  const { out } = await viteBundle(viteProject('vite-browser', threaded()));
  const { origin } = await site(out, { ...STRICT, ...ISOLATED });
  assert.equal(await visit(browser, origin), { text: '[2,"",true]', problems: [] });
});

test('what vite builds fetches GPU code only when the GPU is asked for', async () => {
  const source = `
    import { gpu, matmul, ones } from 'cotangent';
    const show = async () => { document.body.textContent = typeof (await gpu.available()).available; };
    document.title = String(matmul(ones([2, 2]), ones([2, 2])).data()[0]);
    globalThis.ask = show;
    if (location.hash) show(); else document.body.textContent = 'idle';`;
  const { out } = await viteBundle(viteProject('vite-lazy', source));
  const idle = await site(out);
  assert.equal(await visit(browser, idle.origin), { text: 'idle', problems: [] });
  assert.equal(
    idle.requests.filter((path) => /gpu|preload/.test(path)),
    [],
  );
  const busy = await site(out);
  assert.is((await visit(browser, `${busy.origin}/#gpu`)).text, 'boolean');
});

test('vite serves the WASM file for init, by its ?url', async () => {
  const source = `
    import { init } from 'cotangent';
    import address from '../wasm/cotangent.simd.wasm?url';
    await init({ wasm: new URL(address, location.href) }); ${PROGRAM}`;
  const { out } = await viteBundle(viteProject('vite-wasm', source));
  const { origin, requests } = await site(out);
  assert.equal(await visit(browser, origin), { text: PRODUCT, problems: [] });
  assert.ok(requests.some((path) => path.endsWith('.wasm')));
});

test("vite's development server runs it with two threads", async () => {
  const { config } = viteConfig(viteProject('vite-dev', threaded()));
  const server = await createServer({
    ...config,
    server: { host: '127.0.0.1', port: 0, headers: ISOLATED, watch: null },
  });
  await server.listen();
  try {
    const { port } = server.httpServer!.address() as { port: number };
    assert.equal(await visit(browser, `http://127.0.0.1:${port}`), { text: '[2,"",true]', problems: [] });
  } finally {
    await server.close();
  }
});

test('the files run unbundled, through an import map, with two threads', async () => {
  const map = JSON.stringify({ imports: { cotangent: '/node_modules/cotangent/dist/index.js' } });
  write('plain', {
    'index.html': page('/plain/main.js').replace('<body>', `<script type="importmap">${map}</script><body>`),
    'main.js': threaded(),
  });
  const { origin } = await site(project, ISOLATED);
  assert.equal(await visit(browser, `${origin}/plain/`), { text: '[2,"",true]', problems: [] });
});

for (const [name, source] of [
  ['an address', 'new URL(file, location.href)'],
  ['a response', 'await fetch(file)'],
  ['a module', 'await WebAssembly.compileStreaming(fetch(file))'],
] as const) {
  test(`init takes the served WASM file as ${name}`, async () => {
    const program = await bundle(`
      import { init } from 'cotangent';
      const file = '/wasm/cotangent.simd.wasm';
      await init({ wasm: ${source} }); ${PROGRAM}`);
    write('own-wasm', { 'index.html': page('/own-wasm/main.js'), 'main.js': program.code });
    const policy = `${STRICT['content-security-policy']}; connect-src 'self'`;
    const { origin, requests } = await site(project, { 'content-security-policy': policy });
    assert.equal(await visit(browser, `${origin}/own-wasm/`), { text: PRODUCT, problems: [] });
    assert.ok(requests.some((path) => path.endsWith('.wasm')));
  });
}

tests.run();
