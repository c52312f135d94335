// The module `cones`: enumeration of the rays of polyhedral cones.
export * from './cones/exports';
export * from './cones/exports-integers';
