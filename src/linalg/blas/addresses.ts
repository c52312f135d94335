// BLAS on addresses: what inner loops call that look up their kernels once, and copies of bytes.
import { runtime } from '../../core/runtime.js';

let bytesView = /* @__PURE__ */ new Uint8Array(0);

/** Copies bytes from one address to another. */
export function copyBytes(to: number, from: number, bytes: number): void {
  const { buffer } = runtime().memory;
  if (bytesView.buffer !== buffer) bytesView = new Uint8Array(buffer);
  bytesView.copyWithin(to, from, from + bytes);
}
