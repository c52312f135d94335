// Table of contents of cotangent/fft: discrete Fourier transforms, by the names of numpy.fft.
export type { Norm } from './along.js';
export { type Complex, deinterleave, interleave } from './complex.js';
export {
  type FrequencyOptions,
  fftfreq,
  fftshift,
  ifftshift,
  rfftfreq,
  type ShiftOptions,
} from './frequencies.js';
export { fft, ifft, irfft, rfft, type TransformOptions } from './one-axis.js';
export {
  fft2,
  fftn,
  ifft2,
  ifftn,
  irfft2,
  irfftn,
  rfft2,
  rfftn,
  type SeveralOptions,
} from './several-axes.js';
