// Files: IDX as MNIST has it, and safetensors, there and back and as others write them.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  DTypeError,
  full,
  memory,
  nn,
  optim,
  random,
  ShapeError,
  Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { property, rejects } from '../support/check.js';

/** An IDX file. */
const idx = (code: number, shape: number[], elements: number[]) =>
  Uint8Array.of(
    0,
    0,
    code,
    shape.length,
    ...shape.flatMap((n) => [n >> 24, n >> 16, n >> 8, n]),
    ...elements,
  );

test('readIdx: every type, big-endian, with its shape', () => {
  const cases: [number, number[], string, number[]][] = [
    [0x08, [0, 255], 'u8', [0, 255]],
    [0x09, [1, 255], 'i8', [1, -1]],
    [0x0b, [1, 2, 255, 254], 'i16', [258, -2]],
    [0x0c, [0, 1, 0, 0, 255, 255, 255, 255], 'i32', [65536, -1]],
    [0x0d, [0x3f, 0x80, 0, 0, 0xc0, 0x20, 0, 0], 'f32', [1, -2.5]],
    [0x0e, [0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0xc0, 4, 0, 0, 0, 0, 0, 0], 'f64', [1, -2.5]],
  ];
  for (const [code, bytes, type, want] of cases) {
    const file = nn.readIdx(idx(code, [1, 2], bytes));
    assert.equal([file.type, file.shape, [...file.data]], [type, [1, 2], want]);
    const t = file.toTensor();
    assert.equal([t.dtype, t.toArray()], [type.startsWith('f') ? type : 'i32', [want]]);
    t.dispose();
  }
  const scaled = nn.readIdx(idx(8, [3], [0, 128, 255]).buffer).toTensor({ dtype: 'f32', scale: 1 / 256 });
  assert.equal(scaled.toArray(), [0, 0.5, 255 / 256]);
  scaled.dispose();
  assert.equal([...nn.readIdx(idx(8, [], [7])).data], [7]);
  assert.equal(nn.readIdx(idx(8, [0, 28, 28], [])).shape, [0, 28, 28]);
});

test('readIdx: a file of another kind, packed or cut off, is said to be that', () => {
  const bad = (bytes: unknown, message: RegExp) =>
    rejects(() => nn.readIdx(bytes as Uint8Array), ArgumentError, message);
  bad(Uint8Array.of(0x1f, 0x8b, 8, 0), /a gzip file \(decompress it first/);
  bad(Uint8Array.of(0x89, 0x50, 0x4e, 0x47), /starts with 00 00, a type .* got 89 50 4e 47/);
  bad(Uint8Array.of(0, 0, 0x0a, 1), /got 00 00 0a 01/);
  bad(Uint8Array.of(0, 0), /got 00 00$/);
  bad(Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 1), /truncated: 8 bytes, 16 wanted for 3 extents/);
  bad(idx(8, [2, 2], [1, 2, 3]), /truncated: 15 bytes, 16 wanted for u8 \[2, 2\]/);
  bad(idx(8, [2], [1, 2, 3]), /more than the extents say: 11 bytes, 10 wanted/);
  bad(idx(8, [2 ** 31, 2 ** 31, 2 ** 31].map(Math.abs), []), /truncated/);
  bad('train-labels', /must be a Uint8Array/);
  rejects(
    () => nn.readIdx(idx(8, [1], [1])).toTensor({ dtype: 'i32', scale: 0.5 }),
    DTypeError,
    /scale of 1/,
  );
});

/** A safetensors file of a header and elements. */
const safetensors = (header: unknown, elements: Uint8Array = new Uint8Array(0)) => {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + elements.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(elements, 8 + text.length);
  return bytes;
};
const freeAll = (tree: unknown): void => {
  if (tree instanceof Tensor) tree.dispose();
  else if (typeof tree === 'object' && tree !== null) Object.values(tree).forEach(freeAll);
};
const load = nn.loadSafetensors;

