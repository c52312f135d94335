// The module `dynamics`: integration of dynamical systems in time, with tangents and adjoints.
export * from './dynamics/exports';
