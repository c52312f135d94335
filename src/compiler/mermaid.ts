// Graphs as flow charts (https://mermaid.js.org/syntax/flowchart.html).
import { show } from '../core/shape.js';
import type { Graph } from './graph.js';
import type { GraphNode } from './node.js';
import { constantText, inputNames, outputNames, paramsText, specText } from './print.js';

/** Colours that are readable on white and on black. */
const CLASSES = [
  'classDef input fill:#dbeafe,stroke:#1d4ed8,color:#111827',
  'classDef constant fill:#f3f4f6,stroke:#6b7280,color:#111827,stroke-dasharray:4 3',
  'classDef operation fill:#ffffff,stroke:#111827,color:#111827',
  'classDef output fill:#dcfce7,stroke:#15803d,color:#111827',
];

/** The flow chart: rounded inputs, dashed constants, boxes for operations, double frames for outputs. */
export function mermaidOf(graph: Graph): string {
  const lines: string[] = [];
  const names = inputNames(graph);
  graph.inputs.forEach((node, i) => {
    lines.push(`n${node.id}(["${escaped(label(names[i], node))}"]):::input`);
  });
  for (const node of graph.nodes) {
    if (node.kind === 'constant') {
      lines.push(`n${node.id}["${escaped(constantText(node) || specText(node))}"]:::constant`);
    }
    if (node.step !== undefined && node.output === 0) {
      const { op, params, inputs, outputs } = node.step;
      const first = outputs[0];
      const text = [label(op.name, first), paramsText(params)].filter(Boolean).join('\n');
      lines.push(`${anchor(first)}["${escaped(text)}"]:::operation`);
      for (const input of inputs) lines.push(`${arrow(input)} ${anchor(first)}`);
    }
  }
  const results = outputNames(graph);
  graph.outputs.forEach((node, i) => {
    lines.push(`y${i}[["${escaped(results[i])}"]]:::output`, `${arrow(node)} y${i}`);
  });
  return ['flowchart TD', ...lines.map((line) => `  ${line}`), ...CLASSES.map((line) => `  ${line}`)].join(
    '\n',
  );
}

/** The box that computes a value. */
function anchor(node: GraphNode): string {
  return `n${(node.step?.outputs[0] ?? node).id}`;
}

/** An arrow out of a value's box; if the box has several values, the arrow carries the position. */
function arrow(node: GraphNode): string {
  const several = (node.step?.outputs.length ?? 0) > 1;
  return several ? `${anchor(node)} -->|${node.output}|` : `${anchor(node)} -->`;
}

/** A name, and the shape unless it is a scalar. */
function label(name: string, { shape, dtype }: GraphNode): string {
  return shape.length === 0 ? name : `${name}\n${dtype === 'f64' ? '' : `${dtype} `}${show(shape)}`;
}

function escaped(text: string): string {
  return text
    .replace(/&/g, '#amp;')
    .replace(/"/g, '#quot;')
    .replace(/</g, '#lt;')
    .replace(/>/g, '#gt;')
    .replace(/\n/g, '<br/>');
}
