// The module `optimizer-steps`: steps of optimisers, one pass over memory each.
export * from './optimizer-steps/exports';
