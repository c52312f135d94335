// docs/optim.md names every function of the namespace, and none that is not there.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { optim } from '#src/index.js';

const text = readFileSync(new URL('../../../docs/optim.md', import.meta.url), 'utf8');

test('every public name is in the docs', () => {
  const groups = Object.entries(optim).filter(([, value]) => typeof value === 'object');
  const names = [...Object.keys(optim), ...groups.flatMap(([, group]) => Object.keys(group))];
  const missing = names.filter((name) => !new RegExp(`\\b${name}\\b`).test(text));
  assert.equal(missing, []);
});

test('every optim.name in the docs is there', () => {
  const used = [...text.matchAll(/optim\.(\w+)(?:\.(\w+))?/g)];
  assert.ok(used.length > 5);
  for (const [, name, inner] of used) {
    const found = (optim as unknown as Record<string, Record<string, unknown>>)[name];
    assert.ok(found, name);
    if (inner !== undefined) assert.ok(found[inner], `${name}.${inner}`);
  }
});

test.run();
