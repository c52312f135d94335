// The bytes of a data file, and detection of common mistakes.
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';

/** Whether the bytes have this text at a position. */
const says = (bytes: Uint8Array, at: number, text: string): boolean =>
  bytes.length >= at + text.length && [...text].every((c, i) => bytes[at + i] === c.charCodeAt(0));

/** Files that are often passed instead of their contents. */
const WRAPPINGS: readonly [(bytes: Uint8Array) => boolean, string][] = [
  [([a, b]) => a === 0x1f && b === 0x8b, 'a gzip file (decompress it first: gunzip, or zlib.gunzipSync)'],
  [(bytes) => says(bytes, 0, 'PK\x03\x04'), 'a zip file (unpack it first)'],
  [(bytes) => says(bytes, 257, 'ustar'), 'a tar archive (unpack it first)'],
];

/**
 * The argument as bytes.
 * @throws ArgumentError unless it is a Uint8Array or an ArrayBuffer.
 */
export function readBytes(name: string, input: unknown): Uint8Array {
  // Do not keep Node's Buffer, if it is one: its slices are views.
  if (ArrayBuffer.isView(input)) return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  if (
    input instanceof ArrayBuffer ||
    (typeof SharedArrayBuffer !== 'undefined' && input instanceof SharedArrayBuffer)
  )
    return new Uint8Array(input);
  throw new ArgumentError(
    `${name}: bytes must be a Uint8Array or an ArrayBuffer with the contents of the file, got ${describe(input)}`,
  );
}

/** What the bytes are wrapped in, for a message; undefined if that is unknown. */
export function wrapping(bytes: Uint8Array): string | undefined {
  return WRAPPINGS.find(([is]) => is(bytes))?.[1];
}
