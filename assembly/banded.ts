// The module `banded`: elimination in tridiagonal and banded systems, one sweep down and one up.
export * from './banded/exports';
