// .npy and JSON: files that NumPy wrote, round trips, and what is refused.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  DTypeError,
  fromJson,
  loadNpy,
  ShapeError,
  saveNpy,
  scope,
  tensor,
  toJson,
  zeros,
} from '#src/index.js';
import { rejects } from '../support/check.js';

interface File {
  name: string;
  npy: string;
  shape: number[];
  data: (number | string)[];
}
const { files } = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/npy.json', import.meta.url), 'utf8'),
) as { files: File[] };
const bytesOf = (name: string) =>
  new Uint8Array(Buffer.from(files.find((f) => f.name === name)!.npy, 'base64'));
const number = (x: number | string) =>
  ({ nan: Number.NaN, inf: Number.POSITIVE_INFINITY })[x as string] ?? (x as number);

test('files that NumPy wrote: both byte orders, C and Fortran order, scalars, nothing', () => {
  scope(() => {
    for (const { name, npy, shape, data } of files) {
      if (name === 'c8') continue;
      const t = loadNpy(new Uint8Array(Buffer.from(npy, 'base64')));
      assert.equal(t.shape, shape, name);
      assert.equal(Array.from(t.data()), data.map(number), name);
    }
    assert.is(loadNpy(bytesOf('f_f4')).dtype, 'f32');
    assert.is(loadNpy(bytesOf('be_i4')).dtype, 'i32');
  });
});

test('what we write is what NumPy writes, byte by byte', () => {
  scope(() => {
    for (const name of ['c_f8', 'scalar', 'empty']) {
      const bytes = bytesOf(name);
      assert.equal(Array.from(saveNpy(loadNpy(bytes))), Array.from(bytes), name);
    }
    const t = tensor(
      [
        [1, -2],
        [3, 4],
      ],
      { dtype: 'i32' },
    );
    assert.equal(loadNpy(saveNpy(t)).toArray(), t.toArray());
  });
});

test('what is no .npy file is refused', () => {
  const good = bytesOf('c_f8');
  rejects(() => loadNpy(new Uint8Array([1, 2, 3])), ArgumentError, /does not start with/);
  rejects(() => loadNpy(good.slice(0, 130)), ArgumentError, /truncated: 130 bytes, 160 wanted/);
  rejects(() => loadNpy(good.slice(0, 9)), ArgumentError, /truncated: 9 bytes/);
  rejects(() => loadNpy(bytesOf('c8')), DTypeError, /f8, f4, f2, i1 to i8, u1 to u8 or b1, got .?c8/);
  rejects(
    () => loadNpy('x' as never),
    ArgumentError,
    /must be a Uint8Array, another view or an ArrayBuffer .*, got "x"/,
  );
});

test('JSON keeps every number, NaN, infinities and -0', () => {
  scope(() => {
    const x = [0.1, -0, Number.NaN, Number.NEGATIVE_INFINITY, 5e-324];
    const back = fromJson(JSON.parse(JSON.stringify(toJson(tensor(x)))));
    assert.ok(back.data().every((v, i) => Object.is(v, x[i])));
    const f = fromJson(toJson(zeros([2, 0], { dtype: 'f32' })));
    assert.equal([f.shape, f.dtype], [[2, 0], 'f32']);
  });
  rejects(() => fromJson({ dtype: 'f64', shape: [2], data: [1] }), ShapeError, /holds 2 elements, got 1/);
  rejects(() => fromJson({ dtype: 'f64', shape: [1], data: ['x'] }), ArgumentError, /position 0, got "x"/);
  rejects(() => fromJson({ dtype: 'i32', shape: [1], data: [0.5] }), ArgumentError, /integer/);
  rejects(() => fromJson(null as never), ArgumentError, /is wanted/);
});

test('a header of any length is read in pieces', () => {
  const file = new Uint8Array(200_000).fill(32);
  file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 2, 0]);
  new DataView(file.buffer).setUint32(8, 199_000, true);
  rejects(() => loadNpy(file), ArgumentError, /^loadNpy: the header cannot be read/);
  // The same with what is wanted in it, behind all the blanks.
  const header = "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }";
  for (let i = 0; i < header.length; i++) file[150_000 + i] = header.charCodeAt(i);
  new DataView(file.buffer).setFloat64(12 + 199_000, 1.5, true);
  scope(() => assert.is(loadNpy(file).data()[0], 1.5));
  new DataView(file.buffer).setUint32(8, 0xffffffff, true);
  rejects(() => loadNpy(file), ArgumentError, /^loadNpy: the file is truncated/);
});

test.run();
