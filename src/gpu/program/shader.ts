// Kernels of programs as text: one thread an element, or one workgroup an element, over arrays of known lengths.
import type { GraphNode } from '../../compiler/node.js';
import type { KernelRun } from '../pipelines.js';
import { functionsFor } from '../wgsl/functions.js';

/** Memory that a group needs while it runs: bytes from the start of its scratch. */
export interface Scratch {
  readonly offset: number;
  readonly bytes: number;
}

/** Where the checks of indices leave the position of the first one that is out of range: one word a check. */
export interface Fault {
  readonly fault: FaultText;
}

/** What is wrong if an index is out of range. */
export interface FaultText {
  /** The message, for the position of the index. */
  text(position: number): string;
}

/** Numbers that do not change. */
export interface Words {
  readonly words: Uint32Array<ArrayBuffer>;
}

/** What lies behind a binding: a value, scratch, a check, words. */
export type Slot = GraphNode | Scratch | Fault | Words;

/** The numbers in an array. */
export type ElementType = 'f32' | 'i32' | 'u32';

/** An array that a kernel reads or writes. */
export interface Binding {
  readonly slot: Slot;
  readonly type: ElementType;
  /** Elements. */
  readonly length: number;
  readonly writes: boolean;
}

/** A run of a kernel of a program. */
export type ProgramDispatch = KernelRun<Slot>;

/** Runs in their order, and the bytes of scratch that they share. */
export interface Runs {
  readonly dispatches: readonly ProgramDispatch[];
  readonly scratchBytes: number;
}

/** Threads of a workgroup. */
export const THREADS = 64;

/** Workgroups across: those beyond go on in the next row of workgroups. */
const ACROSS = 32768;

/** A value as an array; `type` if its bits are to be read as others. */
export function reads(node: GraphNode, type: ElementType = node.dtype as ElementType): Binding {
  return { slot: node, type, length: node.size, writes: false };
}

export function writes(node: GraphNode, type: ElementType = node.dtype as ElementType): Binding {
  return { slot: node, type, length: node.size, writes: true };
}

/** Places in the scratch of a group, one behind the other, each aligned as buffers are bound. */
export class ScratchSpace {
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  take(elements: number): Scratch {
    const place = { offset: this.#bytes, bytes: 4 * elements };
    this.#bytes += Math.ceil(place.bytes / 256) * 256;
    return place;
  }
}

export function readsScratch(slot: Scratch, type: ElementType = 'f32'): Binding {
  return { slot, type, length: slot.bytes / 4, writes: false };
}

export function writesScratch(slot: Scratch, type: ElementType = 'f32'): Binding {
  return { slot, type, length: slot.bytes / 4, writes: true };
}

/** Writes the position of an index that is out of range. */
export function faultOf(fault: FaultText): Binding {
  return { slot: { fault }, type: 'u32', length: 1, writes: true };
}

function isFault(slot: Slot): slot is Fault {
  return 'fault' in slot;
}

function declarations(bindings: readonly (Binding | undefined)[]): string {
  return bindings.map((binding, i) => (binding === undefined ? '' : declaration(binding, i))).join('\n');
}

function declaration({ slot, type, length, writes: isWritten }: Binding, i: number): string {
  const element = isFault(slot) ? 'atomic<u32>' : `array<${type}, ${length}>`;
  return `@group(0) @binding(${i}) var<storage, ${isWritten ? 'read_write' : 'read'}> b${i}: ${element};`;
}

/** The parts of a kernel. */
export interface KernelParts {
  /** Arrays, called b0, b1, … in the text. */
  readonly bindings: readonly Binding[];
  /** Declarations of kernels/wgsl that the text uses. */
  readonly needs?: readonly string[];
  /** Declarations of its own. */
  readonly declared?: string;
  readonly body: string;
}

/** A run of a kernel whose entry is `main`; `body` does not count. */
export function shaderOf(
  { bindings, needs = [], declared = '' }: KernelParts,
  main: string,
  groups: readonly [number, number, number],
): ProgramDispatch {
  // A binding that the text does not use is not in the layout of the compiled kernel.
  const used = bindings.map((binding, i) =>
    new RegExp(`\\bb${i}\\b`).test(declared + main) ? binding : undefined,
  );
  const text = `${functionsFor(needs)}\n${declarations(used)}\n${declared}\n${main}`;
  const written = used.flatMap((binding, i) => (binding?.writes ? [i] : []));
  const slots = used.map((binding) => binding?.slot);
  return { kernel: { key: text, source: () => text }, slots, writes: written, groups };
}

/** So many workgroups in rows. */
function inRows(workgroups: number): readonly [number, number, number] {
  return [Math.min(workgroups, ACROSS), Math.ceil(workgroups / ACROSS), 1];
}

/** A kernel with a thread for each of `count` elements, whose number is `e` in the text. */
export function perElement(count: number, parts: KernelParts): ProgramDispatch {
  const main = `@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let e = (group.y * ${ACROSS}u + group.x) * ${THREADS}u + thread;
  if (e >= ${count}u) { return; }
${parts.body}
}
`;
  return shaderOf(parts, main, inRows(Math.ceil(count / THREADS)));
}

/** A kernel with a workgroup for each of `count` elements: `e` is its number, `thread` that of the thread. */
export function perWorkgroup(count: number, parts: KernelParts): ProgramDispatch {
  // Workgroups beyond the last one repeat it: a barrier must be reached by all threads.
  const main = `@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let e = min(group.y * ${ACROSS}u + group.x, ${count - 1}u);
${parts.body}
}
`;
  return shaderOf(parts, main, inRows(count));
}

/** A kernel that gives every element of a value this one; zero by default. */
export function filled(
  out: GraphNode,
  value = `${out.dtype}(0)`,
  needs: readonly string[] = [],
): ProgramDispatch {
  return perElement(out.size, { bindings: [writes(out)], needs, body: `  b0[e] = ${value};` });
}

/** Runs without scratch. */
export function runsOf(...dispatches: readonly ProgramDispatch[]): Runs {
  return { dispatches, scratchBytes: 0 };
}

/**
 * Statements and terms that turn a number into positions on axes, and these into an offset.
 * @param extents of the axes.
 * @param prefix of the names of the positions.
 */
export function positions(number: string, extents: readonly number[], prefix: string): string {
  const lines: string[] = [];
  let rest = number;
  for (let axis = extents.length - 1; axis > 0; axis--) {
    lines.push(`let ${prefix}${axis} = ${rest} % ${extents[axis]}u;`);
    const next = `${prefix}r${axis}`;
    lines.push(`let ${next} = ${rest} / ${extents[axis]}u;`);
    rest = next;
  }
  if (extents.length > 0) lines.push(`let ${prefix}0 = ${rest};`);
  return lines.map((line) => `  ${line}`).join('\n');
}

/** start + Σ position stride, as an expression of type i32; strides may be negative. */
export function offset(strides: readonly number[], prefix: string, start = 0): string {
  const terms = strides.flatMap((stride, axis) => {
    if (stride === 0) return [];
    const position = `i32(${prefix}${axis})`;
    return [stride === 1 ? position : `${position} * (${stride})`];
  });
  return start !== 0 || terms.length === 0 ? [`${start}`, ...terms].join(' + ') : terms.join(' + ');
}
