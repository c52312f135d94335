// Copies between two layouts of one index space; most operations that move elements are such copies.
import { bytesPerElement } from '../core/dtype.js';
import type { Layout } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { array } from '../generated/array.js';
import type { Workspace } from './workspace.js';

/** Where elements lie; the address is read when they are copied. */
export type CopyOperand = Pick<Tensor, 'dtype' | 'address'>;

/** The bytes of a tensor's elements. */
export function byteLength(x: Tensor): number {
  return x.size * bytesPerElement(x.dtype);
}

/**
 * Makes a function that copies x (from element `from`, strides in row 1 of the layout) to out (from `to`, strides in
 * row 0). The layout has at least two axes and no extent of zero.
 */
export function describeCopy(
  out: CopyOperand,
  to: number,
  x: CopyOperand,
  from: number,
  layout: Layout,
  space: Workspace,
): () => void {
  // Planes that are transposes of each other are copied in blocks: move the source's fastest axis next to the last.
  const last = layout.extents.length - 1;
  const fastest = layout.strides[1].indexOf(1);
  if (fastest >= 0 && fastest < last - 1) {
    for (const row of [layout.extents, ...layout.strides]) row.splice(last - 1, 0, ...row.splice(fastest, 1));
  }
  const bytes = bytesPerElement(x.dtype);
  const copy = bytes === 8 ? array.exports.copy_64 : array.exports.copy_32;
  const [ndim, meta] = [layout.extents.length, space.descriptor(layout)];
  return () => copy(ndim, meta, out.address + to * bytes, x.address + from * bytes);
}
