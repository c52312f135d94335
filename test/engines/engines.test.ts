// Chromium, Firefox and WebKit: threads where they are allowed, and the same bits in all of them.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ISOLATED, serve } from '../embedding/browser.js';
import { engines } from './browsers.js';
import type { PageResult } from './page.js';

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const known = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/digests.json', import.meta.url), 'utf8'),
) as Record<string, string>;

const folder = mkdtempSync(join(tmpdir(), 'cotangent-engines-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

test.before(async () => {
  await build({
    entryPoints: { main: here('./page.js'), worker: here('../../lib/core/threads/worker.js') },
    outdir: folder,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'error',
    external: ['*/vendor/gpu.js', 'node:*', 'webgpu'],
    // The tables of the tests read the environment.
    define: { 'process.env.SEED': 'undefined' },
  });
  writeFileSync(
    join(folder, 'index.html'),
    `<!doctype html><meta charset="utf-8"><title>engines</title>
    <script>addEventListener('error', (event) => { document.body.textContent = 'error: ' + event.message; });</script>
    <script type="module" src="/main.js"></script><body></body>`,
  );
});

for (const { name, missing, hasThreads, textOf } of engines) {
  if (missing !== undefined && !process.env.CI) {
    console.log(`${name}: skipped: there is no ${missing}`);
    test.skip(name);
    continue;
  }
  for (const isIsolated of [true, false]) {
    test(`${name} ${isIsolated ? 'with threads' : 'without isolation'}: the bits of the fixture`, async () => {
      assert.is(missing, undefined, `${name} is there in CI`);
      const site = await serve(folder, isIsolated ? ISOLATED : {});
      try {
        const text = await textOf(site.origin);
        assert.is(text[0], '{', text.slice(0, 2000));
        const { threads, threadsReason, isSame, digests } = JSON.parse(text) as PageResult;
        assert.is(threads, isIsolated && hasThreads ? 2 : 1, threadsReason);
        assert.ok(isSame, 'threads change the bits');
        const other = Object.keys(known).filter((subject) => digests[subject] !== known[subject]);
        assert.equal(other, [], `${other.length} of ${Object.keys(known).length} have other bits`);
        assert.equal(Object.keys(digests).sort(), Object.keys(known).sort());
      } finally {
        site.close();
      }
    });
  }
}

test.run();
