// Runs test files one after the other, as scripts/test.mjs names them. Files register their suites with uvu, which is told
// to leave the start to us; a suite gives its errors and counts.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [, , folder] = process.argv;
globalThis.UVU_DEFER = 1;
globalThis.UVU_INDEX = 0;
globalThis.UVU_QUEUE = [];

/** Runs `work`; returns what was written to the terminal meanwhile. */
async function captured(work) {
  const streams = [process.stdout, process.stderr];
  const parts = [];
  for (const stream of streams)
    stream.write = (chunk, encoding, done) => {
      parts.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
      const callback = typeof encoding === 'function' ? encoding : done;
      if (callback) queueMicrotask(callback);
      return true;
    };
  try {
    await work();
  } finally {
    // The methods of the class show again.
    for (const stream of streams) delete stream.write;
  }
  return parts.join('');
}

async function run(file) {
  const result = { total: 0, passed: 0, skipped: 0, errors: '' };
  const start = performance.now();
  const text = await captured(async () => {
    try {
      globalThis.UVU_QUEUE.splice(0, Number.POSITIVE_INFINITY, []);
      await import(pathToFileURL(join(folder, file)).href);
      for (const suite of globalThis.UVU_QUEUE[0]) {
        const [errors, passed, skipped, total] = await suite();
        result.total += total;
        result.passed += passed;
        result.skipped += skipped;
        if (typeof errors === 'string') result.errors += `\n${errors}`;
        // uvu drops what a hook throws, and the tests that have not run with it.
        else if (passed < total)
          result.errors += `\n  ${total - passed} tests did not run: a hook has thrown\n`;
      }
    } catch (error) {
      result.total++;
      result.errors += `\n  ${error?.stack ?? error}\n`;
    }
  });
  process.send({ ...result, text, ms: performance.now() - start });
}

const setup = join(folder, 'setup.js');
if (existsSync(setup)) await import(pathToFileURL(setup).href);
process.on('message', run);
process.on('disconnect', () => process.exit());
process.send('ready');
