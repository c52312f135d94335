// The module `math`: transcendental functions, element by element.
export * from './math/exports';
export * from './math/exports-slopes';
