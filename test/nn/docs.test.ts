// docs/nn.md names every function of the namespace, and none that is not there.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nn } from '#src/index.js';

const text = readFileSync(new URL('../../../docs/nn.md', import.meta.url), 'utf8');

test('every public name is in the docs', () => {
  const names = [...Object.keys(nn), ...Object.keys(nn.models)];
  assert.equal(
    names.filter((name) => !new RegExp(`\\b${name}\\b`).test(text)),
    [],
  );
});

test('every nn.name in the docs is there', () => {
  const used = [...text.matchAll(/\bnn\.(?:models\.)?(\w+)/g)].map(([, name]) => name);
  assert.ok(used.length > 10);
  const known = new Set([...Object.keys(nn), ...Object.keys(nn.models)]);
  assert.equal(
    used.filter((name) => !known.has(name) && name !== 'md'),
    [],
  );
});

test.run();
