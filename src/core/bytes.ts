// The bytes of a file, in whatever form they are given.
import { describe } from './describe.js';
import { ArgumentError } from './errors.js';
import { isBuffer, isDetached, viewName } from './kind.js';

/** What readers of files take: a typed array (Node's Buffer is one), a DataView, an ArrayBuffer or a SharedArrayBuffer. */
export type FileBytes = ArrayBufferView | ArrayBufferLike;

/**
 * The argument as bytes, whatever view or buffer of whatever realm holds them. Nothing is copied: readers must not write
 * to the result.
 * @throws ArgumentError for anything else, and for memory that was transferred away.
 */
export function readBytes(name: string, input: unknown): Uint8Array {
  const kind = viewName(input);
  if (kind === undefined && !isBuffer(input)) {
    throw new ArgumentError(
      `${name}: bytes must be a Uint8Array, another view or an ArrayBuffer with the contents of the file, got ${describe(input)}`,
    );
  }
  const view = kind === undefined ? undefined : (input as ArrayBufferView);
  const buffer = view === undefined ? (input as ArrayBufferLike) : view.buffer;
  if (isDetached(buffer)) {
    throw new ArgumentError(
      `${name}: bytes must be there, got ${kind === undefined ? 'a buffer' : `a ${kind}`} that is detached`,
    );
  }
  // Not the view itself: slices of Node's Buffer are views, not copies.
  return view === undefined
    ? new Uint8Array(buffer)
    : new Uint8Array(buffer, view.byteOffset, view.byteLength);
}
