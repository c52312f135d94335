// .npy in all forms: element types, byte orders, layouts, containers of the bytes, and headers that NumPy reads or refuses.
import vm from 'node:vm';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ArgumentError, DTypeError, loadNpy, nn, saveNpy, scope, tensor } from '#src/index.js';
import { property, rejects } from '../support/check.js';

/** A file of a header and elements. */
function file(header: string, elements: Uint8Array, [major, minor] = [1, 0]): Uint8Array {
  const before = major === 1 ? 10 : 12;
  const bytes = new Uint8Array(before + header.length + elements.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, major, minor]);
  const view = new DataView(bytes.buffer);
  if (before === 10) view.setUint16(8, header.length, true);
  else view.setUint32(8, header.length, true);
  bytes.set(Buffer.from(header, 'latin1'), before);
  bytes.set(elements, before + header.length);
  return bytes;
}

const header = (descr: string, shape: string, order = 'False') =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }\n`;
const ONE = new Uint8Array(Float64Array.of(1.5).buffer);

type Write = (view: DataView, at: number, value: number, little: boolean) => void;
const integer = (low: number, high: number) => fc.integer({ min: low, max: high });
/** Per type: bytes, values, the dtype that they become, and how one is written. */
const TYPES: Record<string, { width: number; values: fc.Arbitrary<number>; dtype: string; write: Write }> = {
  f8: { width: 8, values: fc.double(), dtype: 'f64', write: (v, at, x, le) => v.setFloat64(at, x, le) },
  f4: { width: 4, values: fc.float(), dtype: 'f32', write: (v, at, x, le) => v.setFloat32(at, x, le) },
  i4: {
    width: 4,
    values: integer(-(2 ** 31), 2 ** 31 - 1),
    dtype: 'i32',
    write: (v, at, x, le) => v.setInt32(at, x, le),
  },
  i2: {
    width: 2,
    values: integer(-32768, 32767),
    dtype: 'i32',
    write: (v, at, x, le) => v.setInt16(at, x, le),
  },
  i1: { width: 1, values: integer(-128, 127), dtype: 'i32', write: (v, at, x) => v.setInt8(at, x) },
  u2: { width: 2, values: integer(0, 65535), dtype: 'i32', write: (v, at, x, le) => v.setUint16(at, x, le) },
  u1: { width: 1, values: integer(0, 255), dtype: 'i32', write: (v, at, x) => v.setUint8(at, x) },
  b1: { width: 1, values: integer(0, 1), dtype: 'i32', write: (v, at, x) => v.setUint8(at, x) },
  u4: {
    width: 4,
    values: integer(0, 2 ** 31 - 1),
    dtype: 'i32',
    write: (v, at, x, le) => v.setUint32(at, x, le),
  },
  i8: {
    width: 8,
    values: integer(-(2 ** 31), 2 ** 31 - 1),
    dtype: 'i32',
    write: (v, at, x, le) => v.setBigInt64(at, BigInt(x), le),
  },
  u8: {
    width: 8,
    values: integer(0, 2 ** 31 - 1),
    dtype: 'i32',
    write: (v, at, x, le) => v.setBigUint64(at, BigInt(x), le),
  },
};

/** The numbers as the elements of a file. */
function elements(type: string, list: readonly number[], little = true): Uint8Array {
  const { width, write } = TYPES[type];
  const view = new DataView(new ArrayBuffer(list.length * width));
  list.forEach((x, i) => void write(view, i * width, x, little));
  return new Uint8Array(view.buffer);
}

const tuple = (shape: readonly number[]) => (shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`);

