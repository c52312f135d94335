// Detection of files that are often passed instead of their contents.

/** Whether the bytes have this text at a position. */
const says = (bytes: Uint8Array, at: number, text: string): boolean =>
  bytes.length >= at + text.length && [...text].every((c, i) => bytes[at + i] === c.charCodeAt(0));

/** Files that are often passed instead of their contents. */
const WRAPPINGS: readonly [(bytes: Uint8Array) => boolean, string][] = [
  [([a, b]) => a === 0x1f && b === 0x8b, 'a gzip file (decompress it first: gunzip, or zlib.gunzipSync)'],
  [(bytes) => says(bytes, 0, 'PK\x03\x04'), 'a zip file (unpack it first)'],
  [(bytes) => says(bytes, 257, 'ustar'), 'a tar archive (unpack it first)'],
];

/** What the bytes are wrapped in, for a message; undefined if that is unknown. */
export function wrapping(bytes: Uint8Array): string | undefined {
  return WRAPPINGS.find(([is]) => is(bytes))?.[1];
}
