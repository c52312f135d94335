// The examples in the docstrings of autodiff: a line `expression; // value` gives that value, after the lines before it.
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as cotangent from '#src/index.js';
import { near } from '../support/check.js';

const { scope, Tensor } = cotangent;
const folder = new URL('../../../src/autodiff/', import.meta.url);

/** Every number in a nest of arrays and tensors. */
function numbersIn(value: unknown): number[] {
  const flat: number[] = [];
  const visit = (part: unknown): void => {
    if (part instanceof Tensor) flat.push(...part.data());
    else if (typeof part === 'number') flat.push(part);
    else if (Array.isArray(part)) part.forEach(visit);
  };
  visit(value);
  return flat;
}

let count = 0;
for (const file of readdirSync(folder).filter((name) => name.endsWith('.ts'))) {
  const text = readFileSync(new URL(file, folder), 'utf8');
  for (const [, block] of text.matchAll(/@example\n((?: \* .*\n)+?)(?: \* @| \*\/)/g)) {
    const lines = block
      .split('\n')
      .map((line) => line.replace(/^ \* /, ''))
      .filter((line) => line !== '');
    const last = /^(.*); \/\/ ([[\d-][-\d .,e[\]]*)$/.exec(lines[lines.length - 1]);
    if (last === null || last[1].startsWith('const')) continue;
    count++;
    const body = `${lines.slice(0, -1).join('\n')}\nreturn [${last[1]}, ${last[2]}];`;
    test(`${file}: ${last[1]}`, () =>
      scope(() => {
        const [got, want] = new Function(...Object.keys(cotangent), body)(...Object.values(cotangent));
        near(numbersIn(got), numbersIn(want), 1e-14);
      }));
  }
}

test('the pattern above finds the examples', () => {
  assert.ok(count >= 8, `only ${count}`);
});

test.run();
