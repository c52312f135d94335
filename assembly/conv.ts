// The module `conv`: windows of images as columns of a matrix, and back.
export * from './conv/exports';
