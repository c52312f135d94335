// The examples in the docstrings of proximal and stochastic methods: a line `expression; // value` gives that value.
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as cotangent from '#src/index.js';
import { near } from '../support/check.js';

const { scope, Tensor } = cotangent;
const found: string[] = [];

function numbersOf(value: unknown): number[] {
  if (value instanceof Tensor) return Array.from(value.data());
  return typeof value === 'number' ? [value] : (value as unknown[]).flatMap(numbersOf);
}

for (const part of ['prox', 'stochastic']) {
  const folder = new URL(`../../../src/optim/${part}/`, import.meta.url);
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.ts'))) {
    const text = readFileSync(new URL(file, folder), 'utf8');
    for (const [, expression, value] of text.matchAll(/^ \* (optim\..*\)); \/\/ ([[\d-][^:\n]*)/gm)) {
      found.push(expression);
      test(`${file}: ${expression}`, () =>
        scope(() => {
          const evaluate = (code: string): unknown =>
            new Function(...Object.keys(cotangent), `return (${code});`)(...Object.values(cotangent));
          near(numbersOf(evaluate(expression)), numbersOf(evaluate(value)), 1e-14);
        }));
    }
  }
}

test('the pattern above finds the examples', () => {
  assert.ok(found.length >= 18, `only ${found.length}`);
});

test.run();
