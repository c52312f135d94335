// Results of fft whose bits are compared between engines: powers, mixed radices, primes, long ones, along several axes, with derivatives.
import * as ct from '#src/index.js';
import type { Subject } from './subjects.js';

const { fft, random } = ct;
type Float = 'f64' | 'f32';

function inDtype(dtype: Float): Subject[] {
  const x = (shape: number[], seed = 1) => random(seed).normal(shape, { dtype });
  const z = (shape: number[]) => ({ re: x(shape), im: x(shape, 2) });
  const subjects: Record<string, () => unknown> = {
    'complex transforms': () => [256, 420, 97, 1331].map((n) => fft.fft(z([n]))),
    'complex transforms along other axes': () => [
      fft.fft(z([60, 7]), { axis: 0 }),
      fft.ifft(z([2, 31, 5]), { axis: 1 }),
    ],
    'a long transform': () => fft.fft(z([3 * 2 ** 13])),
    'a long transform of prime length': () => fft.ifft(z([10007]), { norm: 'ortho' }),
    'real transforms': () => [128, 105, 202].map((n) => fft.rfft(x([n]))),
    'inverse real transforms': () => [128, 105, 202].map((n) => fft.irfft(z([101]), { n })),
    'transforms along several axes': () => [
      fft.rfftn(x([6, 10, 14])),
      fft.irfft2(z([3, 9, 8])),
      fft.fft2(z([13, 12])),
    ],
    'gradient through a transform': () =>
      ct.grad((y: ct.Tensor) => {
        const { re, im } = fft.rfft2(y);
        return ct.sum(ct.square(ct.add(ct.square(re), ct.square(im))));
      })(x([9, 14])),
  };
  return Object.entries(subjects).map(([name, make]) => [`${name} ${dtype}`, make]);
}

/** All of them. */
export const fftSubjects: readonly Subject[] = [...inDtype('f64'), ...inDtype('f32')];
