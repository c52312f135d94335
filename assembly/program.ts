// The module `program`: strictly convex quadratic programs, many at a time.
export * from './program/exports';
