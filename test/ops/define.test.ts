// defineOp: an operation with a WASM kernel of its own, its derivatives by either rule, and what a wrong definition is told.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  defineOp,
  grad,
  hvp,
  jvp,
  kernels,
  memory,
  mul,
  ShapeError,
  scope,
  stopGradient,
  sum,
  type Tensor,
  tensor,
  vjp,
  zeros,
} from '#src/index.js';
import type { OpDefinition } from '#src/ops/define.js';
import type { TensorSpec } from '#src/ops/op.js';
import { rejects } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';

type Cube = (n: number, out: number, x: number) => void;

/** (module (import "env" "memory") (func (export "cube") (param n out x) …)): out[i] := x[i]³ over f64. */
function cubeKernel(): Cube {
  const section = (id: number, ...bytes: number[]) => [id, bytes.length, ...bytes];
  const text = (s: string) => [s.length, ...Buffer.from(s)];
  const I32 = 0x7f;
  const get = (local: number) => [0x20, local];
  const next = (local: number, by: number) => [...get(local), 0x41, by, 0x6a, 0x21, local];
  const element = [...get(2), 0x2b, 3, 0];
  const body = [
    ...[0, 0x03, 0x40], // no locals; loop
    ...[...get(0), 0x04, 0x40], // if n
    ...[...get(1), ...element, ...element, 0xa2, ...element, 0xa2, 0x39, 3, 0],
    ...[...next(1, 8), ...next(2, 8), ...get(0), 0x41, 1, 0x6b, 0x21, 0],
    ...[0x0c, 1, 0x0b, 0x0b, 0x0b], // br loop; end, end, end
  ];
  const bytes = new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, 1, 0x60, 3, I32, I32, I32, 0),
    ...section(2, 1, ...text('env'), ...text('memory'), 2, 0, 1),
    ...section(3, 1, 0),
    ...section(7, 1, ...text('cube'), 0, 0),
    ...section(10, 1, body.length, ...body),
  ]);
  const memory = kernels.wasmMemory();
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } }).exports.cube as Cube;
}

const cube = cubeKernel();
const base = {
  name: 'cube',
  shape: ([x]: readonly TensorSpec[]) => x,
  run: (y: Tensor, [x]: readonly Tensor[]) => cube(x.size, y.address, x.address),
};
const slope = (x: Tensor) => mul(3, mul(x, x));
const jvpRule: OpDefinition<unknown, TensorSpec>['jvp'] = ([t], { inputs: [x] }) => t && mul(t, slope(x));
const vjpRule: OpDefinition<unknown, TensorSpec>['vjp'] = ([ct], { inputs: [x] }) => [
  mul(ct as Tensor, slope(x)),
];

for (const [rules, definition] of [
  ['both rules', { ...base, jvp: jvpRule, vjp: vjpRule }],
  ['only a jvp', { ...base, jvp: jvpRule }],
  ['only a vjp', { ...base, vjp: vjpRule }],
] as const) {
  test(`a WASM kernel with ${rules}: values, and derivatives to second order in every mix`, () =>
    scope(() => {
      const f = defineOp(definition);
      slope(tensor(1)); // what the library makes once is made
      assert.equal(
        f(
          tensor([
            [1, 2],
            [-3, 0.5],
          ]),
        ).toArray(),
        [
          [1, 8],
          [-27, 0.125],
        ],
      );
      assert.equal(f(zeros([0])).shape, [0]);
      assert.is(f(tensor(2)).item(), 8);
      checkDerivatives(f, [tensor([0.3, -1.2, 2])]);
      checkDerivatives((x: Tensor) => f(mul(f(x), x)), [tensor([0.3, -1.1])]);
      assert.equal(hvp((x: Tensor) => sum(f(x)), tensor([1, 2]), tensor([1, 10])).toArray(), [6, 120]);
    }));
}

