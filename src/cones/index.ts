// Polyhedral cones and polyhedra: from inequalities to generators and back, projections, and ready-made matrices.
export { checkerboard, convex, type MonotoneOptions, monotone, signs } from './ready-made.js';
