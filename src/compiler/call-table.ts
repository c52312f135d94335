// CallTable: finds common subexpressions in constant time.
import { isPlainObject } from '../core/kind.js';
import type { Op } from '../ops/op.js';
import type { Call, GraphNode } from './node.js';

/** Hash consing over the row, the epoch, the ids of the operands and the parameters: a table with linear probing. */
export class CallTable {
  readonly #calls: Call[] = [];
  readonly #hashes: number[] = [];
  /** Hash table of positions in the lists, counted from 1; at most half full. */
  #slots = new Int32Array(256);
  readonly #rows = new Map<Op<unknown>, number>();

  /** An equal call from the table, or a new one from `make`. Parameters that are not plain data equal no others. */
  getOrMake(
    op: Op<unknown>,
    params: unknown,
    inputs: readonly GraphNode[],
    epoch: number,
    make: () => Call,
  ): Call {
    let hash = hashOf(params, mixed(this.#idOf(op), epoch));
    if (hash === undefined) return make();
    for (let i = 0; i < inputs.length; i++) hash = mixed(hash, inputs[i].id);
    const last = this.#slots.length - 1;
    for (let at = hash & last; this.#slots[at] !== 0; at = (at + 1) & last) {
      const found = this.#calls[this.#slots[at] - 1];
      if (this.#hashes[this.#slots[at] - 1] === hash && isSame(found, op, params, inputs, epoch))
        return found;
    }
    const call = make();
    this.#hashes.push(hash);
    this.#calls.push(call);
    if (2 * this.#calls.length > this.#slots.length) this.#grow();
    else this.#enter(this.#calls.length);
    return call;
  }

  #grow(): void {
    this.#slots = new Int32Array(2 * this.#slots.length);
    for (let position = 1; position <= this.#calls.length; position++) this.#enter(position);
  }

  #enter(position: number): void {
    const last = this.#slots.length - 1;
    let at = this.#hashes[position - 1] & last;
    while (this.#slots[at] !== 0) at = (at + 1) & last;
    this.#slots[at] = position;
  }

  #idOf(op: Op<unknown>): number {
    let id = this.#rows.get(op);
    if (id === undefined) {
      id = this.#rows.size;
      this.#rows.set(op, id);
    }
    return id;
  }
}

function isSame(
  call: Call,
  op: Op<unknown>,
  params: unknown,
  inputs: readonly GraphNode[],
  epoch: number,
): boolean {
  if (call.op !== op || call.epoch !== epoch || call.inputs.length !== inputs.length) return false;
  for (let i = 0; i < inputs.length; i++) if (call.inputs[i] !== inputs[i]) return false;
  return sameData(call.params, params);
}

/** One step of a 32-bit hash (the mixing of MurmurHash3). */
function mixed(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const h = hash ^ k;
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

const float = /* @__PURE__ */ new Float64Array(1);
const words = /* @__PURE__ */ new Int32Array(float.buffer);

/**
 * The hash of plain data (numbers, strings, booleans, arrays and plain objects of them); undefined for anything else.
 */
function hashOf(value: unknown, hash: number): number | undefined {
  switch (typeof value) {
    case 'undefined':
      return mixed(hash, 1);
    case 'boolean':
      return mixed(hash, value ? 2 : 3);
    case 'number':
      float[0] = value;
      return mixed(mixed(hash, words[0]), words[1]);
    case 'string': {
      let all = mixed(hash, value.length);
      for (let i = 0; i < value.length; i++) all = mixed(all, value.charCodeAt(i));
      return all;
    }
    case 'object':
      break;
    default:
      return undefined;
  }
  if (value === null) return mixed(hash, 4);
  let all: number | undefined = mixed(hash, 5);
  if (Array.isArray(value)) {
    for (const part of value) {
      all = hashOf(part, all);
      if (all === undefined) return undefined;
    }
    return all;
  }
  if (!isPlainObject(value)) return undefined;
  for (const key in value) {
    const part = value[key];
    // An undefined option counts as absent.
    if (part === undefined) continue;
    all = hashOf(part, hashOf(key, all) as number);
    if (all === undefined) return undefined;
  }
  return all;
}

/** Whether two values are equal as data; the second is plain data. */
function sameData(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b))
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((part, i) => sameData(part, b[i]))
    );
  if (!isPlainObject(a) || !isPlainObject(b)) return false;
  for (const key in a) if (!sameData(a[key], b[key])) return false;
  for (const key in b) if (b[key] !== undefined && a[key] === undefined) return false;
  return true;
}
