// Rows for what works element by element: one kernel call over the merged index space, where inputs that repeat have stride 0.
import type { DType } from '../core/dtype.js';
import { broadcastShapes, broadcastStrides, type Layout, mergeAxes, sameShape } from '../core/shape.js';
import type { Op, TensorSpec } from './op.js';

/** A kernel on an index space: number of axes, descriptor, output, inputs. */
export type ElementwiseKernel = (ndim: number, meta: number, ...addresses: number[]) => void;

/** What a row of this kind is made of. */
export interface ElementwiseRow extends Pick<Op, 'linear' | 'jvp' | 'vjp' | 'chain' | 'unit' | 'rewrite'> {
  name: string;
  /** The dtype of the result; throws for operands that it cannot take. */
  dtype(inputs: readonly TensorSpec[]): DType;
  kernel(output: DType, inputs: readonly DType[]): ElementwiseKernel;
}

/** The index space of an output, and the strides of what broadcasts to it. */
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