test('every type, byte order, layout and version; the bytes stay as they are', () => {
  const cases = fc
    .record({
      type: fc.constantFrom(...Object.keys(TYPES)),
      shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }),
      big: fc.boolean(),
      fortran: fc.boolean(),
      version: fc.constantFrom([1, 0], [2, 0], [3, 0]),
      skip: fc.nat(9),
    })
    .chain((one) => {
      const size = one.shape.reduce((p, n) => p * n, 1);
      return fc.record({
        one: fc.constant(one),
        list: fc.array(TYPES[one.type].values, { minLength: size, maxLength: size }),
      });
    });
  property(
    cases,
    ({ one: { type, shape, big, fortran, version, skip }, list }) => {
      // Element at an index in C order lies where Fortran order puts it.
      const place = (i: number) => {
        let [rest, step, at] = [i, 1, 0];
        const index = shape.map(() => 0);
        for (let axis = shape.length - 1; axis >= 0; axis--) {
          index[axis] = rest % shape[axis];
          rest = Math.floor(rest / shape[axis]);
        }
        shape.forEach((n, axis) => {
          at += index[axis] * step;
          step *= n;
        });
        return at;
      };
      const stored = [...list];
      if (fortran) list.forEach((x, i) => void (stored[place(i)] = x));
      const descr = `${big ? '>' : '<'}${type}`;
      const bytes = file(
        header(descr, tuple(shape), fortran ? 'True' : 'False'),
        elements(type, stored, !big),
        version as [number, number],
      );
      // As readFileSync gives it: a Buffer anywhere in a larger buffer.
      const input = Buffer.concat([new Uint8Array(skip), bytes]).subarray(skip);
      const before = [...input];
      scope(() => {
        const t = loadNpy(input);
        assert.equal([t.dtype, t.shape], [TYPES[type].dtype, shape]);
        const [got, want] = [[...t.data()], list];
        assert.ok(
          got.every((x, i) => Object.is(x, want[i])),
          `${got} for ${want}`,
        );
      });
      assert.equal([...input], before);
    },
    300,
  );
});

test('half precision: all 65,536 numbers', () => {
  const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const value = (i: number) => {
    const [e, m] = [(i >> 10) & 31, i & 1023];
    const size =
      e === 31 ? (m ? Number.NaN : Number.POSITIVE_INFINITY) : e ? 2 ** (e - 25) * (1024 + m) : m / 2 ** 24;
    return i & 0x8000 ? -size : size;
  };
  scope(() => {
    const t = loadNpy(file(header('<f2', '(65536,)'), new Uint8Array(bits.buffer)));
    assert.is(t.dtype, 'f32');
    t.data().forEach((x, i) => void assert.ok(Object.is(x, value(i)), `${i}: ${x}`));
  });
});

test('wide integers: i32 where all fit, else f64 where exact, else an error', () => {
  const wide = (descr: string, list: readonly bigint[]) => {
    const data = descr === '<u8' ? BigUint64Array.from(list) : BigInt64Array.from(list);
    return file(header(descr, `(${list.length},)`), new Uint8Array(data.buffer));
  };
  scope(() => {
    const load = (descr: string, list: readonly bigint[]) => {
      const t = loadNpy(wide(descr, list));
      return [t.dtype, ...t.data()];
    };
    assert.equal(load('<i8', [1n, 0n, -(2n ** 31n)]), ['i32', 1, 0, -(2 ** 31)]);
    assert.equal(load('<i8', [1n, 2n ** 31n]), ['f64', 1, 2 ** 31]);
    assert.equal(load('<i8', [-(2n ** 63n), 2n ** 53n]), ['f64', -(2 ** 63), 2 ** 53]);
    assert.equal(load('<u8', [2n ** 63n]), ['f64', 2 ** 63]);
    const t = loadNpy(file(header('<u4', '(1,)'), new Uint8Array(Uint32Array.of(2 ** 32 - 1).buffer)));
    assert.equal([t.dtype, t.item()], ['f64', 2 ** 32 - 1]);
  });
  rejects(() => loadNpy(wide('<i8', [0n, 2n ** 53n + 1n])), DTypeError, /got 9007199254740993 at position 1/);
  rejects(() => loadNpy(wide('<u8', [2n ** 64n - 1n])), DTypeError, /exact in f64/);
});

