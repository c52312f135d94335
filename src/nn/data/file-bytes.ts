// The bytes of a data file, and what they may be instead.
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';

/** Whether the bytes have this text at a position. */
const says = (bytes: Uint8Array, at: number, text: string): boolean =>
  bytes.length >= at + text.length && [...text].every((c, i) => bytes[at + i] === c.charCodeAt(0));

/** Files that are often taken for what is inside them. */
const WRAPPINGS: readonly [(bytes: Uint8Array) => boolean, string][] = [
  [([a, b]) => a === 0x1f && b === 0x8b, 'a gzip file (decompress it first: gunzip, or zlib.gunzipSync)'],
  [(bytes) => says(bytes, 0, 'PK\x03\x04'), 'a zip file (unpack it first)'],
  [(bytes) => says(bytes, 257, 'ustar'), 'a tar archive (unpack it first)'],
];

/**
 * The argument as bytes.
 * @throws ArgumentError for what is neither Uint8Array nor ArrayBuffer.
 */
export function readBytes(name: string, input: unknown): Uint8Array {
  // Never the Buffer of Node that it may be, whose slices are views.
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

/** What the bytes are wrapped in, to be said in a message; undefined where nothing is known. */
export function wrapping(bytes: Uint8Array): string | undefined {
  return WRAPPINGS.find(([is]) => is(bytes))?.[1];
}
