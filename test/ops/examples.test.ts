// The examples in the docstrings of operations: a line `expression; // value` gives that value.
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as cotangent from '#src/index.js';
import { near } from '../support/check.js';

const { scope, Tensor } = cotangent;
const folder = new URL('../../../src/ops/', import.meta.url);

/** Runs an expression with everything that the library exports in sight. */
function evaluate(expression: string): unknown {
  return new Function(...Object.keys(cotangent), `return (${expression});`)(...Object.values(cotangent));
}

// What an example of defineOp defines is not in sight.
const found: string[] = [];
for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.ts') && name !== 'define.ts',
)) {
  const text = readFileSync(new URL(file, folder), 'utf8');
  for (const [, expression, value] of text.matchAll(/^ \* (\w+\(.*\)); \/\/ ([[\d-][-\d .,e[\]]*)$/gm)) {
    found.push(expression);
    test(`${file}: ${expression}`, () =>
      scope(() => {
        const [got, want] = [expression, value].map((text) => {
          const result = evaluate(text);
          return result instanceof Tensor ? result : cotangent.tensor(result as number[]);
        });
        assert.equal(got.shape, want.shape);
        near(got.data(), want.data(), (i) => 4e-16 * Math.abs(want.data()[i]));
      }));
  }
}

test('the pattern above finds the examples', () => {
  assert.ok(found.length >= 50, `only ${found.length}`);
});

test.run();
