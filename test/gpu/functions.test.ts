// Elementwise functions in WGSL against those of the CPU in f64, and against values of 50 digits: errors in units of the last
// place stay below those of docs/gpu.md. Special values are in special-values.test.ts.
import { readdirSync, readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import type { DType } from '#src/core/dtype.js';
import { declarations } from '#src/generated/wgsl.js';
import { type Expression, expressionOf } from '#src/gpu/wgsl/expressions.js';
import { functionsFor } from '#src/gpu/wgsl/functions.js';
import { gpuSuite } from './device.js';
import {
  ARITHMETIC,
  close,
  evaluate,
  onCpu,
  operandsOf,
  rows,
  type Values,
  worsened,
} from './elementwise.js';
import { numbers, ulps, unit } from './samples.js';

const test = await gpuSuite('gpu functions');
const root = new URL('../../../', import.meta.url);
const COUNT = Number(process.env.COUNT ?? 1 << 20);

/** What docs/gpu.md states of each function: ULP from the exact value, and from the row on the CPU. */
const stated = new Map(
  [
    ...readFileSync(new URL('docs/gpu.md', root), 'utf8').matchAll(/`(\w+)` \| (\d\.\d\d) \| (\d)(?= \|)/g),
  ].map(([, name, exact, own]) => [name, { exact: Number(exact), own: Number(own) }]),
);

/** Rows of the table whose values are an operand's, signs, or conditions: the bits are those of the CPU. */
const SAME_BITS = [
  ...[
    'neg',
    'abs',
    'sign',
    'relu',
    'maximum',
    'minimum',
    'clip',
    'where',
    'share',
    'div',
    'divAlong',
    'sqrt',
  ],
  ...['equal', 'notEqual', 'greater', 'greaterEqual', 'less', 'lessEqual', 'isNaN'],
];
/** Elementwise rows of the table that have no expression, and why. */
const WITHOUT: Record<string, string> = {};

const expressionFor = (name: string) => expressionOf(name, operandsOf(name) as DType[]) as Expression;

/** Operands for a row, most of them where it has something to lose. */
function operandsFor(name: string, count: number): Values[] {
  return (operandsOf(name) as DType[]).map((dtype, k) => {
    const values = numbers(count, 1 + 77 * k);
    return dtype === 'i32' ? Int32Array.from(values, (x) => (x > 0 ? 1 : 0)) : values;
  });
}

/** The size of the terms that cancel near the zero of a derivative, by which its error is measured. */
const TERMS: Record<string, (x: Values) => ArrayLike<number>> = {
  siluSlope: (x) => onCpu('sigmoid', [x], 'f64'),
  geluSlope: (x) => Float64Array.from(onCpu('normalDensity', [x], 'f64'), (y, i) => Math.abs(x[i]) * y),
};

test('every elementwise row has an expression with its dtypes, or there is a reason', () => {
  for (const [name, row] of rows) {
    const inputs = operandsOf(name);
    if (name in WITHOUT) assert.is(inputs, undefined, name);
    else {
      assert.ok(inputs, `${name}: no expression`);
      const spec = row.shape(
        inputs.map((dtype) => ({ shape: [2], dtype })),
        undefined,
      );
      assert.is((spec as { dtype: DType }).dtype, expressionFor(name).output, name);
      const places = inputs.map((_, k) => `operand${k}`);
      const text = expressionFor(name).text(...places);
      for (const place of places) assert.is(text.split(place).length, 2, `${text}: ${place} stands once`);
    }
  }
  const listed = [...stated.keys(), ...SAME_BITS, ...ARITHMETIC, ...Object.keys(WITHOUT)].sort();
  assert.equal(listed, [...rows.keys()].sort(), 'rows whose errors are stated');
});

test('f64 has no expressions, and i32 those that stay integers', () => {
  const integral: Record<string, number> = {
    ...{ neg: 1, abs: 1, sign: 1, add: 2, sub: 2, mul: 2, maximum: 2, minimum: 2, clip: 3, where: 3 },
    ...{ equal: 2, notEqual: 2, greater: 2, greaterEqual: 2, less: 2, lessEqual: 2 },
  };
  for (const name of rows.keys())
    for (const arity of [1, 2, 3]) {
      assert.is(expressionOf(name, Array(arity).fill('f64')), undefined, name);
      const found = expressionOf(name, Array(arity).fill('i32'));
      assert.is(found?.output, integral[name] === arity ? 'i32' : undefined, name);
    }
  assert.is(expressionOf('toString', ['f32']), undefined);
});

test('functions come once, and before their users', () => {
  const text = functionsFor(['tanh_f32', 'exp_f32', 'tanh_f32']);
  const names = [...text.matchAll(/^(?:fn|struct) (\w+)/gm)].map(([, name]) => name);
  assert.is(new Set(names).size, names.length);
  assert.ok(names.includes('exp_f32') && !names.includes('log_f32'));
  names.forEach((name, i) => {
    for (const need of declarations[name].needs) assert.ok(names.indexOf(need) < i, `${need} before ${name}`);
  });
  assert.is(functionsFor([]), '');
});

test('WGSL gives nothing but arithmetic, roots and rounding', () => {
  const own = new Set(Object.keys(declarations));
  const allowed = [
    ...[
      'abs',
      'array',
      'bitcast',
      'clamp',
      'countLeadingZeros',
      'f32',
      'floor',
      'i32',
      'inverseSqrt',
      'max',
      'min',
    ],
    ...['round', 'select', 'sign', 'sqrt', 'u32', 'vec2f', 'vec2u', 'if'],
  ];
  for (const [name, { text }] of Object.entries(declarations))
    for (const [, called] of text.matchAll(/\b(\w+)(?:<[\w, ]+>)?\(/g))
      assert.ok(own.has(called) || allowed.includes(called), `${name} calls ${called}`);
  const files = readdirSync(new URL('kernels/wgsl/', root)).map((file) =>
    readFileSync(new URL(`kernels/wgsl/${file}`, root), 'utf8'),
  );
  assert.ok(own.size > 100 && files.length > 10);
});

for (const [name, bound] of stated) {
  test(`${name}: at most ${bound.exact} ULP, ${bound.own} from the CPU`, async () => {
    const operands = operandsFor(name, COUNT);
    const got = await evaluate(expressionFor(name), operands);
    const [want, own] = [onCpu(name, operands, 'f64'), onCpu(name, operands, 'f32')];
    const terms = TERMS[name]?.(operands[0]);
    const worst = { exact: 0, own: 0 };
    const check = (values: Values, count: number) => {
      for (let i = 0; i < count; i++) {
        const scale = unit(terms ? Math.max(Math.abs(want[i]), terms[i]) : want[i]);
        const exact = ulps(values[i], want[i], scale);
        const apart = ulps(values[i], own[i], scale);
        if (!(exact <= bound.exact && apart <= bound.own)) {
          const call = `${name}(${operands.map((x) => x[i])})`;
          throw new Error(`${call} is ${values[i]}, not ${want[i]}: ${exact} ULP; the CPU gives ${own[i]}`);
        }
        if (exact > worst.exact) worst.exact = exact;
        if (apart > worst.own) worst.own = apart;
      }
    };
    check(got, COUNT);
    // On a device whose quotients and roots are as bad as WGSL allows.
    const part = operands.map((values) => values.subarray(0, COUNT >> 2));
    check(await evaluate(expressionFor(name), part, { isWorse: true }), COUNT >> 2);
    if (process.env.VERBOSE) console.log(`| \`${name}\` | ${worst.exact.toFixed(3)} | ${worst.own} |`);
  });
}

test('rows that choose, compare, divide and take roots have the bits of the CPU', async () => {
  const count = COUNT >> 2;
  for (const name of SAME_BITS) {
    const operands = operandsFor(name, count);
    const own = onCpu(name, operands, 'f32');
    for (const isWorse of [false, true]) {
      const got = await evaluate(expressionFor(name), operands, { isWorse });
      for (let i = 0; i < count; i++)
        if (!Object.is(got[i], own[i]))
          throw new Error(`${name}(${operands.map((x) => x[i])}) is ${got[i]}, not ${own[i]}`);
    }
  }
});

test('there are worse quotients and roots to try', () => {
  const text = worsened(functionsFor(['pair_quotient', 'root', 'inverse_root']));
  for (const call of ['a.x / b.x', 'sqrt(x)', 'inverseSqrt(x.x)'])
    assert.ok(text.includes(`worse(${call})`), call);
});

test('the product of conditions', async () => {
  const [a, b] = [Int32Array.of(0, 1, 0, 1), Int32Array.of(0, 0, 1, 1)];
  assert.equal(
    [...(await evaluate(expressionOf('mul', ['i32', 'i32']) as Expression, [a, b]))],
    [0, 0, 0, 1],
  );
});

test('operations that meet in one expression round as they do apart', async () => {
  const [add, sub, mul] = ['add', 'sub', 'mul'].map(expressionFor);
  const meet = (text: Expression['text'], inputs = 3): Expression => ({
    inputs: Array(inputs).fill('f32'),
    output: 'f32',
    needs: ['rounded'],
    text,
  });
  const count = 1 << 16;
  const [a, b, c] = [1, 2, 3].map((seed) =>
    numbers(count, seed).map((x) => (Math.abs(x) < 1e9 && Math.abs(x) > 1e-9 ? x : 1)),
  );
  const r = Math.fround;
  const cases: [Expression, (i: number) => number][] = [
    [meet((x, y, z) => sub.text(mul.text(x, y), z)), (i) => r(r(a[i] * b[i]) - c[i])],
    [meet((x, y, z) => add.text(mul.text(x, y), mul.text(z, z))), (i) => r(r(a[i] * b[i]) + r(c[i] * c[i]))],
    [meet((x, y) => sub.text(add.text(x, y), x), 2), (i) => r(r(a[i] + b[i]) - a[i])],
  ];
  for (const [expression, want] of cases) {
    const got = await evaluate(expression, [a, b, c].slice(0, expression.inputs.length));
    for (let i = 0; i < count; i++)
      if (!Object.is(got[i], want(i))) throw new Error(`${i}: ${got[i]}, not ${want(i)}`);
  }
});

type Lists = { x: string; y?: string; want: string; rest: string };

test('values of 50 digits', async () => {
  const golden: Record<'f32', Record<string, Lists>> = JSON.parse(
    readFileSync(new URL('test/fixtures/math.json', root), 'utf8'),
  );
  const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'base64')).buffer;
  for (const [name, { x, y, want, rest }] of Object.entries(golden.f32)) {
    const operands = [x, ...(y === undefined ? [] : [y])].map((list) => new Float32Array(bytes(list)));
    const [wanted, lost] = [new Float32Array(bytes(want)), new Int8Array(bytes(rest))];
    const got = await evaluate(expressionFor(name), operands);
    const most = stated.get(name)?.exact ?? 0.5;
    for (let i = 0; i < wanted.length; i++) {
      // want + rest / 100 units is exact to a hundredth.
      const exact = lost[i] === 0 ? wanted[i] : wanted[i] + (lost[i] / 100) * unit(wanted[i]);
      const error = ulps(got[i], exact, unit(wanted[i]));
      if (!(error <= most + 0.011))
        throw new Error(`${name}(${operands.map((v) => v[i])}) is ${got[i]}: ${error} ULP`);
    }
  }
});

test.after(close);
test.run();
