// CallTable: the same row, operands, epoch and parameters give the same call, anything else another one.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CallTable } from '#src/compiler/call-table.js';
import { type Call, GraphNode, makeCall } from '#src/compiler/node.js';
import type { Op } from '#src/ops/op.js';

const spec = { shape: [2], dtype: 'f64' as const };
const op: Op<unknown> = { name: 'one', shape: () => spec };
const other: Op<unknown> = { name: 'one', shape: () => spec };
const inputs = [0, 1].map((id) => Object.assign(new GraphNode('input', spec), { id }));

/** The calls for each of these parameters, by one table. */
function callsFor(list: readonly unknown[], table = new CallTable()): Call[] {
  return list.map((params) =>
    table.getOrMake(op, params, inputs, 0, () => makeCall(op, params, inputs, [spec], 0)),
  );
}

test('parameters of equal data are the same call', () => {
  const data: [unknown, unknown][] = [
    [undefined, undefined],
    [
      { a: 1, b: [2, 'x', null] },
      { a: 1, b: [2, 'x', null] },
    ],
    [{ a: true, b: undefined }, { a: true }],
    [{ a: Number.NaN }, { a: Number.NaN }],
    [Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  ];
  for (const [p, q] of data) {
    const [a, b] = callsFor([p, q]);
    assert.is(a, b, JSON.stringify(p));
  }
});

test('parameters that differ, and parameters that are not plain data, are different calls', () => {
  const list = [
    undefined,
    null,
    {},
    [],
    0,
    -0,
    '0',
    1,
    true,
    false,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    'NaN',
    'Infinity',
    [0],
    [-0],
    [[0]],
    { a: 0 },
    { a: -0 },
    { b: 0 },
    { a: [0] },
    { a: { a: 0 } },
    { a: 0, b: 0 },
    { a: '' },
    { a: null },
    { a: false },
    ['ab', 'c'],
    ['a', 'bc'],
    { ab: 'c' },
    { a: 'bc' },
  ];
  const calls = new Set(callsFor(list));
  assert.is(calls.size, list.length);
  const f = () => 1;
  for (const params of [
    f,
    { f },
    Float64Array.of(1),
    { x: Int32Array.of(1) },
    new Date(0),
    1n,
    Symbol.iterator,
  ])
    assert.is(new Set(callsFor([params, params])).size, 2, String(params));
});

test('rows, operands and epochs tell calls apart', () => {
  const table = new CallTable();
  const [a, b] = inputs;
  const cases: [Op<unknown>, GraphNode[], number][] = [
    [op, [a, b], 0],
    [op, [b, a], 0],
    [op, [a, a], 0],
    [op, [a], 0],
    [op, [], 0],
    [op, [a, b], 1],
    [other, [a, b], 0],
  ];
  const calls = cases.map(([row, list, epoch]) =>
    table.getOrMake(row, undefined, list, epoch, () => makeCall(row, undefined, list, [spec], epoch)),
  );
  assert.is(new Set(calls).size, cases.length);
  cases.forEach(([row, list, epoch], i) => {
    assert.is(
      table.getOrMake(row, undefined, list, epoch, () => assert.unreachable() as never),
      calls[i],
    );
  });
});

test('hundreds of thousands of calls, some of which have the same hash, are each found again', () => {
  const table = new CallTable();
  const list = Array.from({ length: 200_000 }, (_, i) => ({ value: Math.sin(i) }));
  const calls = callsFor(list, table);
  assert.is(new Set(calls).size, list.length);
  const again = callsFor(
    list.map(({ value }) => ({ value })),
    table,
  );
  assert.ok(again.every((call, i) => call === calls[i]));
});

test.run();
