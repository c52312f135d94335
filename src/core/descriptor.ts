// Writes an index space where array kernels read it (see assembly/array/descriptor.ts).
import { allocateBytes, type Runtime, runtime } from './runtime.js';
import { type Layout, MAXIMUM_AXES } from './shape.js';

let owner: Runtime | undefined;
let address = 0;
let words: Int32Array = new Int32Array(0);

/** The address of the descriptor of `layout`, valid until the next call. */
export function describe({ extents, strides }: Layout): number {
  const state = runtime();
  if (owner !== state) {
    address = allocateBytes(4 * 4 * MAXIMUM_AXES, 'describe');
    owner = state;
  }
  if (words.buffer !== state.memory.buffer)
    words = new Int32Array(state.memory.buffer, address, 4 * MAXIMUM_AXES);
  let at = 0;
  for (const extent of extents) words[at++] = extent;
  for (const row of strides) for (const stride of row) words[at++] = stride;
  return address;
}
