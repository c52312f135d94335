// The functions that a portable kernel calls, with all that they use, as WGSL.

import type { DeviceFunction } from '../portable.js';
import { functionsFor } from './functions.js';

/** Declarations of the functions, called `prefix` and their names, behind all that they use. */
export function declarationsOf(functions: readonly DeviceFunction[], prefix: string): string {
  const own = functions.map(({ name, parameters, text }) => {
    const names = Array.from({ length: parameters }, (_, i) => `p${i}`);
    const head = names.map((parameter) => `${parameter}: f32`).join(', ');
    return `fn ${prefix}${name}(${head}) -> f32 {\nreturn ${text(...names)};\n}`;
  });
  return [functionsFor(functions.flatMap(({ needs }) => needs)), ...own].join('\n');
}
