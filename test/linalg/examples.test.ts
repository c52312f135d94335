// The examples in the docstrings of linalg: a line `expression; // value` gives that value.
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as cotangent from '#src/index.js';
import { near } from '../support/check.js';

const { linalg, scope, Tensor } = cotangent;
const folder = new URL('../../../src/linalg/', import.meta.url);
const names = { ...cotangent, ...linalg };

/** Runs an expression with everything that the library exports in sight. */
function evaluate(expression: string): unknown {
  return new Function(...Object.keys(names), `return (${expression});`)(...Object.values(names));
}

/** All numbers of a result, in order. */
function numbersOf(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  if (value instanceof Tensor) return Array.from(value.data());
  return Object.values(value as object).flatMap(numbersOf);
}

const found: string[] = [];
for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((f) =>
  f.endsWith('.ts'),
)) {
  const text = readFileSync(new URL(file, folder), 'utf8');
  for (const [, expression, value] of text.matchAll(
    /^ \* ((?:linalg\.)?\w+\(.*\)[.\w()]*); \/\/ ([[{\d-].*)$/gm,
  )) {
    found.push(expression);
    test(`${file}: ${expression}`, () =>
      scope(() => {
        const [got, want] = [evaluate(expression), evaluate(value)];
        if (got instanceof Tensor) assert.equal(got.shape, cotangent.tensor(want as number[]).shape);
        near(numbersOf(got), numbersOf(want), 1e-14);
      }));
  }
}

test('the pattern above finds the examples', () => {
  assert.ok(found.length >= 18, `only ${found.length}`);
});

test.run();
