// Reads safetensors files; everything in the header is checked against the file before it is used.
import { type FileBytes, readBytes } from '../../core/bytes.js';
import { type DType, dtypeOf, typedArray } from '../../core/dtype.js';
import { ArgumentError, DTypeError, ShapeError } from '../../core/errors.js';
import { checkOptions } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import { checkShape, type Shape, sameShape, show, sizeOf } from '../../core/shape.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { isPlain, type Tree } from '../../core/tree.js';
import { wrapping } from './file-bytes.js';
import { parsed, VALUE } from './safetensors.js';
import { fieldTwice } from './safetensors-fields.js';
import { SOURCES } from './safetensors-types.js';
import { mapPaths } from './tree-paths.js';

/** The contents of a safetensors file. */
export interface Safetensors {
  /** By name, in the order of the file's header. */
  tensors: Record<string, Tensor>;
  metadata: Record<string, string>;
  /** The names of tensors that have no dtype here, such as F8_E4M3, and why; the others are in `tensors`. */
  skipped: Record<string, string>;
}

/** The same in the structure of a tree. */
export interface SafetensorsTree<T> {
  tree: T;
  metadata: Record<string, string>;
}

/** A tensor of a file; offsets count from the end of the header. */
interface Entry {
  name: string;
  type: string;
  shape: Shape;
  begin: number;
  end: number;
}

/** The size limit of the format. */
const LARGEST_HEADER = 100_000_000;

/**
 * Reads the tensors of a safetensors file. F64, F32 and I32 keep their type; F16 and BF16 become f32; BOOL, U8, I8,
 * U16, I16 and, if their values fit, U32, I64 and U64 become i32, else f64 where they are exact. Tensors of any other
 * type do not keep the rest from being read: they are listed in `skipped`.
 * @param options `like`: a tree, such as `model.init` returns, that gives the structure of the result. Names, shapes
 * and kinds of types must match; floating-point numbers are converted to the dtypes of `like`.
 * @returns { tensors, metadata, skipped }, or with `like` { tree, metadata }; the caller owns the tensors.
 * @throws ArgumentError for a truncated, inconsistent or different file, one with the same field twice, and for names
 * that are missing or not in `like`; ShapeError, DTypeError for tensors that do not match, or that `like` asks for and
 * that have no dtype here.
 * @example
 * const { tree: params } = nn.loadSafetensors(await readFile('model.safetensors'), { like: model.init(random(0), [784])
 * });
 */
export function loadSafetensors(bytes: FileBytes): Safetensors;
export function loadSafetensors<T>(bytes: FileBytes, options: { like: T }): SafetensorsTree<T>;
export function loadSafetensors(
  bytes: FileBytes,
  options: { like?: Tree } = {},
): Safetensors | SafetensorsTree<Tree> {
  const name = 'loadSafetensors';
  checkOptions(name, options, { like: true });
  const file = readBytes(name, bytes);
  const { entries, metadata, start } = headerOf(file);
  const own: Record<string, string> = {};
  const values = new Map<string, string>();
  for (const [key, text] of Object.entries(metadata)) {
    if (key.startsWith(VALUE)) values.set(key.slice(VALUE.length), text);
    else own[key] = text;
  }
  const read = (entry: Entry, dtype?: DType) => elementsOf(file, start, entry, dtype);
  return scope(() => {
    if (options.like === undefined) {
      const [tensors, skipped]: [[string, Tensor][], [string, string][]] = [[], []];
      for (const entry of entries) {
        try {
          tensors.push([entry.name, read(entry)]);
        } catch (error) {
          if (!(error instanceof DTypeError)) throw error;
          skipped.push([entry.name, error.message.replace(/^\w+: /, '')]);
        }
      }
      return {
        tensors: Object.fromEntries(tensors),
        metadata: own,
        skipped: Object.fromEntries(skipped),
      };
    }
    const left = new Map(entries.map((entry) => [entry.name, entry]));
    const tree = mapPaths(
      name,
      options.like,
      (path, leaf) => {
        const entry = left.get(path);
        if (entry === undefined)
          throw new ArgumentError(
            `${name}: like has ${JSON.stringify(path)}, the file has ${[...left.keys()].join(', ') || 'nothing more'}`,
          );
        left.delete(path);
        return read(alike(entry, leaf), leaf.dtype);
      },
      (path, value) => {
        const text = values.get(path);
        if (text === undefined) return value;
        try {
          return parsed(text);
        } catch {
          throw new ArgumentError(`${name}: the value of ${JSON.stringify(path)} cannot be read: ${text}`);
        }
      },
    );
    if (left.size > 0)
      throw new ArgumentError(
        `${name}: the file has tensors that like has not: ${[...left.keys()].join(', ')}`,
      );
    return { tree, metadata: own };
  });
}