test('saveSafetensors: the bytes are those of the format', () => {
  const tree = { b: tensor([1, 2], { dtype: 'i32' }), a: [tensor(0.5)] };
  const header =
    '{"__metadata__":{"k":"é"},"a.0":{"dtype":"F64","shape":[],"data_offsets":[0,8]},"b":{"dtype":"I32","shape":[2],"data_offsets":[8,16]}}';
  const text = new TextEncoder().encode(header);
  const padded = new Uint8Array(Math.ceil(text.length / 8) * 8).fill(32);
  padded.set(text);
  const want = [
    padded.length,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    ...padded,
    0,
    0,
    0,
    0,
    0,
    0,
    0xe0,
    0x3f,
    1,
    0,
    0,
    0,
    2,
    0,
    0,
    0,
  ];
  assert.equal([...nn.saveSafetensors(tree, { metadata: { k: 'é' } })], want);
  freeAll(tree);
});

test('safetensors: every tree of tensors, numbers and texts comes back bit for bit', () => {
  const shape = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 });
  const leaf = fc.tuple(shape, fc.constantFrom('f64' as const, 'f32' as const, 'i32' as const), fc.nat());
  const tree = fc.letrec<{ node: unknown }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3 },
      leaf.map(([s, dtype, seed]) =>
        dtype === 'i32' ? random(seed).integers(s, -9, 9) : random(seed).normal(s, { dtype }),
      ),
      fc.oneof(fc.double(), fc.string(), fc.boolean(), fc.constant(null)),
      fc.array(tie('node'), { maxLength: 3 }),
      fc.dictionary(
        fc.string().filter((key) => !key.includes('.') && key !== '__metadata__'),
        tie('node'),
        { maxKeys: 3 },
      ),
    ),
  })).node;
  const plain = (value: unknown): unknown => {
    if (value instanceof Tensor) return [value.dtype, value.shape, [...value.data()]];
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value === 'object' && value !== null)
      return Object.entries(value).map(([key, part]) => [key, plain(part)]);
    return Object.is(value, -0) ? '-0' : String(value);
  };
  property(tree, (saved) => {
    const before = memory().tensors;
    // As readFile gives it: a Buffer, at any offset.
    const file = Buffer.concat([Buffer.from('abc'), nn.saveSafetensors(saved, { metadata: { note: 'x' } })]);
    const back = load(file.subarray(3), { like: saved });
    try {
      assert.equal(plain(back.tree), plain(saved));
      assert.equal(back.metadata, { note: 'x' });
    } finally {
      freeAll(back.tree);
      assert.is(memory().tensors, before);
      freeAll(saved);
    }
  });
});

test('safetensors: what an optimizer remembers goes on where it was', () => {
  const optimizer = optim.adam({ learningRate: 0.1 });
  const params = [{ weight: full([2, 2], 1, { dtype: 'f32' }) }, {}];
  const grads = [{ weight: full([2, 2], 3, { dtype: 'f32' }) }, {}];
  const state = optimizer.init(params);
  optimizer.step(params, grads, state);
  const like = { params, state: optimizer.init(params) };
  const { tree } = load(nn.saveSafetensors({ params, state }), { like });
  assert.is(tree.state.step, 1);
  optimizer.step(params, grads, state);
  optimizer.step(tree.params, grads, tree.state);
  assert.equal(tree.params[0].weight?.toArray(), params[0].weight?.toArray());
  freeAll([like, grads, state, tree]);
});

test('loadSafetensors: files of others: half types become f32, integers i32, elements need not be aligned', () => {
  const header = {
    h: { dtype: 'F16', shape: [6], data_offsets: [1, 13] },
    t: { dtype: 'BOOL', shape: [1], data_offsets: [0, 1] },
    b: { dtype: 'BF16', shape: [2], data_offsets: [13, 17] },
    l: { dtype: 'I64', shape: [1], data_offsets: [17, 25] },
    w: { dtype: 'F32', shape: [1, 1], data_offsets: [25, 29] },
  };
  const elements = [
    ...[1],
    ...[0x00, 0x3c, 0x00, 0xc1, 0x01, 0x00, 0x00, 0x7c, 0x00, 0x7e, 0xff, 0x7b],
    ...[0x80, 0x3f, 0x49, 0xc0],
    ...[0xfe, 255, 255, 255, 255, 255, 255, 255],
    ...[0, 0, 0x20, 0x41],
  ];
  const { tensors, metadata } = load(safetensors(header, Uint8Array.from(elements)));
  assert.equal(
    Object.entries(tensors).map(([key, t]) => [key, t.dtype, t.toArray()]),
    [
      ['h', 'f32', [1, -2.5, 2 ** -24, Number.POSITIVE_INFINITY, Number.NaN, 65504]],
      ['t', 'i32', [1]],
      ['b', 'f32', [1, -3.140625]],
      ['l', 'i32', [-2]],
      ['w', 'f32', [[10]]],
    ],
  );
  assert.equal(metadata, {});
  freeAll(tensors);
  // Into f64, where the caller has f64.
  const like = { w: zeros([1]) };
  const wide = load(
    safetensors({ w: { dtype: 'BF16', shape: [1], data_offsets: [0, 2] } }, Uint8Array.of(0x49, 0xc0)),
    { like },
  );
  assert.equal([wide.tree.w.dtype, wide.tree.w.toArray()], ['f64', [-3.140625]]);
  freeAll([like, wide]);
});

