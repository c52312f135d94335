// The module `flow`: steps of incompressible flow on a periodic square.
export * from './flow/exports';
