// The module `fft`: discrete Fourier transforms.
export * from './fft/exports';
