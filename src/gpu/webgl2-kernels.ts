// Portable kernels on WebGL2: what gpu.js has to be told to translate one for textures of four numbers a texel.

import { DeviceError } from '../core/errors.js';
import { type Backend, type DeviceBuffer, type MatrixStack, padded } from './backend.js';
import { glslOf } from './glsl/translate.js';
import type { GpuJs, TextureHandle, WebGl2Kernel } from './gpujs.js';
import { isBuffer, isTable, type PortableKernel } from './portable.js';
import { TEXTS } from './portable-texts.js';
import { declarationsOf } from './wgsl/device-functions.js';

/** A stack of matrices in a texture, four columns a texel. */
export interface TexelResident extends DeviceBuffer {
  readonly handle: TextureHandle;
  /** Set when a later check finds that the driver had no memory for it. */
  error?: Error;
}

const TYPES = {
  ...{ tensor: 'MemoryOptimizedNumberTexture', table: 'Input', integer: 'Integer', number: 'Float' },
} as const;

/** The settings of a kernel: the types of its arguments, and its functions in GLSL. */
function settingsOf({ parameters, functions }: PortableKernel): object {
  const shared = functions.length > 0 ? glslOf(declarationsOf(functions, '')) : '';
  return {
    argumentTypes: parameters.map((kind) => TYPES[kind]),
    nativeFunctions: functions.map(({ name, parameters: count }) => {
      const names = Array.from({ length: count }, (_, i) => `p${i}`);
      const head = names.map((parameter) => `float ${parameter}`).join(', ');
      return {
        name,
        // gpu.js chooses the order of functions, so whichever comes first brings what they share.
        source: `#ifndef OUR_FUNCTIONS
#define OUR_FUNCTIONS
${shared}
#endif
float ${name}(${head}) { return our_${name}(${names.join(', ')}); }`,
        argumentTypes: Object.fromEntries(names.map((parameter) => [parameter, 'Number'])),
        returnType: 'Number',
      };
    }),
  };
}

/** The handle of a texture for kernels that read it number by number. */
function numbersOf(
  gpujs: GpuJs,
  gl: WebGL2RenderingContext,
  { handle: { texture, size }, extent }: TexelResident,
): TextureHandle {
  const dimensions = [padded(extent.cols), extent.rows, extent.batches];
  return new gpujs.GLTextureMemoryOptimized3D({
    ...{ texture, size, dimensions, output: dimensions, context: gl, kernel: {} },
    ...{ internalFormat: gl.RGBA32F, textureFormat: gl.RGBA },
  });
}

/** `launch` of the backend, with what it compiles and runs kernels by. */
export function launcher(
  gpujs: GpuJs,
  gl: WebGL2RenderingContext,
  compile: (source: string, args: unknown[], settings: object) => WebGl2Kernel,
  run: (kernel: WebGl2Kernel, extent: MatrixStack, args: unknown[], error?: Error) => DeviceBuffer,
): Backend['launch'] {
  const compiled = new Map<string, WebGl2Kernel>();
  return (caller, kernel, args, extent) => {
    const residents = args.filter(isBuffer) as TexelResident[];
    const bound = args.map((argument) => {
      if (isBuffer(argument)) return numbersOf(gpujs, gl, argument as TexelResident);
      if (!isTable(argument)) return argument;
      return new gpujs.Input(argument.values, [argument.width, argument.values.length / argument.width]);
    });
    try {
      const found = compiled.get(kernel.key) ?? compile(TEXTS[kernel.source], bound, settingsOf(kernel));
      compiled.set(kernel.key, found);
      return run(found, extent, bound, residents.find(({ error }) => error)?.error);
    } catch (error) {
      throw new DeviceError(`${caller}: ${(error as Error).message.split('\n', 2).join(' ')}`);
    }
  };
}
