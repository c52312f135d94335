// Groups of elementwise operations as one kernel: a thread computes one element of every value of the group.
import type { GraphNode } from '../../compiler/node.js';
import type { KernelGroup } from '../../compiler/schedule.js';
import { broadcastStrides, mergeAxes, sameShape } from '../../core/shape.js';
import type { Op } from '../../ops/op.js';
import { constantOf, type Expression, expressionOf } from '../wgsl/expressions.js';
import { type Binding, offset, perElement, positions, type Runs, reads, runsOf, writes } from './shader.js';

/** An elementwise call: `name` is that of the row whose expression it computes. */
export interface ElementwiseStep {
  readonly name: string;
  readonly inputs: readonly GraphNode[];
  readonly output: GraphNode;
}

/** The expression of a step, or undefined if it has none on the GPU. */
export function expressionOfStep({ name, inputs }: ElementwiseStep): Expression | undefined {
  return expressionOf(
    name,
    inputs.map(({ dtype }) => dtype),
  );
}

/**
 * The number that a value has in every run; undefined for tensors, and for what is read at every run. A zero of f32 is read, too: compilers take
 * x 0 for 0, and x + 0 for x, which NaN, infinities and -0 are exceptions to.
 */
function numberOf({ known, size, dtype }: GraphNode): number | undefined {
  if (known === undefined || size !== 1) return undefined;
  const [value] = known.data();
  return value === 0 && dtype === 'f32' ? undefined : value;
}

/** Arrays that a kernel of these steps binds. */
export function arraysOf(steps: readonly ElementwiseStep[], written: readonly GraphNode[]): number {
  return readBy(steps).length + written.length;
}

/** What steps read and do not compute, without numbers. */
function readBy(steps: readonly ElementwiseStep[]): GraphNode[] {
  const computed = new Set(steps.map(({ output }) => output));
  const read = new Set<GraphNode>();
  for (const { inputs } of steps)
    for (const input of inputs) if (!computed.has(input) && numberOf(input) === undefined) read.add(input);
  return [...read];
}

/**
 * One kernel for steps of one shape, in their order.
 * @param written the values that are kept.
 */
export function elementwiseRuns(
  steps: readonly ElementwiseStep[],
  written: readonly GraphNode[],
): Runs | undefined {
  const expressions = steps.map(expressionOfStep);
  if (expressions.some((expression) => expression === undefined)) return undefined;
  const { shape, size } = steps[0].output;
  const read = readBy(steps);
  const spread = read.filter((node) => !sameShape(node.shape, shape) && node.size > 1);
  const layout = mergeAxes(
    shape,
    spread.map((node) => broadcastStrides(node.shape, shape)),
  );
  const bindings: Binding[] = [...read.map((node) => reads(node)), ...written.map((node) => writes(node))];
  const names = new Map<GraphNode, string>();
  const needs = new Set<string>();
  const lines = spread.length > 0 ? [positions('e', layout.extents, 'i')] : [];
  const define = (node: GraphNode, text: string) => {
    const name = `v${names.size}`;
    lines.push(`  let ${name} = ${text};`);
    names.set(node, name);
    return name;
  };
  read.forEach((node, i) => {
    const strides = layout.strides[spread.indexOf(node)];
    const at = node.size === 1 ? '0' : strides === undefined ? 'e' : offset(strides, 'i');
    define(node, `b${i}[${at}]`);
  });
  const nameOf = (node: GraphNode): string => {
    const known = names.get(node);
    if (known !== undefined) return known;
    const constant = constantOf(numberOf(node) as number, node.dtype as 'f32' | 'i32');
    for (const name of constant.needs) needs.add(name);
    return define(node, constant.text());
  };
  steps.forEach(({ inputs, output }, i) => {
    const expression = expressions[i] as Expression;
    for (const name of expression.needs) needs.add(name);
    const value = define(output, expression.text(...inputs.map(nameOf)));
    const at = written.indexOf(output);
    if (at >= 0) lines.push(`  b${read.length + at}[e] = ${value};`);
  });
  const dispatch = perElement(size, { bindings, needs: [...needs], body: lines.join('\n') });
  return runsOf(dispatch);
}

/** The steps of a group, if all of them are elementwise rows of the table. */
export function elementwiseSteps(
  { steps }: KernelGroup,
  rows: ReadonlySet<Op<never>>,
): ElementwiseStep[] | undefined {
  if (!steps.every(({ op, outputs }) => op.elementwise !== undefined && outputs.length === 1 && rows.has(op)))
    return undefined;
  return steps.map(({ op, inputs, outputs: [output] }) => ({ name: op.name, inputs, output }));
}
