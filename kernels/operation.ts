// Functions of numbers that a kernel calls and that are no part of its text: src/gpu puts them into the shader, in the language of the
// device, from kernels/wgsl. What gpu.js makes of plain JavaScript would lose NaN and be as inaccurate as WGSL's own functions.

/** What one run of a kernel shall do with its numbers: the same text serves all of them. */
export declare function operation(...operands: number[]): number;
/** The larger one, or NaN. */
export declare function maximum(a: number, b: number): number;
/** e^(a - b), and 0 where a is -Infinity. */
export declare function expDifference(a: number, b: number): number;
export declare function exponential(x: number): number;
export declare function logarithm(x: number): number;
/** (after - before2) before1 - here + F. */
export declare function slope(
  after: number,
  before2: number,
  before1: number,
  here: number,
  F: number,
): number;
/** x + h f. */
export declare function advance(x: number, h: number, f: number): number;
