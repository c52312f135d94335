// Kernels that gpu.js translates for WebGPU and WebGL2 alike, and the functions of kernels/wgsl that they call.

import type { DeviceBuffer } from './backend.js';
import type { TEXTS } from './portable-texts.js';
import { expressionOf } from './wgsl/expressions.js';

/** A function of f32 numbers, as an expression in WGSL. */
export interface DeviceFunction {
  /** What the text of the kernel calls it. */
  readonly name: string;
  readonly parameters: number;
  /** The declarations of kernels/wgsl that the expression uses. */
  readonly needs: readonly string[];
  text(...operands: string[]): string;
}

/** A text of src/generated/gpu-kernels.ts, and what it is called with. Texts are loaded with a backend. */
export interface PortableKernel {
  /** Identifies the text with its functions. */
  readonly key: string;
  /** The name of the text. */
  readonly source: keyof typeof TEXTS;
  /** The kinds of its arguments, tensors before tables before numbers. */
  readonly parameters: readonly ('tensor' | 'table' | 'integer' | 'number')[];
  readonly functions: readonly DeviceFunction[];
}

/** Rows of `width` numbers, one after the other, that go to the device with the call. */
export interface Table {
  readonly values: Float32Array;
  readonly width: number;
}

/** What a kernel is called with, in the order of its parameters. */
export type Argument = DeviceBuffer | Table | number;

export const isTable = (argument: Argument): argument is Table =>
  typeof argument === 'object' && 'values' in argument;
export const isBuffer = (argument: Argument): argument is DeviceBuffer =>
  typeof argument === 'object' && 'extent' in argument;

/** The elementwise row of the table of operations with this name as a function of f32 that a kernel calls `as`. */
export function functionOf(row: string, parameters: number, as: string): DeviceFunction {
  const expression = expressionOf(row, new Array<'f32'>(parameters).fill('f32'));
  if (!expression) throw new Error(`functionOf: ${row} has no expression for ${parameters} operands of f32`);
  const { needs, text } = expression;
  return { name: as, parameters, needs, text };
}
