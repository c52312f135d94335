// The module `conv`: windows of images as columns of a matrix, and back; convolution over the images themselves; pooling.
export * from './conv/exports';
export * from './conv/pool-exports';
export * from './winograd/exports';
