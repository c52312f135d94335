// Arrays, objects, maps and memories of another realm (a frame, a context of node:vm, a test runner's sandbox) are what they are.
import vm from 'node:vm';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isBuffer, isBuiltIn, isDetached, isErrorNamed, isPlainObject, viewName } from '#src/core/kind.js';
import {
  ArgumentError,
  add,
  checkGradients,
  compile,
  fromJson,
  grad,
  linalg,
  memory,
  mul,
  nn,
  optim,
  random,
  saveNpy,
  scan,
  scope,
  square,
  stack,
  sum,
  type Tensor,
  tensor,
  toJson,
  trace,
  vjp,
  zeros,
} from '#src/index.js';
import { attempts } from '../support/check.js';

const realm = vm.createContext({});
// biome-ignore lint/suspicious/noExplicitAny: values of every kind
const there = (text: string): any => vm.runInContext(`(${text})`, realm);
/** The same values in objects and arrays of the other realm. */
const object = (parts: object): never => Object.assign(there('{}'), parts) as never;
const array = (...parts: unknown[]): never => {
  const list = there('[]');
  list.push(...parts);
  return list as never;
};

test('kinds of built-in objects of either realm', () => {
  const names =
    'Float64Array Float32Array Int32Array Uint8Array Uint8ClampedArray Int8Array Uint16Array Int16Array Uint32Array BigInt64Array BigUint64Array'.split(
      ' ',
    );
  for (const name of names) {
    assert.is(viewName(there(`new ${name}(2)`)), name);
    assert.is(
      viewName(new (globalThis as unknown as Record<string, new (n: number) => object>)[name](2)),
      name,
    );
  }
  assert.is(viewName(Buffer.alloc(1)), 'Uint8Array');
  assert.is(viewName(there('new DataView(new ArrayBuffer(1))')), 'DataView');
  for (const value of [
    [],
    {},
    null,
    5,
    there('new ArrayBuffer(1)'),
    { [Symbol.toStringTag]: 'Float64Array' },
  ])
    assert.is(viewName(value), undefined);
  assert.ok(isBuffer(there('new ArrayBuffer(1)')) && isBuffer(there('new SharedArrayBuffer(1)')));
  assert.ok(
    isBuffer(new ArrayBuffer(1)) &&
      !isBuffer(new Uint8Array(1)) &&
      !isBuffer(null) &&
      !isBuffer('ArrayBuffer'),
  );
  assert.ok(isBuiltIn(there('new Map()'), 'Map') && isBuiltIn(new Set(), 'Set') && !isBuiltIn([], 'Map'));
  assert.ok(
    isErrorNamed(there('new RangeError()'), 'RangeError') && !isErrorNamed(new Error(), 'RangeError'),
  );
  for (const plain of ['{}', '{ a: 1 }', 'Object.create(null)', 'JSON.parse("{}")'])
    assert.ok(isPlainObject(there(plain)), plain);
  for (const other of [
    '[]',
    'new Map()',
    'new (class A {})()',
    'Object.create({})',
    'new Date()',
    'null',
    '5',
    '() => 1',
    'Object.create(Object.create(null))',
  ])
    assert.not(isPlainObject(there(other)), other);
  const gone = new ArrayBuffer(8);
  assert.not(isDetached(gone) || isDetached(new ArrayBuffer(0)));
  structuredClone(gone, { transfer: [gone] });
  assert.ok(isDetached(gone));
});

test('tensors from arrays of another realm: dtype, values, shape', () =>
  scope(() => {
    for (const [kind, dtype] of [
      ['Float64Array', 'f64'],
      ['Float32Array', 'f32'],
      ['Int32Array', 'i32'],
      ['Uint8Array', 'f64'],
      ['Int16Array', 'f64'],
      ['Array', 'f64'],
    ]) {
      const x = tensor(there(`${kind}.of(1, 2, 3)`));
      assert.equal([x.dtype, x.toArray()], [dtype, [1, 2, 3]], kind);
      assert.equal(tensor(there(`${kind}.of(1, 2)`), { dtype: 'f32', shape: array(2, 1) }).toArray(), [
        [1],
        [2],
      ]);
    }
    assert.is(tensor(there('Int32Array.of(1)'), object({ dtype: 'i32' })).dtype, 'i32');
    assert.equal(tensor(there('[[1, 2], [3, 4]]')).toArray(), [
      [1, 2],
      [3, 4],
    ]);
    const turned = linalg.applyGivens(tensor([1, 0]), {
      i: there('Int32Array.of(0)'),
      j: there('Int32Array.of(1)'),
      angles: there('Float32Array.of(0.5)'),
    });
    assert.ok(Math.abs(turned.data()[0] - Math.cos(0.5)) < 1e-7);
    assert.equal(fromJson(there(JSON.stringify(toJson(tensor([1, 2]))))).toArray(), [1, 2]);
  }));