test('without rules a derivative is an error, stopGradient makes it a constant, i32 is one by itself', () =>
  scope(() => {
    const f = defineOp(base);
    const x = tensor([1, 2]);
    assert.equal(f(x).toArray(), [1, 8]);
    rejects(() => grad((y) => sum(f(y)))(x), ArgumentError, /cube: it has no derivative \(give defineOp/);
    rejects(() => jvp((y) => f(y), [x], [x]), ArgumentError, /cube: it has no derivative/);
    assert.equal(grad((y) => sum(mul(y, f(stopGradient(y)))))(x).toArray(), [1, 8]);
    const round = defineOp({
      name: 'round',
      shape: ([y]) => ({ shape: y.shape, dtype: 'i32' }),
      run: (out, [y]) => out.data().set(y.data().map(Math.round)),
    });
    assert.equal(
      grad((y) => {
        round(y);
        return sum(y);
      })(x).toArray(),
      [1, 1],
    );
    assert.equal(round(tensor([1.4, 2.6])).toArray(), [1, 3]);
  }));

test('several outputs, several inputs, parameters: arrays where the shape rule gives a list', () =>
  scope(() => {
    const f = defineOp({
      name: 'sumAndScaled',
      shape: ([a, b], { by }: { by: number }) => [a, { shape: b.shape, dtype: by > 0 ? 'f64' : 'f32' }],
      run([s, d], [a, b], { by }) {
        const [p, q] = [a.data(), b.data()];
        s.data().set(p.map((v, i) => v + q[i]));
        d.data().set(q.map((v) => by * v));
      },
      jvp: ([ta, tb], { params: { by } }) => [ta && tb ? add(ta, tb) : (ta ?? tb), tb && mul(tb, by)],
    });
    const [a, b] = [tensor([1, 2]), tensor([3, 5])];
    assert.equal(
      f(a, b, { by: 2 }).map((y) => y.toArray()),
      [
        [4, 7],
        [6, 10],
      ],
    );
    checkDerivatives((x: Tensor, y: Tensor) => f(mul(x, x), mul(x, y), { by: 2 }), [a, b]);
    assert.equal(
      vjp((x) => f(x, b, { by: 2 })[0], a)
        .pullback(a)[0]
        .toArray(),
      [1, 2],
    );
    const linear = defineOp({
      name: 'twice',
      linear: true,
      shape: ([x]) => x,
      run: (y, [x]) => y.data().set(x.data().map((v) => 2 * v)),
      vjp: ([ct]) => [mul(ct as Tensor, 2)],
    });
    checkDerivatives((x: Tensor) => linear(mul(x, x)), [a]);
  }));

test('the example in the docstring gives what it says', () =>
  scope(() => {
    const text = readFileSync(new URL('../../../src/ops/define.ts', import.meta.url), 'utf8');
    const [, lines] = text.match(/@example\n([\s\S]*?) \*\/\nexport function defineOp/) as string[];
    const names = { defineOp, grad, mul, sum, tensor };
    const body = `${lines.replace(/^ \* /gm, '')}\nreturn slope;`;
    const slope = new Function(...Object.keys(names), body)(...Object.values(names));
    assert.equal(slope.toArray(), [3, 12]);
  }));

test('a definition that cannot work is told so, by name', () => {
  const run = () => {};
  const shape = ([x]: readonly TensorSpec[]) => x;
  rejects(() => defineOp({ name: '', shape, run }), ArgumentError, /defineOp: name must be a string/);
  rejects(
    () => defineOp({ name: 'f', run } as never),
    ArgumentError,
    /defineOp: shape of 'f' must be a function, got undefined/,
  );
  rejects(
    () => defineOp({ name: 'f', shape, run: 3 } as never),
    ArgumentError,
    /run of 'f' must be a function, got 3/,
  );
  rejects(
    () => defineOp({ name: 'f', shape, run, vjp: null } as never),
    ArgumentError,
    /vjp of 'f' .* got null/,
  );
});

test('wrong shapes, operands and derivatives are errors that name the operation and leave nothing behind', () =>
  scope(() => {
    const x = tensor([1, 2]);
    const [single, whole] = [zeros([2], { dtype: 'f32' }), zeros([])];
    const make = (part: Partial<OpDefinition<unknown, TensorSpec>>) => defineOp({ ...base, ...part });
    const back = (vjpOf: unknown) => () => grad((y: Tensor) => sum(make({ vjp: vjpOf as never })(y)))(x);
    rejects(
      () => make({ shape: () => undefined as never })(x),
      ArgumentError,
      /cube: its shape rule must give \{ shape, dtype \}.*got undefined/,
    );
    rejects(
      () => make({ shape: () => [] as never })(x),
      ArgumentError,
      /cube: its shape rule must give at least one result/,
    );
    rejects(
      () => make({ shape: () => ({ shape: [2], dtype: 'f16' as never }) })(x),
      ArgumentError,
      /cube: .*f16/,
    );
    rejects(
      () => make({ shape: () => ({ shape: [-1], dtype: 'f64' }) })(x),
      ShapeError,
      /cube: every extent/,
    );
    rejects(() => make({})(1 as never, x), ArgumentError, /cube: input 0 must be a tensor, got 1/);
    rejects(
      () =>
        make({
          run: () => {
            throw new ArgumentError('cube: out of ice');
          },
        })(x),
      ArgumentError,
      /out of ice/,
    );
    rejects(
      back(() => []),
      ArgumentError,
      /cube: its vjp rule must return an array of 1 cotangents, one per input, got 0/,
    );
    rejects(
      back(() => undefined),
      ArgumentError,
      /cube: its vjp rule must return an array .* got undefined/,
    );
    rejects(
      back(() => [whole]),
      ArgumentError,
      /cube: its vjp rule must give input 0 a cotangent of f64 \[2\] or undefined, got f64 \[\]/,
    );
    rejects(
      back(() => [single]),
      ArgumentError,
      /cube: .*got f32 \[2\]/,
    );
    rejects(
      () => jvp(make({ jvp: () => whole }), [x], [x]),
      ArgumentError,
      /cube: its jvp rule must give output 0 a tangent of f64 \[2\]/,
    );
    rejects(
      () => jvp(make({ jvp: () => [x, x] }), [x], [x]),
      ArgumentError,
      /cube: its jvp rule must return an array of 1 tangents/,
    );
  }));

test('a rule that gives undefined means zero', () =>
  scope(() => {
    const f = defineOp({ ...base, jvp: () => undefined, vjp: () => [undefined] });
    const x = tensor([1, 2]);
    assert.equal(grad((y) => sum(f(y)))(x).toArray(), [0, 0]);
    assert.equal(jvp((y) => f(y), [x], [x]).tangent.toArray(), [0, 0]);
    assert.ok(memory().tensors > 0);
  }));

test.run();
