import { allocateBytes, runtime } from '../../core/runtime.js';
import { givens } from '../../generated/givens.js';

/** A copy of d x d numbers, dense, as the kernels take matrices: rows filled up with zeros. */
export function padRows(name: string, d: number, dense: number): number {
  const pitch = givens.exports.givens_pitch(d);
  const address = allocateBytes(givens.exports.givens_matrix_work(d), name);
  const { buffer } = runtime().memory;
  const to = new Float64Array(buffer, address, d * pitch).fill(0);
  for (let i = 0; i < d; i++) to.set(new Float64Array(buffer, dense + 8 * d * i, d), i * pitch);
  return address;
}
