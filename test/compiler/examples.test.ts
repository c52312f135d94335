// The examples in the docstrings of trace and compile: the last line of each gives what its comment says.
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as cotangent from '#src/index.js';

const { scope, Tensor } = cotangent;
const src = new URL('../../../src/', import.meta.url);

/** Runs lines, of which the last is an expression, with everything that the library exports in sight. */
function evaluate(lines: string[], last: string): unknown {
  const body = ['{', ...lines, `return (${last});`, '}'].join('\n');
  return new Function(...Object.keys(cotangent), body)(...Object.values(cotangent));
}

/** Tensors as nested arrays, all the rest as it is. */
function plain(value: unknown): unknown {
  if (value instanceof Tensor) return value.toArray();
  return Array.isArray(value) ? value.map(plain) : value;
}

let found = 0;
const files = [
  ...readdirSync(new URL('compiler/', src)).map((file) => `compiler/${file}`),
  'autodiff/trace.ts',
];
for (const file of files) {
  const text = readFileSync(new URL(file, src), 'utf8');
  for (const [, block] of text.matchAll(/@example\n((?: +\* .*\n)+) +\*\//g)) {
    const lines = block
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/^ +\* /, ''));
    const [, last, value] = /^(.*); \/\/ (.*)$/.exec(lines.pop() as string) ?? [];
    found++;
    test(`${file}: ${last}`, () =>
      scope(() => {
        // A declaration gives its names.
        const names = /^const \{ (.*) \} = (.*)$/.exec(last);
        const got = names ? evaluate([...lines, `${last};`], `[${names[1]}]`) : evaluate(lines, last);
        const want = names ? `[${value}]` : value;
        if (typeof got === 'string')
          assert.ok(got.startsWith((evaluate([], want) as string).replace(/ …$/, '')));
        else assert.equal(plain(got), evaluate([], want));
      }));
  }
}

test('the pattern above finds the examples', () => assert.ok(found >= 6, `only ${found}`));

test.run();
