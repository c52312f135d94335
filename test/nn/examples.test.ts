// The examples in the docstrings of networks: a line `expression; // number` gives that number.
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as cotangent from '#src/index.js';
import { near } from '../support/check.js';

const { scope, Tensor } = cotangent;
const folder = new URL('../../../src/nn/', import.meta.url);

let found = 0;
for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts'),
)) {
  const text = readFileSync(new URL(file, folder), 'utf8');
  for (const [, expression, value] of text.matchAll(/^ \* (nn\.\w+\(.*\)); \/\/ (-?[\d.]+)$/gm)) {
    found++;
    test(`${file}: ${expression}`, () =>
      scope(() => {
        const names = Object.keys(cotangent);
        const evaluate = new Function(...names, `return (${expression});`);
        const got: unknown = evaluate(...Object.values(cotangent));
        near([got instanceof Tensor ? got.item() : (got as number)], [Number(value)], 1e-15);
      }));
  }
}

test('the pattern above finds the examples', () => {
  assert.ok(found >= 6, `only ${found}`);
});

test.run();