test('whatever holds the bytes, of this realm or another', () => {
  const bytes = saveNpy(tensor([1.5, -2]));
  const realm = vm.createContext({});
  const foreign = (kind: string) => vm.runInContext(kind, realm);
  const shared = new SharedArrayBuffer(bytes.length);
  new Uint8Array(shared).set(bytes);
  const around = new Uint8Array(bytes.length + 8);
  around.set(bytes, 8);
  const there = new (foreign('Uint8Array'))(bytes) as Uint8Array;
  const containers: [string, ArrayBufferView | ArrayBufferLike][] = [
    ['Uint8Array', bytes],
    ['Buffer', Buffer.from(bytes)],
    ['Buffer of a pool', Buffer.concat([Buffer.alloc(3), bytes]).subarray(3)],
    ['ArrayBuffer', bytes.slice().buffer],
    ['SharedArrayBuffer', shared],
    ['Uint8Array on shared memory', new Uint8Array(shared)],
    ['DataView', new DataView(around.buffer, 8)],
    ['Int8Array', new Int8Array(around.buffer, 8)],
    ['Float64Array', new Float64Array(around.buffer, 8)],
    ['Uint8Array of another realm', there],
    ['ArrayBuffer of another realm', there.buffer],
    ['DataView of another realm', new (foreign('DataView'))(there.buffer)],
  ];
  scope(() => {
    for (const [what, input] of containers) {
      assert.equal(loadNpy(input).toArray(), [1.5, -2], what);
      // The same way to bytes in every reader.
      const weights = nn.saveSafetensors({ a: tensor([3]) });
      assert.is(nn.loadSafetensors(Buffer.from(weights)).tensors.a.item(), 3);
    }
    const idx = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 5, 6);
    assert.equal([...nn.readIdx(new (foreign('Uint8Array'))(idx)).data], [5, 6]);
    assert.equal([...nn.readIdx(new DataView(idx.buffer)).data], [5, 6]);
    const cifar = new Uint8Array(3073);
    cifar[0] = 7;
    assert.is(nn.readCifar10([new (foreign('Uint8Array'))(cifar)]).labels.item(), 7);
    const safe = nn.saveSafetensors({ a: tensor([3]) });
    assert.is(nn.loadSafetensors(new (foreign('Uint8Array'))(safe)).tensors.a.item(), 3);
    const sharedSafe = new SharedArrayBuffer(safe.length);
    new Uint8Array(sharedSafe).set(safe);
    assert.is(nn.loadSafetensors(sharedSafe).tensors.a.item(), 3);
  });
  for (const read of [loadNpy, nn.readIdx, nn.readCifar10, nn.loadSafetensors] as ((x: never) => unknown)[]) {
    for (const [junk, says] of [
      ['text', /got "text"/],
      [() => 1, /got a function/],
      [{ length: 3 }, /got \{ length \}/],
      [undefined, /got undefined/],
    ] as const)
      rejects(() => read(junk as never), ArgumentError, says);
    const gone = new Uint8Array(8);
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    rejects(() => read(gone as never), ArgumentError, /a Uint8Array that is detached/);
    rejects(() => read(gone.buffer as never), ArgumentError, /a buffer that is detached/);
  }
});

test('headers that NumPy reads', () => {
  for (const text of [
    '{"descr": "<f8", "fortran_order": False, "shape": (1,)}',
    "{'shape': (1,), 'fortran_order': False, 'descr': '<f8'}",
    "{'descr': '=f8', 'fortran_order': False, 'shape': (1,), }",
    "{'descr': 'float64', 'fortran_order': False, 'shape': (1,), }",
    "{'descr': 'd', 'fortran_order': True, 'shape': (1,), }",
    "{'descr': u'<f8', 'fortran_order': False, 'shape': (1L,), }",
    "  {\n'descr' :'<f8','fortran_order':False,'shape':(1 ,1),}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': ((1),), }",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (+1,), }",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (), }",
    "{'descr': '<f8', 'fortran_order': False, 'shape': ( ), }",
  ]) {
    scope(() => assert.is(loadNpy(file(`${text}\n`, ONE)).item(), 1.5, text));
  }
  // Any length of header, in every version that can say it.
  for (const version of [
    [2, 0],
    [3, 0],
  ] as const)
    scope(() =>
      assert.is(loadNpy(file(header('<f8', '(1,)').padEnd(2_000_000), ONE, [...version])).item(), 1.5),
    );
});

