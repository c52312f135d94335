// Errors name the function and the argument, are of the class that the documentation says, and leave nothing in memory.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  CotangentError,
  DTypeError,
  fft,
  ones,
  ShapeError,
  scope,
  tensor,
  zeros,
} from '#src/index.js';
import { attempts } from '../support/check.js';

// biome-ignore lint/suspicious/noExplicitAny: wrong arguments of every kind
type Any = any;
const all = fft as unknown as Record<string, (x: Any, options?: Any) => unknown>;
const ONE = ['fft', 'ifft', 'rfft', 'irfft'];
const SEVERAL = ['fft2', 'ifft2', 'rfft2', 'irfft2', 'fftn', 'ifftn', 'rfftn', 'irfftn'];
const isReal = (name: string) => name.startsWith('rfft');
/** A call of f with what is made before it. */
const on = (x: Any, f: (x: Any) => unknown) => () => f(x);
/** 'irfft…' take complex numbers alone, 'rfft…' real ones alone. */
const valid = (name: string, shape: number[]): Any =>
  isReal(name) ? ones(shape) : { re: ones(shape), im: ones(shape) };

test('errors of transforms', () =>
  scope(() => {
    const { failures, attempt } = attempts();
    const i32 = tensor([1, 2, 3], { dtype: 'i32' });
    for (const name of [...ONE, ...SEVERAL]) {
      const run = all[name];
      const refuse = (what: string, x: Any, options: Any, kind: typeof ArgumentError, words: RegExp) =>
        attempt(
          `${name}: ${what}`,
          () => run(x, options),
          kind as Any,
          new RegExp(`^${name}: .*${words.source}`),
        );
      const x = valid(name, [3, 4]);
      for (const norm of ['unitary', 1, null, '']) refuse(`norm ${norm}`, x, { norm }, ArgumentError, /norm/);
      for (const options of [{ norms: 'ortho' }, 5, null])
        refuse('options', x, options, ArgumentError, /options?/);
      for (const junk of [undefined, null, 3, 'x', [1, 2], {}, { re: 1, im: 2 }, { re: ones([2]) }])
        refuse(
          `of ${JSON.stringify(junk)}`,
          junk,
          {},
          CotangentError as Any,
          isReal(name) ? /x|got/ : /z|got/,
        );
      if (!isReal(name)) {
        refuse('two shapes', { re: ones([2, 3]), im: ones([3, 2]) }, {}, ShapeError as Any, /z\.re and z\.im.*\[2, 3\].*\[3, 2\]/); // biome-ignore format: short
        refuse('two dtypes', { re: ones([2, 2]), im: ones([2, 2], { dtype: 'f32' }) }, {}, DTypeError as Any, /z\.re and z\.im.*f64.*f32/); // biome-ignore format: short
        refuse('i32 parts', { re: i32, im: i32 }, {}, DTypeError as Any, /z\.re/);
      } else refuse('complex numbers', { re: ones([3]), im: ones([3]) }, {}, CotangentError as Any, /x/);
      if (!name.startsWith('irfft')) refuse('i32', i32, {}, DTypeError as Any, /i32/);
      else refuse('real numbers', ones([3, 3]), {}, ArgumentError, /\{ re, im \}/);
      refuse('no numbers', valid(name, [3, 0]), {}, ShapeError as Any, /axis 1.*\[3, 0\]/);
    }
    for (const name of ONE) {
      const x = valid(name, [3, 4]);
      const run = all[name];
      const refuse = (options: Any, kind: Any, words: string) =>
        attempt(
          `${name} ${JSON.stringify(options)}`,
          () => run(x, options),
          kind,
          new RegExp(`^${name}: .*${words}`),
        );
      for (const n of [0, -1, 2.5, Number.NaN, '4', null, Number.POSITIVE_INFINITY])
        refuse({ n }, ArgumentError, 'n ');
      for (const axis of [2, -3, 0.5, '0', null]) refuse({ axis }, ArgumentError, 'axis');
      attempt(`${name} of a scalar`, on(valid(name, []), run), ShapeError, new RegExp(`^${name}: .*scalar`));
    }
    attempt('irfft of one entry', on(valid('irfft', [3, 1]), fft.irfft), ShapeError, /^irfft: axis 1/);
    for (const name of SEVERAL) {
      const x = valid(name, [3, 4]);
      const run = all[name];
      const refuse = (options: Any, words: string) =>
        attempt(`${name} ${JSON.stringify(options)}`, () => run(x, options), ArgumentError, new RegExp(`^${name}: .*${words}`)); // biome-ignore format: short
      refuse({ axes: [0, 0] }, 'axis 0 is named twice');
      refuse({ axes: [1, -1] }, 'axis 1 is named twice');
      refuse({ axes: [] }, 'at least one axis');
      refuse({ axes: 1 }, 'axes');
      refuse({ axes: [0, 2] }, 'axis');
      refuse({ s: 4 }, 's ');
      refuse({ s: [2, 0] }, 's\\[1\\]');
      refuse({ s: [2.5, 2] }, 's\\[0\\]');
      refuse(
        { s: [2, 3, 4] },
        name.includes('2') ? 's must have a number for each of the 2 axes, got 3' : 'axis',
      );
      refuse({ s: [2], axes: [0, 1] }, 's must have a number for each of the 2 axes, got 1');
      if (name.includes('2')) attempt(`${name} of a vector`, on(valid(name, [4]), run), CotangentError as Any, new RegExp(`^${name}: `)); // biome-ignore format: short
      else attempt(`${name} of a scalar`, on(valid(name, []), run), CotangentError as Any, new RegExp(`^${name}: .*axis`)); // biome-ignore format: short
    }
    assert.is(failures.length, 0, failures.join('\n'));
  }));

