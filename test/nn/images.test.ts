// Images: what CIFAR-10's files hold, and synthetic images with the covariance that is asked for.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ArgumentError, linalg, matmul, memory, mul, nn, random, reshape, ShapeError } from '#src/index.js';
import { near, rejects } from '../support/check.js';

const RECORD = 3073;
/** A file of CIFAR-10: byte i of image k is (7 k + i) mod 256. */
const cifar = (labels: number[]) =>
  Uint8Array.from({ length: labels.length * RECORD }, (_, at) => {
    const [k, i] = [Math.floor(at / RECORD), (at % RECORD) - 1];
    return i < 0 ? labels[k] : 7 * k + i;
  });

test('readCifar10: labels, and bytes over 255 in their places, of one file and of several', () => {
  const { images, labels } = nn.readCifar10(cifar([3, 9]));
  assert.equal(
    [images.shape, images.dtype, labels.toArray(), labels.dtype],
    [[2, 3, 32, 32], 'f32', [3, 9], 'i32'],
  );
  near(
    images.data(),
    Float32Array.from(
      { length: 2 * 3072 },
      (_, at) => ((7 * Math.floor(at / 3072) + (at % 3072)) % 256) / 255,
    ),
    0,
  );
  const both = nn.readCifar10([cifar([3, 9]), cifar([0]).buffer], { dtype: 'f64' });
  assert.equal([both.images.shape[0], both.images.dtype, both.labels.toArray()], [3, 'f64', [3, 9, 0]]);
  near(both.images.data().slice(0, 6144), images.data(), 2 ** -24);
  for (const x of [images, labels, both.images, both.labels]) x.dispose();
});

