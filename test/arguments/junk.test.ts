// Every argument of every public function replaced by junk: a typed error that names the function, and nothing left behind.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as ct from '#src/index.js';
import { CASES, type Case, EXCEPT } from './table.js';

const { matmul, memory, scope, tensor } = ct;

/** Names of all public functions: of the package, and of its namespaces. */
export function publicFunctions(): string[] {
  const names: string[] = [];
  const walk = (space: object, prefix: string): void => {
    for (const [key, value] of Object.entries(space)) {
      const path = `${prefix}${key}`;
      if (typeof value === 'function') {
        const isClass = /^class\b/.test(Function.prototype.toString.call(value));
        if (!isClass) names.push(path);
      } else if (typeof value === 'object' && value !== null && !Array.isArray(value) && path !== 'kernels')
        walk(value, `${path}.`);
    }
  };
  walk(ct, '');
  return names;
}

/** A typed array whose memory has been taken away. */
function detached(): Float64Array {
  const gone = new Float64Array(4);
  structuredClone(gone.buffer, { transfer: [gone.buffer] });
  return gone;
}

const JUNK: readonly (() => unknown)[] = [
  () => 5,
  () => -1,
  () => 'x',
  () => undefined,
  () => null,
  () => ({}),
  () => [],
  () => true,
  () => Number.NaN,
  () => Number.POSITIVE_INFINITY,
  () => () => {},
  () => Symbol('junk'),
  () => Object.create(null),
  () => [null],
  () => new Date(0),
  () => 5n,
  () => new Map(),
  () => BigInt64Array.of(1n),
  () => BigUint64Array.of(1n, 2n),
  () => new DataView(new ArrayBuffer(8)),
  () => detached(),
];

/** Frees all tensors in a result. */
function free(value: unknown, seen = new Set<unknown>()): void {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function') || seen.has(value)) return;
  seen.add(value);
  if (ArrayBuffer.isView(value)) return;
  const { dispose } = value as { dispose?: unknown };
  if (typeof dispose === 'function') dispose.call(value);
  if (!(value instanceof ct.Tensor)) for (const part of Object.values(value)) free(part, seen);
}

const held = () => {
  const { tensors, bytes } = memory();
  return `${tensors} tensors, ${bytes} bytes`;
};

const show = (value: unknown) => {
  if (typeof value === 'symbol') return String(value);
  if (typeof value === 'function') return '() => {}';
  if (typeof value === 'bigint') return `${value}n`;
  if (ArrayBuffer.isView(value)) return value.constructor.name;
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'undefined');
};

const saysOf = ({ path, says }: Case): RegExp => {
  if (says instanceof RegExp) return says;
  const last =
    says ??
    path
      .split('.')
      .at(-1)
      ?.replace(/.*\(\)/, '');
  const whole = path.replaceAll(/[.()]/g, '\\$&');
  return new RegExp(`^(${last}|${whole}): `);
};

/** What is wrong about a call, or undefined. */
async function wrong(one: Case, args: unknown[]): Promise<string | undefined> {
  const before = held();
  let result: unknown;
  try {
    result = one.call(...args);
    if (result instanceof Promise) result = await result;
  } catch (error) {
    if (!(error instanceof ct.CotangentError)) return `raw ${error}`;
    if (!saysOf(one).test(error.message)) return `a message that does not name it: ${error.message}`;
    const after = held();
    if (after !== before) return `${before} before the error, ${after} after it (${error.message})`;
    return undefined;
  }
  free(result);
  return undefined;
}

test('the table has every public function', () => {
  const known = new Set([...CASES.map(({ path }) => path), ...EXCEPT]);
  assert.equal(
    publicFunctions().filter((name) => !known.has(name)),
    [],
    'add them to test/arguments/table.ts',
  );
});

test('the examples of the table are valid', async () => {
  const failures: string[] = [];
  for (const one of CASES) {
    const args = one.args();
    try {
      const result = await one.call(...args);
      free(result);
    } catch (error) {
      failures.push(`${one.path}: ${error}`);
    }
    free(args);
  }
  assert.equal(failures, []);
});

for (const one of CASES) {
  test(`${one.path} with junk`, async () => {
    const failures: string[] = [];
    for (let at = 0; at < one.args().length; at++) {
      for (const make of JUNK) {
        const args = one.args();
        const rest = [...args];
        const junk = make();
        args[at] = junk;
        const what = await wrong(one, args);
        if (what !== undefined) failures.push(`argument ${at} = ${show(junk)}: ${what}`);
        free(rest);
      }
    }
    assert.equal(failures, []);
    scope(() => assert.equal(matmul(tensor([[1, 2]]), tensor([[3], [4]])).toArray(), [[11]]));
  });
}

/** The names of a function's options, as its own message lists them. */
async function optionNames({ call, args, options: at = 0 }: Case): Promise<string[]> {
  const given = args();
  given[at] = { ...(given[at] as object), 'no such option': 1 };
  try {
    await call(...given);
  } catch (error) {
    const { message } = error as Error;
    const list = /\(options: ([^)]*)\)$/.exec(message)?.[1] ?? /did you mean '(\w+)'/.exec(message)?.[1];
    return list?.split(', ') ?? [];
  }
  return [];
}

/** Options that a test must not play with: threads of this process, and a training without end. */
const LEFT_OUT = [
  ...['init', 'nn.fit epochs', 'assimilation.trainEmulator epochs', 'assimilation.trainInverse epochs'],
];

for (const one of CASES.filter(({ path, options }) => options !== undefined && !LEFT_OUT.includes(path))) {
  test(`${one.path} with junk for options`, async () => {
    const failures: string[] = [];
    for (const name of await optionNames(one)) {
      if (LEFT_OUT.includes(`${one.path} ${name}`)) continue;
      for (const make of JUNK) {
        const args = one.args();
        const rest = [...args];
        const junk = make();
        args[one.options ?? 0] = { ...(args[one.options ?? 0] as object), [name]: junk };
        const what = await wrong(one, args);
        if (what !== undefined) failures.push(`${name} = ${show(junk)}: ${what}`);
        free(rest);
      }
    }
    assert.equal(failures, []);
  });
}

test.run();
