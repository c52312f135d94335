// docs/graph.md names every function of the namespace, and none that is not there, with the signatures, types and options that were built.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { graph } from '#src/index.js';

const root = new URL('../../../', import.meta.url);
const text = readFileSync(new URL('docs/graph.md', root), 'utf8');
const types = readFileSync(new URL('dist/types.d.ts', root), 'utf8');

/** One line, without the numbers that tell types of the same name apart. */
const plain = (code: string) =>
  code
    .replaceAll(/\$\d+/g, '')
    .replaceAll(/\{ [\w, ]*\.\.\.options \}/g, 'options')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/;( |$)/g, '$1')
    .trim();

const built = plain(types);
const blocks = [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, block]) => block);

test('every public name is in the docs, with a section', () => {
  const headings = [...text.matchAll(/^### (.*)$/gm)].map(([, heading]) => heading).join('\n');
  const missing = Object.keys(graph).filter((name) => !headings.includes(`\`graph.${name}\``));
  assert.equal(missing, []);
});

test('every graph.name in the docs is there', () => {
  const used = [...text.matchAll(/\bgraph\.(\w+)/g)].map(([, name]) => name).filter((name) => name !== 'md');
  assert.ok(used.length >= Object.keys(graph).length);
  assert.equal(
    used.filter((name) => !(name in graph)),
    [],
  );
});

test('signatures are those of the declarations', () => {
  const lines = blocks.flatMap((block) => block.split('\n').filter((line) => line.startsWith('graph.')));
  assert.ok(lines.length >= Object.keys(graph).length);
  for (const line of lines) {
    const wanted = plain(line.replace('graph.', 'declare function '));
    assert.ok(built.includes(`${wanted} `), line);
  }
});

test('types are those of the declarations', () => {
  const declared = blocks.flatMap((block) =>
    [...block.matchAll(/^(?:interface [\s\S]*?^\}|type .*)$/gm)].map(([code]) => code),
  );
  for (const code of declared) assert.ok(built.includes(plain(code)), code);
});

test('options are there, with these types', () => {
  const options = [...text.matchAll(/^- `(\w+\??: .*?)`/gm)].map(([, option]) => option);
  assert.ok(options.length >= 2);
  for (const option of options) assert.ok(built.includes(plain(option)), option);
});

test.run();
