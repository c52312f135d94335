// Products of matrices: the kernels of gpu.matmul.
import type { GraphNode } from '../../../compiler/node.js';
import { launchOf } from '../../matmul.js';
import { productRuns } from '../../product-dispatch.js';
import { filled, runsOf, ScratchSpace, type Slot } from '../shader.js';
import type { Twin } from '../twin.js';

/** Rows without gaps; a vector is one row. */
function pitchesOf({ shape }: GraphNode): { pitch: number; stride: number } {
  const cols = shape[shape.length - 1];
  const rows = shape.length > 1 ? shape[shape.length - 2] : 1;
  return { pitch: cols, stride: rows * cols };
}

export const matmulTwin: Twin = ({ inputs: [a, b], outputs: [out], params }, { products }) => {
  if (a.dtype !== 'f32') return undefined;
  const { transposeA, transposeB } = params as { transposeA?: boolean; transposeB?: boolean };
  const launch = launchOf(a.shape, b.shape, { transposeA, transposeB });
  if (launch.k === 0) return runsOf(filled(out));
  const call = { ...launch, alpha: 1, beta: 0 };
  const { dispatches, sliceBytes, parameters, batch } = productRuns(
    pitchesOf(a),
    pitchesOf(b),
    call,
    products,
  );
  const space = new ScratchSpace();
  const slots: Record<string, Slot | undefined> = {
    ...{ a, b, c: out, parameters: { words: parameters } },
    ...(batch && { batch: { words: batch } }),
    ...(sliceBytes > 0 && { slices: space.take(sliceBytes / 4) }),
  };
  return {
    dispatches: dispatches.map((dispatch) => ({
      ...dispatch,
      slots: dispatch.slots.map((slot) => slot && slots[slot]),
    })),
    scratchBytes: space.bytes,
  };
};
