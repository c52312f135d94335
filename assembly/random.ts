// The module `random`: uniform and normal numbers of counters under a key.
export * from './random/exports';
