// Options of every public function: an object, whose names all exist; the nearest name is in the message.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as ct from '#src/index.js';
import { CASES } from './table.js';

const { ArgumentError, scope } = ct;

/** What a call throws. */
async function caught(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return undefined;
}

const withOptions = CASES.filter(({ options }) => options !== undefined);

for (const { path, call, args, options: at = 0 } of withOptions) {
  const attempt = (options: unknown) =>
    caught(() => {
      const given = args();
      given[at] = options;
      return call(...given);
    });

  test(`${path}: a name that does not exist`, async () => {
    const [name] = Object.keys(args()[at] as object);
    const example = args()[at] as object;
    const misspelt = name === undefined ? 'lineSaerch' : `${name.slice(0, -1)}_${name.slice(-1)}`;
    const error = await attempt({ ...example, [misspelt]: undefined });
    assert.instance(error, ArgumentError, `${path} takes ${misspelt}`);
    const { message } = error as Error;
    assert.match(message, `there is no option '${misspelt}'`);
    if (name !== undefined) assert.match(message, `did you mean '${name}'?`);
  });

  test(`${path}: options that are no object`, async () => {
    for (const junk of [
      null,
      0,
      1,
      'x',
      true,
      Number.NaN,
      () => {},
      [],
      [1],
      new Float64Array(1),
      ct.ones([2]),
    ]) {
      const error = await attempt(junk);
      assert.instance(error, ArgumentError, `${path} takes ${String(junk)}: ${error}`);
    }
  });

  test(`${path}: names that every object inherits are no options`, async () => {
    for (const name of ['toString', 'constructor', '__proto__']) {
      const options = { ...(args()[at] as object) };
      Object.defineProperty(options, name, { value: 1, enumerable: true });
      assert.instance(await attempt(options), ArgumentError, `${path} takes ${name}`);
    }
  });
}

test('every function whose declaration has options is in the table with them', async () => {
  const { readdirSync, readFileSync } = await import('node:fs');
  const root = new URL('../../../dist/', import.meta.url);
  const known = new Set(withOptions.map(({ path }) => path.split('.').at(-1)?.replace('()', '')));
  const table = new Set(CASES.map(({ path }) => path.split('.').at(-1)));
  const missing: string[] = [];
  for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.d.ts') || /^(vendor|gpu|cli)/.test(file)) continue;
    const text = readFileSync(new URL(file, root), 'utf8');
    for (const [, name] of text.matchAll(
      /declare function (\w+)(?:\$\d+)?(?:<[^(]*>)?\([^;]*?\boptions\??: /g,
    ))
      if (table.has(name) && !known.has(name)) missing.push(`${file}: ${name}`);
  }
  assert.equal(missing, []);
});

test('objects of classes and without a prototype, and undefined', () =>
  scope(() => {
    const x = ct.ones([2, 2]);
    assert.equal(ct.sum(x, { axis: 0 }).toArray(), [2, 2]);
    class Options {
      axis = 0;
    }
    assert.equal(ct.sum(x, new Options()).toArray(), [2, 2], 'an object of a class will do');
    assert.equal(ct.sum(x, Object.assign(Object.create(null), { axis: 0 })).toArray(), [2, 2]);
    assert.equal(ct.sum(x, undefined).toArray(), 4);
  }));

test.run();