/** The entry, after checking its tensor against the one of `like`. */
function alike(entry: Entry, leaf: Tensor): Entry {
  if (!sameShape(entry.shape, leaf.shape))
    throw new ShapeError(
      `loadSafetensors: ${entry.name} must be ${show(leaf.shape)} as in like, got ${show(entry.shape)}`,
    );
  if ((SOURCES.get(entry.type)?.dtype === 'i32') !== (leaf.dtype === 'i32'))
    throw new DTypeError(
      `loadSafetensors: ${entry.name} must be ${leaf.dtype} as in like, got ${entry.type} (load without like, then astype)`,
    );
  return entry;
}

/** The tensor of an entry. */
function elementsOf(file: Uint8Array, start: number, entry: Entry, wanted?: DType): Tensor {
  const source = SOURCES.get(entry.type);
  if (source === undefined)
    throw new DTypeError(
      `loadSafetensors: elements must be of ${[...SOURCES.keys()].join(', ')}, got ${entry.type} for ${entry.name}`,
    );
  // A copy, because elements in other writers' files need not be aligned.
  const copy = new Uint8Array(file.subarray(start + entry.begin, start + entry.end));
  const elements =
    source.read?.(copy, `${entry.name} (${entry.type})`) ??
    typedArray(source.dtype, copy.buffer, 0, sizeOf(entry.shape));
  const own = source.dtype === 'i32' ? (dtypeOf(elements) ?? 'i32') : source.dtype;
  const dtype = wanted ?? own;
  if (dtype === 'i32' && own !== 'i32')
    throw new DTypeError(`loadSafetensors: ${entry.name} must be i32 as in like, got integers beyond it`);
  const result = allocate(entry.shape, dtype, 'loadSafetensors');
  result.data().set(elements);
  return result;
}

/** The header, after checking that its entries cover the file without holes or overlaps. */
function headerOf(file: Uint8Array): { entries: Entry[]; metadata: Record<string, string>; start: number } {
  const wrong = (what: string) => {
    // Check for other kinds of files only now: a valid header length may by chance look like one of them.
    const packed = wrapping(file);
    return new ArgumentError(
      `loadSafetensors: bytes must be a safetensors file; ${packed === undefined ? what : `got ${packed}`}`,
    );
  };
  if (file.length < 8) throw wrong(`got ${file.length} bytes, 8 wanted for the header's length`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > LARGEST_HEADER)
    throw wrong(`got a header of ${length} bytes, at most ${LARGEST_HEADER} are allowed`);
  const start = 8 + Number(length);
  if (start > file.length)
    throw wrong(`the file is truncated: ${file.length} bytes, ${start} wanted for the header`);
  let header: unknown;
  let twice: string | undefined;
  try {
    // A copy, since decoders refuse shared memory; a byte-order mark is no JSON.
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      new Uint8Array(file.subarray(8, start)),
    );
    header = JSON.parse(text);
    twice = fieldTwice(text);
  } catch (error) {
    throw wrong(`its header is no JSON: ${(error as Error).message}`);
  }
  if (!isPlain(header)) throw wrong('its header is no object');
  if (twice !== undefined) throw wrong(`its header has ${twice} twice`);
  const { __metadata__: own, ...rest } = header;
  const metadata = own ?? {};
  if (!isPlain(metadata) || Object.values(metadata).some((text) => typeof text !== 'string'))
    throw wrong('its __metadata__ are not texts by name');
  const entries = Object.entries(rest).map(([name, entry]) => entryOf(name, entry, wrong));
  let at = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at)
      throw wrong(
        `${name} starts at ${begin}, ${at} wanted (tensors must follow each other without holes or overlaps)`,
      );
    at = end;
  }
  if (start + at !== file.length) {
    const what = start + at > file.length ? 'the file is truncated' : 'there is more than the header says';
    throw wrong(`${what}: ${file.length} bytes, ${start + at} wanted`);
  }
  return { entries, metadata: metadata as Record<string, string>, start };
}

function entryOf(name: string, entry: unknown, wrong: (what: string) => Error): Entry {
  const { dtype: type, shape, data_offsets: offsets } = isPlain(entry) ? entry : {};
  const counts = (list: unknown): list is number[] =>
    Array.isArray(list) && list.every((n) => Number.isSafeInteger(n) && n >= 0);
  if (typeof type !== 'string' || !counts(shape) || !counts(offsets) || offsets.length !== 2)
    throw wrong(`${name} must have dtype, shape and two data_offsets, got ${JSON.stringify(entry)}`);
  const [begin, end] = offsets;
  const width = SOURCES.get(type)?.width;
  const checked = checkShape('loadSafetensors', shape);
  if (begin > end || (width !== undefined && end - begin !== sizeOf(checked) * width))
    throw wrong(`${name}, ${type} ${show(checked)}, does not fit from ${begin} to ${end}`);
  return { name, type, shape: checked, begin, end };
}
