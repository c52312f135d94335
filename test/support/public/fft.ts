// Public functions of fft, with arguments.
import { tensor } from '#src/index.js';
import { numbers } from '../check.js';
import type { PublicFunction } from '../public-functions.js';
import { matrix, noTensors } from './makers.js';

const complex = (rows: number, columns: number) => ({
  re: matrix(rows, columns),
  im: matrix(rows, columns, 5),
});
const ofComplex = (rows: number, columns: number, options: object): PublicFunction => ({
  args: () => [complex(rows, columns), options],
});
const ofReal = (rows: number, columns: number, options: object): PublicFunction => ({
  args: () => [matrix(rows, columns), options],
});

export const fftFunctions: Record<string, PublicFunction> = {
  'fft.deinterleave': { args: () => [tensor(numbers(12, 3), { shape: [3, 2, 2] })] },
  'fft.fft': ofComplex(2, 5, { n: 6, norm: 'ortho' }),
  'fft.fft2': ofComplex(4, 3, { s: [3, 4] }),
  'fft.fftfreq': noTensors(5, { d: 0.5 }),
  'fft.fftn': ofReal(4, 3, { norm: 'forward' }),
  'fft.fftshift': ofComplex(2, 5, { axes: [1] }),
  'fft.ifft': ofComplex(5, 2, { axis: 0, norm: 'ortho' }),
  'fft.ifft2': ofReal(4, 3, { norm: 'forward' }),
  'fft.ifftn': ofComplex(4, 3, { axes: [1, 0] }),
  'fft.ifftshift': ofReal(2, 5, {}),
  'fft.interleave': { args: () => [complex(2, 3)] },
  'fft.irfft': ofComplex(2, 4, { n: 7 }),
  'fft.irfft2': ofComplex(3, 4, {}),
  'fft.irfftn': ofComplex(3, 4, { axes: [1, 0], s: [6, 5] }),
  'fft.rfft': ofReal(2, 7, { n: 5 }),
  'fft.rfft2': ofReal(4, 6, { norm: 'ortho' }),
  'fft.rfftfreq': noTensors(5, { d: 0.5 }),
  'fft.rfftn': ofReal(3, 5, { axes: [0, 1] }),
};