test('errors of frequencies, shifts and layouts', () =>
  scope(() => {
    const { failures, attempt } = attempts();
    const x = ones([3, 4]);
    for (const name of ['fftfreq', 'rfftfreq']) {
      for (const n of [0, -2, 1.5, '3', undefined]) attempt(`${name} ${n}`, () => all[name](n), ArgumentError, new RegExp(`^${name}: n `)); // biome-ignore format: short
      for (const d of [0, Number.NaN, Number.POSITIVE_INFINITY, '1']) attempt(`${name} d ${d}`, () => all[name](4, { d }), ArgumentError, new RegExp(`^${name}: d`)); // biome-ignore format: short
      attempt(`${name} i32`, () => all[name](4, { dtype: 'i32' }), DTypeError, new RegExp(`^${name}: .*i32`));
    }
    for (const name of ['fftshift', 'ifftshift']) {
      for (const axes of [2, -3, [0, 0], [0.5], 'x']) attempt(`${name} ${axes}`, () => all[name](x, { axes }), ArgumentError, new RegExp(`^${name}: .*ax`)); // biome-ignore format: short
      attempt(
        `${name} of parts`,
        on({ re: x, im: ones([4]) }, all[name]),
        ShapeError,
        new RegExp(`^${name}: `),
      );
      attempt(`${name} of nothing`, () => all[name](undefined), ArgumentError, new RegExp(`^${name}: x`));
    }
    attempt('interleave', () => all.interleave(x), ArgumentError, /^interleave: z must be \{ re, im \}/);
    for (const shape of [[], [3], [2, 1], [2, 0]]) attempt(`deinterleave ${shape}`, on(zeros(shape), fft.deinterleave), ShapeError, /^deinterleave: t must have shape \[\.\.\., 2\]/); // biome-ignore format: short
    attempt(
      'deinterleave of i32',
      on(tensor([1, 2], { dtype: 'i32' }), fft.deinterleave),
      DTypeError,
      /^deinterleave: t/,
    );
    assert.is(failures.length, 0, failures.join('\n'));
  }));

test.run();
