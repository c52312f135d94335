// Writes safetensors files: 8 bytes with the header's length, a JSON header, and the elements, little-endian,
// row-major.
import { describe } from '../../core/describe.js';
import { bytesPerElement, type DType } from '../../core/dtype.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import type { Tensor } from '../../core/tensor.js';
import type { Tree } from '../../core/tree.js';
import { mapPaths } from './tree-paths.js';

/** Options of `saveSafetensors`. */
export interface SaveSafetensorsOptions {
  /** Text entries for the file's metadata, by name. */
  metadata?: Readonly<Record<string, string>>;
}

const SAVE_SAFETENSORS_OPTIONS: OptionNames<SaveSafetensorsOptions> = { metadata: true };

/** Prefix of the metadata names under which numbers and texts of the tree are stored. */
export const VALUE = 'value:';

const TYPES: Readonly<Record<DType, string>> = { f64: 'F64', f32: 'F32', i32: 'I32' };

/**
 * The bytes of a safetensors file with the tensors of a tree, each named by its path: `0.weight` for the weight of the
 * first layer of a `sequential`. Numbers, texts and booleans of the tree, as in the state of an optimizer, go to the
 * file's metadata.
 * Source: the safetensors format, https://github.com/huggingface/safetensors.
 * @throws ArgumentError for a tree with other values in it, for two leaves with the same path, and for metadata that
 * are not strings.
 * @example
 * await writeFile('model.safetensors', nn.saveSafetensors(params, { metadata: { epochs: '10' } }));
 */
export function saveSafetensors(tree: Tree, options: SaveSafetensorsOptions = {}): Uint8Array {
  const name = 'saveSafetensors';
  checkOptions(name, options, SAVE_SAFETENSORS_OPTIONS);
  const metadata = checkedMetadata(name, options.metadata ?? {});
  const tensors = new Map<string, Tensor>();
  mapPaths(
    name,
    tree,
    (path, leaf) => {
      if (tensors.has(path) || path === '__metadata__')
        throw new ArgumentError(
          `${name}: every tensor must have a name of its own, got ${JSON.stringify(path)} ${path === '__metadata__' ? '(which names the metadata)' : 'twice (keys with points in them)'}`,
        );
      tensors.set(path, leaf);
    },
    (path, value) => {
      if (value === undefined) return;
      metadata[VALUE + path] = textOf(name, path, value);
    },
  );
  // Wider elements first, so that all are aligned to their size.
  const order = [...tensors].sort(([, a], [, b]) => bytesPerElement(b.dtype) - bytesPerElement(a.dtype));
  let end = 0;
  const entries = order.map(([path, { shape, dtype, size }]) => {
    const begin = end;
    end += size * bytesPerElement(dtype);
    return [path, { dtype: TYPES[dtype], shape, data_offsets: [begin, end] }] as const;
  });
  const keeps = Object.keys(metadata).length > 0;
  const header = JSON.stringify(
    Object.fromEntries([...(keeps ? [['__metadata__', metadata] as const] : []), ...entries]),
  );
  const text = new TextEncoder().encode(header);
  const length = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + length + end).fill(0x20, 8, 8 + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(text, 8);
  let at = 8 + length;
  for (const [, leaf] of order) {
    const { buffer, byteOffset, byteLength } = leaf.data();
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return bytes;
}

/** A number, text or boolean as text: JSON, and words for numbers that JSON lacks. */
function textOf(name: string, path: string, value: Tree): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return JSON.stringify(value);
  throw new ArgumentError(
    `${name}: the tree may hold tensors, numbers, texts and booleans, got ${typeof value} at ${JSON.stringify(path)}`,
  );
}

/** Parses the output of `textOf`. */
export function parsed(text: string): Tree {
  const number = Number(text);
  return text === 'NaN' || !Number.isNaN(number) ? number : JSON.parse(text);
}

function checkedMetadata(name: string, metadata: unknown): Record<string, string> {
  if (typeof metadata !== 'object' || metadata === null)
    throw new ArgumentError(`${name}: metadata must be an object of texts, got ${describe(metadata)}`);
  for (const [key, text] of Object.entries(metadata)) {
    if (typeof text !== 'string')
      throw new ArgumentError(
        `${name}: metadata must be texts, got ${describe(text)} for ${JSON.stringify(key)}`,
      );
    if (key.startsWith(VALUE))
      throw new ArgumentError(`${name}: names in metadata must not start with ${VALUE}, got ${key}`);
  }
  return { ...(metadata as Record<string, string>) };
}