test('versions, headers, types and lengths that NumPy refuses', () => {
  const good = header('<f8', '(1,)');
  for (const version of [
    [0, 0],
    [0, 1],
    [1, 7],
    [2, 1],
    [4, 0],
    [9, 0],
    [255, 255],
  ] as const)
    rejects(
      () => loadNpy(file(good, ONE, [...version])),
      ArgumentError,
      new RegExp(`^loadNpy: the version must be 1\\.0, 2\\.0 or 3\\.0, got ${version[0]}\\.${version[1]}$`),
    );
  for (const [text, says] of [
    ["{'descr': '<f8', 'shape': (1,), }", /keys must be descr, fortran_order, shape/],
    ["{'descr': '<f8', 'fortran_order': False, 'shape': (1,), 'x': 1}", /keys must be/],
    ["{'descr': '<f8', 'fortran_order': False, 'form': (1,)}", /keys must be/],
    ["{'descr': '<f8', 'fortran_order': 1, 'shape': (1,), }", /fortran_order must be True or False/],
    ["{'descr': '<f8', 'fortran_order': None, 'shape': (1,), }", /fortran_order must be True or False/],
    ["{'descr': '<f8', 'fortran_order': 'False', 'shape': (1,), }", /fortran_order must be/],
    ["{'descr': '<f8', 'fortran_order': False, 'shape': (1), }", /shape must be a tuple/],
    ["{'descr': '<f8', 'fortran_order': False, 'shape': [1], }", /shape must be a tuple/],
    ["{'descr': '<f8', 'fortran_order': False, 'shape': ('1',), }", /tuple of integers/],
    ["{'descr': '<f8', 'fortran_order': False, 'shape': (1.0,), }", /Python dict, and/],
    ["{'descr': '<f8', 'fortran_order': false, 'shape': (1,), }", /Python dict, and a literal is wanted/],
    ["{'descr': '<f8' 'fortran_order': False, 'shape': (1,), }", /',' or '}' is wanted/],
    ["{'descr': '<f8', 'fortran_order': False, 'shape': (1,), } x", /nothing more is wanted/],
    ["{'descr': '<f8', 'fortran_order': False, 'shape': (1,)", /Python dict, and/],
    ["{'descr': '<f8, 'fortran_order': False, 'shape': (1,)}", /Python dict, and/],
    ["('descr', 'fortran_order', 'shape')", /must be a Python dict/],
    ['', /Python dict/],
    ['('.repeat(1000), /less nesting/],
    ["{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,), }", /./],
  ] as const) {
    const call = () => loadNpy(file(`${text}\n`, ONE));
    if (text.includes('9999')) assert.throws(call, /extent/);
    else rejects(call, ArgumentError, says);
  }
  for (const descr of ['<c8', '|O', '<M8[ns]', '|S3', '<U2', '<f16', '<i3', 'x', '', '<>f8'])
    rejects(() => loadNpy(file(header(descr, '(1,)'), ONE)), DTypeError, /got /);
  rejects(
    () => loadNpy(file("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }", ONE)),
    DTypeError,
    /a structured type/,
  );
  const bytes = file(good, ONE);
  for (let n = 6; n < bytes.length; n++)
    rejects(() => loadNpy(bytes.subarray(0, n)), ArgumentError, /truncated|version/);
});

test.run();
