// What every function of GpuTensors does first: operands checked, shapes as stacks of matrices; and what it does last.

import { describe } from '../core/describe.js';
import { ArgumentError } from '../core/errors.js';
import { broadcastStrides, type Shape, sizeOf } from '../core/shape.js';
import type { Backend, DeviceBuffer, MatrixStack } from './backend.js';
import { GpuTensor } from './gpu-tensor.js';
import type { Argument, PortableKernel } from './portable.js';

/** A stack of matrices; a vector is one row. */
export function extentOf(shape: Shape): MatrixStack {
  const cols = shape.length > 0 ? shape[shape.length - 1] : 1;
  const rows = shape.length > 1 ? shape[shape.length - 2] : 1;
  return { batches: sizeOf(shape.slice(0, -2)), rows, cols };
}

/** For every matrix of a result with the batch axes `to`, the index of the matrix of an operand with the batch axes `from`. */
export function matricesOf(from: Shape, to: Shape): Float32Array {
  const strides = broadcastStrides(from, to);
  const out = new Float32Array(sizeOf(to));
  for (let z = 0; z < out.length; z++) {
    let rest = z;
    let at = 0;
    for (let axis = to.length - 1; axis >= 0; axis--) {
      at += (rest % to[axis]) * strides[axis];
      rest = Math.floor(rest / to[axis]);
    }
    out[z] = at;
  }
  return out;
}

/** Throws unless x is a GpuTensor. */
export function checkGpuTensor(caller: string, argument: string, x: unknown): asserts x is GpuTensor {
  if (!(x instanceof GpuTensor))
    throw new ArgumentError(`${caller}: ${argument} must be a GpuTensor, got ${describe(x)}: use gpu.upload`);
}

/** A tensor of this shape, made by a kernel of its elements. */
export function launched(
  backend: Backend,
  caller: string,
  shape: Shape,
  kernel: PortableKernel,
  args: readonly Argument[],
): GpuTensor {
  const extent = extentOf(shape);
  backend.checkSize(caller, extent);
  backend.checkGrid(caller, extent);
  return new GpuTensor(shape, backend, backend.launch(caller, kernel, args, extent));
}

/** A tensor whose elements are all this number. */
export function filled(backend: Backend, shape: Shape, value: number): GpuTensor {
  const values = new Float32Array(sizeOf(shape)).fill(value);
  return new GpuTensor(
    shape,
    backend,
    values.length === 0 ? undefined : backend.upload(values, extentOf(shape)),
  );
}

/** Runs `work`, and disposes at its end of every tensor that it has handed to `keep`. */
export function withTemporaries<T>(work: (keep: (x: GpuTensor) => GpuTensor) => T): T {
  const kept: GpuTensor[] = [];
  try {
    return work((x) => {
      kept.push(x);
      return x;
    });
  } finally {
    for (const x of kept) x.dispose();
  }
}

/** The elements of a tensor that has some. */
export function elementsOf(caller: string, x: GpuTensor, backend: Backend): DeviceBuffer {
  return x.on(caller, backend) as DeviceBuffer;
}
