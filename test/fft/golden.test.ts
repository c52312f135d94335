// numpy.fft's numbers, name by name, with all options; test/fixtures/fft.json names its source. And what stands beside transforms.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fft, scope, Tensor, tensor } from '#src/index.js';
import { near } from '../support/check.js';
import { drawn } from '../support/fft/direct.js';

interface Numbers {
  shape: number[];
  re: number[];
  im?: number[];
}
interface Fixture {
  cases: { name: string; options: object; x: Numbers; y: Numbers }[];
  frequencies: { name: 'fftfreq' | 'rfftfreq'; n: number; d: number; y: number[] }[];
}
const { cases, frequencies } = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/fft.json', import.meta.url), 'utf8'),
) as Fixture;

const given = ({ shape, re, im }: Numbers): Tensor | fft.Complex =>
  im === undefined ? tensor(re, { shape }) : { re: tensor(re, { shape }), im: tensor(im, { shape }) };

test('every function with every option', () => {
  for (const { name, options, x, y } of cases)
    scope(() => {
      const run = fft[name as 'fft'] as (x: unknown, o: object) => Tensor | fft.Complex;
      const got = run(given(x), options);
      const what = `${name} ${JSON.stringify(options)} of ${x.shape}`;
      const [re, im] = got instanceof Tensor ? [got] : [got.re, got.im];
      assert.equal(re.shape, y.shape, what);
      near(re.data(), y.re, 1e-14, what);
      assert.is(im === undefined, y.im === undefined, what);
      if (im !== undefined && y.im !== undefined) near(im.data(), y.im, 1e-14, what);
    });
  assert.is(new Set(cases.map(({ name }) => name)).size, 14);
});

test('frequencies', () =>
  scope(() => {
    for (const { name, n, d, y } of frequencies) near(fft[name](n, { d }).data(), y, 1e-16 / Math.abs(d), `${name} ${n} ${d}`); // biome-ignore format: short
    assert.is(fft.fftfreq(4, { dtype: 'f32' }).dtype, 'f32');
    assert.is(fft.rfftfreq(4).dtype, 'f64');
    // Exactly: k / (n d).
    assert.equal([...fft.rfftfreq(6, { d: 0.5 }).data()], [0, 1 / 3, 2 / 3, 1]);
  }));

test('shifts of both parts and of integers, and back', () =>
  scope(() => {
    for (const shape of [[1], [4], [5], [2, 3], [4, 3, 2]]) {
      const size = shape.reduce((p, q) => p * q, 1);
      const z = { re: tensor(drawn(size, 1), { shape }), im: tensor(drawn(size, 2), { shape }) };
      for (const options of [{}, { axes: 0 }, { axes: -1 }, { axes: [shape.length - 1] }]) {
        const { re, im } = fft.ifftshift(fft.fftshift(z, options), options);
        assert.equal([re.data(), im.data()], [z.re.data(), z.im.data()]);
        assert.equal(fft.fftshift(z, options).im.data(), fft.fftshift(z.im, options).data());
      }
    }
    assert.equal(fft.fftshift(tensor([0, 1, 2, 3, 4], { dtype: 'i32' })).toArray(), [3, 4, 0, 1, 2]);
    assert.equal(fft.ifftshift(tensor([0, 1, 2, 3, 4], { dtype: 'i32' })).toArray(), [2, 3, 4, 0, 1]);
    // Zero stands at n/2.
    for (const n of [1, 2, 7, 10])
      assert.is(fft.fftshift(fft.fftfreq(n)).toTypedArray()[Math.floor(n / 2)], 0);
  }));

test('real and imaginary parts side by side', () =>
  scope(() => {
    for (const dtype of ['f64', 'f32'] as const)
      for (const shape of [[], [1], [3], [2, 3], [0, 4]]) {
        const size = shape.reduce((p, q) => p * q, 1);
        const [a, b] = [drawn(size, 1, dtype), drawn(size, 2, dtype)];
        const t = fft.interleave({ re: tensor(a, { shape, dtype }), im: tensor(b, { shape, dtype }) });
        assert.equal([t.shape, t.dtype], [[...shape, 2], dtype]);
        assert.equal(
          [...t.toTypedArray()],
          [...a].flatMap((v, k) => [v, b[k]]),
        );
        const z = fft.deinterleave(t);
        assert.equal([z.re.shape, z.im.shape, z.im.dtype], [shape, shape, dtype]);
        assert.equal([[...z.re.toTypedArray()], [...z.im.toTypedArray()]], [[...a], [...b]]);
      }
  }));

test.run();
