// NaN, infinities, zeros, the ends of the range and subnormal numbers on the GPU: every row gives what its f32 kernel on the
// CPU gives, except where a device takes subnormal numbers for zeros in sums and products.
import * as assert from 'uvu/assert';
import type { DType } from '#src/core/dtype.js';
import { constantOf, type Expression, expressionOf } from '#src/gpu/wgsl/expressions.js';
import { gpuSuite } from './device.js';
import { ARITHMETIC, close, evaluate, onCpu, operandsOf, rows, type Values } from './elementwise.js';
import { NORMAL, SPECIAL, ulps, unit } from './samples.js';

const test = await gpuSuite('gpu special values');

/** Operands whose combinations are all those of special values, n at a time; conditions are 0, 1 and -3. */
function combinations(inputs: readonly DType[]): Values[] {
  const lists = inputs.map((dtype) => (dtype === 'i32' ? [0, 1, -3] : SPECIAL));
  let all: number[][] = [[]];
  for (const list of lists) all = all.flatMap((head) => list.map((x) => [...head, x]));
  return inputs.map((dtype, k) => {
    const column = all.map((row) => row[k]);
    return dtype === 'i32' ? Int32Array.from(column) : Float32Array.from(column);
  });
}

const isSubnormal = (x: number) => x !== 0 && Math.abs(x) < NORMAL;
/** x, and the zero of its sign that stands for it on some devices. */
const readings = (x: number) => (isSubnormal(x) ? [x, x < 0 ? -0 : 0] : [x]);

/** What the CPU gives for operands and results with their subnormal numbers kept or taken for zeros. */
function allowed(name: string, operands: readonly number[]): number[] {
  let all: number[][] = [[]];
  for (const x of operands) all = all.flatMap((head) => readings(x).map((y) => [...head, y]));
  return all.flatMap((row) => {
    const [result] = Array.from(
      onCpu(
        name,
        row.map((x) => Float32Array.of(x)),
        'f32',
      ),
    );
    return readings(result);
  });
}

for (const name of rows.keys()) {
  test(`${name} of special values`, async () => {
    const inputs = operandsOf(name) as DType[];
    const operands = combinations(inputs);
    const got = await evaluate(expressionOf(name, inputs) as Expression, operands);
    const own = onCpu(name, operands, 'f32');
    const differences: string[] = [];
    for (let i = 0; i < own.length; i++) {
      // Bits, or the next number where the value is rounded.
      if (Object.is(got[i], own[i]) || (own[i] !== 0 && ulps(got[i], own[i], unit(own[i])) <= 1)) continue;
      const call = operands.map((x) => x[i]);
      if (ARITHMETIC.includes(name) && allowed(name, call).some((x) => Object.is(x, got[i]))) continue;
      differences.push(
        `${name}(${call.map((x) => (Object.is(x, -0) ? '-0' : x))}) is ${got[i]}, not ${own[i]}`,
      );
    }
    assert.equal(differences, []);
  });
}

test('sums and products differ where a number is subnormal, and nowhere else', async () => {
  for (const name of ARITHMETIC) {
    const inputs = operandsOf(name) as DType[];
    const operands = combinations(inputs);
    const got = await evaluate(expressionOf(name, inputs) as Expression, operands);
    const own = onCpu(name, operands, 'f32');
    for (let i = 0; i < own.length; i++) {
      const call = operands.map((x) => x[i]);
      if (!call.some(isSubnormal) && !isSubnormal(own[i]))
        assert.ok(Object.is(got[i], own[i]), `${name}(${call}) is ${got[i]}`);
    }
  }
});

test('numbers in a shader have their bits', async () => {
  for (const value of [...SPECIAL, 0.1, 1e39, -1e39]) {
    const { text, ...rest } = constantOf(value, 'f32');
    const got = await evaluate(
      { ...rest, inputs: ['f32'], text: (x) => `select(${text()}, ${x}, ${x} > 0.0)` },
      [Float32Array.of(0)],
    );
    assert.ok(Object.is(got[0], Math.fround(value)), `${value} is ${got[0]}`);
  }
  for (const value of [0, -5, -(2 ** 31), 2 ** 31 - 1]) {
    const { text, ...rest } = constantOf(value, 'i32');
    const got = await evaluate({ ...rest, inputs: ['i32'], text: (x) => `${text()} + ${x}` }, [
      Int32Array.of(0),
    ]);
    assert.is(got[0], value);
  }
});

test('a NaN with any bits is a NaN', async () => {
  const bits = Uint32Array.of(
    0x7fc00000,
    0xffc00000,
    0x7f800001,
    0xff800001,
    0x7fffffff,
    0xffffffff,
    0x7fa12345,
  );
  const x = new Float32Array(bits.buffer);
  const ones = new Float32Array(x.length).fill(1);
  for (const name of rows.keys()) {
    const inputs = operandsOf(name) as DType[];
    const expression = expressionOf(name, inputs) as Expression;
    if (expression.output === 'i32' || ['share', 'where'].includes(name)) continue;
    for (let k = 0; k < inputs.length; k++) {
      const got = await evaluate(
        expression,
        inputs.map((_, j) => (j === k ? x : name.startsWith('pow') ? ones.map(() => 2) : ones)),
      );
      assert.ok(got.every(Number.isNaN), `${name}: ${got}`);
    }
  }
});

test.after(close);
test.run();