test('readCifar10: a file of another kind, packed or cut off, is said to be that', () => {
  const bad = (bytes: unknown, message: RegExp) =>
    rejects(() => nn.readCifar10(bytes as Uint8Array), ArgumentError, message);
  bad(cifar([1, 2]).subarray(0, 5000), /got 5000 bytes, 1 records and 1927 bytes \(is the file truncated/);
  bad(cifar([1, 2, 10]), /got label 10 in record 2/);
  bad(Uint8Array.of(0x1f, 0x8b, 8, 0), /a gzip file \(decompress it first/);
  bad(Uint8Array.of(0x80, 2, 0), /Python pickle \(take the binary version/);
  bad(
    Uint8Array.from({ length: 512 }, (_, i) => (i < 257 ? 99 : 'ustar'.charCodeAt(i - 257))),
    /tar archive/,
  );
  bad(new Uint8Array(0), /got none/);
  bad('data_batch_1.bin', /must be a Uint8Array, another view or an ArrayBuffer .* got "data_batch_1.bin"/);
  rejects(() => nn.readCifar10(cifar([1]), { dtype: 'i32' as 'f32' }), ArgumentError, /dtype must be/);
});

test('syntheticImages: the covariance has the condition and the size that were asked for', () => {
  for (const [shape, condition] of [
    [[3, 8, 8], 1e7],
    [[1, 6, 10], 1e4],
  ] as const) {
    const [n, d] = [3000, shape[0] * shape[1] * shape[2]];
    const { images, labels } = nn.syntheticImages(random(5), { count: n, shape, condition, dtype: 'f64' });
    const x = reshape(images, [n, d]);
    const values = linalg.eigvalsh(mul(matmul(x, x, { transposeA: true }), 1 / n)).data();
    // Marchenko and Pastur: sample eigenvalues stray by at most (1 ± √(d / n))² of the true ones.
    const stray = ((1 + Math.sqrt(d / n)) / (1 - Math.sqrt(d / n))) ** 2;
    const got = values[d - 1] / values[0];
    assert.ok(got > condition / stray && got < condition * stray, `${got}`);
    near([values[d - 1]], [149], 0.15 * 149);
    assert.ok(Math.max(...labels.data()) === 9 && Math.min(...labels.data()) === 0);
    for (const t of [images, labels]) t.dispose();
  }
});

test('syntheticImages: same seed, same images; means of classes are apart by the separation, 0 gives none', () => {
  const [n, classes, shape] = [3000, 4, [1, 4, 4]];
  for (const separation of [0, 0.8]) {
    const make = () =>
      nn.syntheticImages(random(2), { count: n, classes, shape, condition: 1, scale: 1, separation });
    const [one, other] = [make(), make()];
    assert.equal(one.images.toTypedArray(), other.images.toTypedArray());
    assert.equal([one.images.dtype, one.images.shape, one.labels.shape], ['f32', [n, 1, 4, 4], [n]]);
    const means = Array.from({ length: classes }, () => new Float64Array(16));
    const counts = new Float64Array(classes);
    one.labels.data().forEach((k, i) => {
      counts[k]++;
      for (let j = 0; j < 16; j++) means[k][j] += one.images.data()[16 * i + j];
    });
    for (let k = 0; k < classes; k++) for (let j = 0; j < 16; j++) means[k][j] /= counts[k];
    const x = reshape(one.images, [n, 16]);
    const values = linalg.eigvalsh(mul(matmul(x, x, { transposeA: true }), 1 / n)).data();
    assert.ok(values[0] > 0.8 && values[15] < 1.2, `${values}`);
    // White noise: the squared distance of two vertices is 2 classes · separation.
    const apart = means[0].reduce((sum, v, j) => sum + (v - means[1][j]) ** 2, 0);
    near([apart], [2 * classes * separation], 0.1 * (1 + 2 * classes * separation));
    for (const { images, labels } of [one, other]) for (const t of [images, labels]) t.dispose();
  }
});

test('syntheticImages: a network learns the classes, of images that it has not seen', async () => {
  const { images: x, labels: y } = nn.syntheticImages(random(4), { count: 3000, shape: [3, 8, 8] });
  const model = nn.sequential([nn.flatten(), nn.dense(64), nn.activation('relu'), nn.dense(10)]);
  const params = model.init(random(1), [3, 8, 8]);
  const { history, params: trained } = await nn.fit(
    model,
    params,
    { x, y },
    {
      ...{ epochs: 8, validation: 0.2, metrics: ['accuracy'] },
    },
  );
  const accuracy = history.validationAccuracy?.at(-1) ?? 0;
  // Chance is 0.1; classes overlap, so that no network gets all of them.
  assert.ok(accuracy > 0.75 && accuracy < 0.99, `${accuracy}`);
  for (const layer of [...(params as object[]), ...(trained as object[])])
    for (const t of Object.values(layer)) t.dispose();
  x.dispose();
  y.dispose();
});

test('syntheticImages: no images, one class, one pixel; options that are none', () => {
  const before = memory().tensors;
  for (const options of [
    { count: 0 },
    { count: 3, classes: 1 },
    { count: 2, classes: 1, shape: [1, 1, 1] },
  ]) {
    const { images, labels } = nn.syntheticImages(random(1), options);
    assert.is(images.shape[0], options.count);
    assert.ok(images.data().every(Number.isFinite) && labels.data().every((k) => k >= 0 && k < 10));
    images.dispose();
    labels.dispose();
  }
  assert.is(memory().tensors, before);
  const bad = (options: object) => () => nn.syntheticImages(random(1), { count: 2, ...options });
  rejects(bad({ shape: [32, 32] }), ShapeError, /\[channels, height, width\], got \[32, 32\]/);
  rejects(bad({ classes: 5, shape: [1, 2, 2] }), ArgumentError, /at most 4/);
  rejects(bad({ condition: 0.5 }), ArgumentError, /condition/);
  rejects(bad({ separation: 1 }), ArgumentError, /separation must lie in \[0, 1\)/);
  rejects(bad({ count: 1.5 }), ArgumentError, /count/);
});

test.run();