test('trees of another realm, in and out', () => {
  const before = memory();
  scope(() => {
    const x = tensor([1, 2]);
    const tree = object({ a: x, b: array(x, object({ c: x })) });
    type P = { a: Tensor; b: [Tensor, { c: Tensor }] };
    const cost = (p: P) => sum(add(square(p.a), mul(p.b[0], p.b[1].c)));
    const want = (g: P) =>
      assert.equal(
        [g.a, g.b[0], g.b[1].c].map((t) => t.toArray()),
        [
          [2, 4],
          [1, 2],
          [1, 2],
        ],
      );
    want(grad(cost)(tree));
    want(vjp(cost, tree).pullback(tensor(1))[0] as P);
    using plan = compile(cost);
    assert.is(plan(tree).item(), 10);
    assert.is((trace(cost, tree).run(tree) as Tensor).item(), 10);
    checkGradients(cost, array(tree), object({ order: 1 }));
    // What a function gives may be of another realm as well.
    const made = scope(() => object({ y: mul(x, 3), list: array(mul(x, 4)) })) as {
      y: Tensor;
      list: Tensor[];
    };
    assert.equal(
      [made.y.toArray(), made.list[0].toArray()],
      [
        [3, 6],
        [4, 8],
      ],
    );
    const map = scope(() => Object.assign(there('new Map()')).set('k', mul(x, 5))) as Map<string, Tensor>;
    assert.equal(map.get('k')?.toArray(), [5, 10]);
    const { carry } = scan(
      (s: P) => object({ carry: object({ a: mul(s.a, 2) }) }) as never,
      object({ a: x }),
      undefined,
      {
        length: 3,
      },
    ) as { carry: { a: Tensor } };
    assert.equal(carry.a.toArray(), [8, 16]);
    assert.equal(stack(array(x, x), 0).shape, [2, 2]);
    const params = object({ w: tensor([1, 1]) }) as { w: Tensor };
    const optimizer = optim.adam(object({ learningRate: 0.1 }));
    const { params: next } = optimizer.update(params, object({ w: tensor([1, -1]) }), optimizer.init(params));
    assert.ok(Math.abs((next as { w: Tensor }).w.data()[0] - 0.9) < 1e-6);
    const found = optim.minimize(
      (p: { w: Tensor }) => sum(square(p.w)),
      params,
      optim.lbfgs(),
      object({ maxIterations: 9 }),
    );
    assert.ok((found.x as { w: Tensor }).w.data().every((v) => Math.abs(v) < 1e-6));
    const bytes = nn.saveSafetensors(
      object({ layer: array(object({ weight: x })) }),
      object({ metadata: object({ k: 'v' }) }),
    );
    const { tree: back } = nn.loadSafetensors(bytes, {
      like: object({ layer: array(object({ weight: zeros([2]) })) }),
    });
    assert.equal((back as { layer: { weight: Tensor }[] }).layer[0].weight.toArray(), [1, 2]);
    const model = nn.sequential(array(nn.dense(3), nn.activation('tanh')));
    const own = model.init(random(1), array(2), object({ dtype: 'f64' }));
    assert.equal(model.apply(array(...(own as object[])), zeros([4, 2])) ? 1 : 0, 1);
  });
  assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
});

test('a memory of another realm', async () => {
  const foreign = there('new WebAssembly.Memory({ initial: 40, maximum: 100 })');
  const { init } = await import('#src/index.js');
  // There is a memory already, so it comes too late, but it is one.
  try {
    await init({ memory: foreign });
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /must be given before the first tensor/);
  }
});

test('big integers, DataViews and detached arrays are named', () => {
  const gone = new Float32Array(3);
  structuredClone(gone.buffer, { transfer: [gone.buffer] });
  const { failures, attempt } = attempts();
  for (const [value, says] of [
    [BigInt64Array.of(1n), /got a BigInt64Array/],
    [BigUint64Array.of(1n), /got a BigUint64Array/],
    [there('BigInt64Array.of(1n)'), /got a BigInt64Array/],
    [new DataView(new ArrayBuffer(8)), /got a DataView/],
    [gone, /got a Float32Array that is detached/],
    [() => 1, /got a function/],
    [new Map(), /got Map/],
    [5n, /got 5n/],
  ] as [never, RegExp][]) {
    attempt(`tensor, ${says}`, () => tensor(value), ArgumentError, says);
    attempt('typed', () => tensor(value, { dtype: 'i32' }), ArgumentError, says);
  }
  // A view of our own memory, after it has grown.
  const x = tensor([1, 2, 3]);
  const view = x.data();
  const large = zeros([memory().heapBytes / 8 + 1]);
  if (view.length === 0) attempt('stale', () => tensor(view), ArgumentError, /linear memory that has grown/);
  large.dispose();
  x.dispose();
  assert.equal(failures, []);
  scope(() => assert.is(saveNpy(tensor(new Float64Array(0))).length > 0, true));
});

test.run();
