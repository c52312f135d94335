// The module `update`: steps of optimisers, one pass over memory each.
export * from './update/exports';
