// The module `array`: arithmetic with broadcasting, sums, copies between layouts, casts.
export * from './array/exports';
export * from './array/exports-index';