test('loadSafetensors: a file by the library of the format', () => {
  const { base64 } = JSON.parse(
    readFileSync(new URL('../../../test/fixtures/safetensors.json', import.meta.url), 'utf8'),
  );
  const { tensors, metadata } = load(Buffer.from(base64, 'base64'));
  const got = Object.fromEntries(Object.entries(tensors).map(([key, t]) => [key, [t.dtype, t.toArray()]]));
  assert.equal(got, {
    h: ['f32', [1, 2.5, -(2 ** -24)]],
    f: ['f32', [[1.5]]],
    d: ['f64', [Math.PI, Math.PI]],
    l: ['i32', [-5]],
    u: ['i32', [200]],
    b: ['i32', [1, 0]],
  });
  assert.equal(metadata, { a: 'b' });
  freeAll(tensors);
});

test('loadSafetensors: nothing that a file claims is believed', () => {
  const bad = (bytes: Uint8Array, message: RegExp, kind: typeof ArgumentError = ArgumentError) =>
    rejects(() => load(bytes), kind, message);
  const entry = (dtype: string, shape: unknown, offsets: unknown) => ({
    dtype,
    shape,
    data_offsets: offsets,
  });
  const eight = new Uint8Array(8);
  const one = entry('F32', [1], [0, 4]);
  bad(new Uint8Array(5), /got 5 bytes, 8 wanted/);
  bad(Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255), /a header of 18446744073709551615 bytes/);
  bad(Uint8Array.of(200, 0, 0, 0, 0, 0, 0, 0, 123), /truncated: 9 bytes, 208 wanted for the header/);
  bad(Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0), /a gzip file/);
  bad(safetensors('{"a"'), /its header is no JSON/);
  bad(safetensors([1]), /its header is no object/);
  bad(safetensors({ __metadata__: { a: 1 } }), /__metadata__ are not texts/);
  bad(safetensors({ a: one }), /truncated: \d+ bytes/);
  bad(safetensors({ a: one }, eight), /more than the header says/);
  bad(safetensors({ a: one, b: one }, new Uint8Array(4)), /without holes or overlaps/);
  bad(safetensors({ a: one, b: entry('F32', [1], [2, 6]) }, eight), /b starts at 2, 4 wanted/);
  bad(safetensors({ a: entry('F32', [1], [4, 8]) }, eight), /a starts at 4, 0 wanted/);
  bad(safetensors({ a: entry('F32', [2], [0, 4]) }, eight), /F32 \[2\], does not fit from 0 to 4/);
  bad(safetensors({ a: entry('F32', [1], [8, 4]) }, eight), /does not fit from 8 to 4/);
  bad(safetensors({ a: entry('F32', [-1], [0, 4]) }, eight), /must have dtype, shape and two data_offsets/);
  bad(safetensors({ a: entry('F32', [1], [0, 1e300]) }, eight), /two data_offsets/);
  bad(safetensors({ a: null }), /two data_offsets, got null/);
  bad(safetensors({ a: entry('F32', [2 ** 31], [0, 8]) }, eight), /2\^31 - 1/, ShapeError);
  const field = '"dtype":"F32","shape":[1],"data_offsets":[0,4]';
  const four = new Uint8Array(4);
  for (const twice of ['"dtype":"F32"', '"shape":[1]', '"data_offsets":[0,4]', '"d\\u0074ype":"F32"'])
    bad(safetensors(`{"a":{${field},${twice}}}`, four), /its header has \w+ of a twice/);
  bad(safetensors(`{"__metadata__":{},"a":{${field}},"__metadata__":{}}`, four), /has __metadata__ twice/);
  bad(safetensors(`\ufeff{"a":{${field}}}`, four), /its header is no JSON/);
});

