// Rows of elementwise operations: one kernel call over the merged index space; inputs that repeat have stride 0.
import type { DType } from '../core/dtype.js';
import { broadcastShapes, broadcastStrides, type Layout, mergeAxes, sameShape } from '../core/shape.js';
import type { Op, TensorSpec } from './op.js';

/** A kernel on an index space; arguments: number of axes, descriptor, output, inputs. */
export type ElementwiseKernel = (ndim: number, meta: number, ...addresses: number[]) => void;

/** The parts of an elementwise row. */
export interface ElementwiseRow extends Pick<Op, 'linear' | 'jvp' | 'vjp' | 'chain' | 'unit' | 'rewrite'> {
  name: string;
  /** The dtype of the result; throws for invalid operands. */
  dtype(inputs: readonly TensorSpec[]): DType;
  kernel(output: DType, inputs: readonly DType[]): ElementwiseKernel;
}

/** The index space of an output, with the strides of the inputs that broadcast to it. */
export function elementwiseLayout(
  output: TensorSpec & { readonly size: number },
  inputs: readonly TensorSpec[],
): Layout {
  if (inputs.every((input) => sameShape(input.shape, output.shape)))
    return { extents: [output.size], strides: inputs.map(() => [1]) };
  return mergeAxes(
    output.shape,
    inputs.map((input) => broadcastStrides(input.shape, output.shape)),
  );
}

/** The row. */
export function elementwise({ name, dtype, kernel, ...rules }: ElementwiseRow): Op {
  return {
    name,
    shape(inputs) {
      const type = dtype(inputs);
      let { shape } = inputs[0];
      for (let i = 1; i < inputs.length; i++) shape = broadcastShapes(name, shape, inputs[i].shape);
      return { shape, dtype: type };
    },
    elementwise: kernel,
    prepare([out], inputs, _, space) {
      const run = kernel(
        out.dtype,
        inputs.map((input) => input.dtype),
      );
      const layout = elementwiseLayout(out, inputs);
      const [ndim, meta] = [layout.extents.length, space.descriptor(layout)];
      const [a, b, c] = inputs;
      if (c !== undefined) return () => run(ndim, meta, out.address, a.address, b.address, c.address);
      if (b !== undefined) return () => run(ndim, meta, out.address, a.address, b.address);
      return () => run(ndim, meta, out.address, a.address);
    },
    ...rules,
  };
}
