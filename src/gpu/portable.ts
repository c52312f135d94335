// Kernels that gpu.js translates for WebGPU and WebGL2 alike, and the functions of kernels/wgsl that they call.

import type { DeviceBuffer } from './backend.js';
import { expressionOf } from './wgsl/expressions.js';
import { functionsFor } from './wgsl/functions.js';

/** A function of f32 numbers, as an expression in WGSL. */
export interface DeviceFunction {
  /** What the text of the kernel calls it. */
  readonly name: string;
  readonly parameters: number;
  /** The declarations of kernels/wgsl that the expression uses. */
  readonly needs: readonly string[];
  text(...operands: string[]): string;
}

/** A text of src/generated/gpu-kernels.ts, and what it is called with. */
export interface PortableKernel {
  /** Identifies the text with its functions. */
  readonly key: string;
  readonly source: string;
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

/** The functions of a kernel as WGSL declarations called `prefix` and their names, with all that they use. */
export function declarationsOf(functions: readonly DeviceFunction[], prefix: string): string {
  const own = functions.map(({ name, parameters, text }) => {
    const names = Array.from({ length: parameters }, (_, i) => `p${i}`);
    const head = names.map((parameter) => `${parameter}: f32`).join(', ');
    return `fn ${prefix}${name}(${head}) -> f32 {\nreturn ${text(...names)};\n}`;
  });
  return [functionsFor(functions.flatMap(({ needs }) => needs)), ...own].join('\n');
}
