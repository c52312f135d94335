// The module `lorenz96`: windows of the Lorenz96 model, with tangents and adjoints.
export * from './lorenz96/exports';