test('loadSafetensors: what looks like a field that is there twice, and is none', () => {
  const field = '"dtype":"F32","shape":[1],"data_offsets":[0,4]';
  const text = `{"__metadata__":{"dtype":"{\\"dtype\\":1}","shape":"x","shape":"y"},"dtype":{${field}},"dtype":{${field}}}`;
  const { tensors, metadata } = load(safetensors(text, new Uint8Array(4)));
  assert.equal([Object.keys(tensors), metadata.shape], [['dtype'], 'y']);
  freeAll(tensors);
});

test('loadSafetensors: no metadata is null too', () => {
  const a = { dtype: 'F64', shape: [1], data_offsets: [0, 8] };
  const { tensors, metadata, skipped } = load(
    safetensors({ __metadata__: null, a }, new Uint8Array(Float64Array.of(1.5).buffer)),
  );
  assert.equal([tensors.a.toArray(), metadata, skipped], [[1.5], {}, {}]);
  freeAll(tensors);
});

test('loadSafetensors: tensors of types that are not there do not keep the others from being read', () => {
  const at = (dtype: string, shape: number[], ...offsets: number[]) => ({
    dtype,
    shape,
    data_offsets: offsets,
  });
  const header = {
    e: at('F8_E4M3', [8], 0, 8),
    w: at('F32', [1], 8, 12),
    u: at('U64', [1], 12, 20),
    l: at('I64', [2], 20, 36),
    c: at('C64', [1], 36, 44),
  };
  const bytes = new Uint8Array(44).fill(1);
  const view = new DataView(bytes.buffer);
  view.setFloat32(8, 2.5, true);
  view.setBigUint64(12, 2n ** 64n - 1n, true);
  view.setBigInt64(20, 2n ** 40n, true);
  view.setBigInt64(28, -1n, true);
  const file = safetensors(header, bytes);
  const { tensors, skipped } = load(file);
  assert.equal(
    Object.entries(tensors).map(([key, t]) => [key, t.dtype, t.toArray()]),
    [
      ['w', 'f32', [2.5]],
      ['l', 'f64', [2 ** 40, -1]],
    ],
  );
  assert.equal(Object.keys(skipped), ['e', 'u', 'c']);
  assert.match(skipped.e, /got F8_E4M3 for e/);
  assert.match(skipped.u, /18446744073709551615/);
  freeAll(tensors);
  // Asked for by name, they are an error.
  const like = {
    e: zeros([8]),
    w: zeros([1]),
    u: zeros([1], { dtype: 'i32' }),
    l: zeros([2]),
    c: zeros([1]),
  };
  rejects(() => load(file, { like }), DTypeError, /F8_E4M3/);
  freeAll(like);
  const whole = { l: zeros([1], { dtype: 'i32' }) };
  const wide = safetensors({ l: at('I64', [1], 0, 8) }, new Uint8Array(8).fill(1));
  rejects(() => load(wide, { like: whole }), DTypeError, /72340172838076673/);
  freeAll(whole);
});

test('safetensors: names, shapes and kinds that are not those of `like`; trees that cannot be kept', () => {
  const [x, y] = [zeros([2]), zeros([2], { dtype: 'i32' })];
  const file = nn.saveSafetensors({ x });
  const bad = (like: unknown, kind: typeof ArgumentError, message: RegExp) =>
    rejects(() => load(file, { like }), kind, message);
  bad({ z: x }, ArgumentError, /like has "z", the file has x/);
  bad({}, ArgumentError, /the file has tensors that like has not: x/);
  bad({ x: y }, DTypeError, /x must be i32 as in like, got F64/);
  const other = zeros([3]);
  bad({ x: other }, ShapeError, /x must be \[3\] as in like, got \[2\]/);
  const refuses = (tree: unknown, message: RegExp, metadata = {}) =>
    rejects(() => nn.saveSafetensors(tree, { metadata }), ArgumentError, message);
  refuses({ 'a.b': x, a: { b: y } }, /got "a.b" twice/);
  refuses({ __metadata__: x }, /names the metadata/);
  refuses({ x, f: () => 1 }, /got function at "f"/);
  refuses({ x }, /must be texts, got 3 for "k"/, { k: 3 });
  refuses({ x }, /must not start with value:/, { 'value:a': 'b' });
  freeAll([x, y, other]);
});

test.run();
