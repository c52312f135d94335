// Programs as text: the order of the steps, what is fused, and where values lie.
import type { Layout } from './layout.js';
import type { GraphNode } from './node.js';
import { lineOf, nameOf, specText } from './print.js';
import { rootOf } from './views.js';

/** Bytes in a readable unit, such as 1,234 KiB. */
export function bytesText(bytes: number): string {
  if (bytes < 10240) return `${bytes} B`;
  const kilo = bytes / 1024;
  return kilo < 10240 ? `${kilo.toFixed(1)} KiB` : `${(kilo / 1024).toFixed(1)} MiB`;
}

/** The printed program. */
export function programText({ graph, groups, buffers, liveBytes, slabBytes }: Layout): string {
  const where = (node: GraphNode) => {
    const buffer = buffers.of[rootOf(node).id];
    const under = buffers.inPlace[node.id];
    if (buffer === undefined) return '';
    return `  @${buffer.offset}${under === undefined ? '' : ` in place of ${nameOf(under)}`}`;
  };
  const lines = [
    `plan of ${groups.length} steps: ${bytesText(slabBytes)} planned (${bytesText(liveBytes)} live at most), ` +
      `${bytesText(graph.constantBytes)} of constants`,
  ];
  for (const node of graph.nodes) if (node.step === undefined) lines.push(`  ${lineOf(node)}`);
  groups.forEach((group, t) => {
    const scratch = buffers.scratch[t];
    const note = scratch === undefined ? '' : `  scratch ${bytesText(scratch.bytes)} @${scratch.offset}`;
    if (group.layout === undefined) {
      const [step] = group.steps;
      lines.push(`${t}: ${lineOf(step.outputs[0])}${step.outputs.map(where).join('')}${note}`);
      return;
    }
    lines.push(`${t}: ${group.steps.length} fused over [${group.layout.extents.join(', ')}]${note}`);
    const written = new Set(group.written);
    for (const { outputs } of group.steps)
      lines.push(`     ${lineOf(outputs[0])}${written.has(outputs[0]) ? where(outputs[0]) : ''}`);
  });
  const views = graph.steps.filter(({ view }) => view !== undefined);
  for (const { outputs, inputs } of views)
    lines.push(`view ${lineOf(outputs[0])} (${nameOf(rootOf(inputs[0]))})`);
  graph.outputs.forEach((node, i) => {
    const copy = buffers.copies[i];
    const at = copy === undefined ? where(node).trimStart() : `copied to @${copy.offset}`;
    lines.push(`return ${nameOf(node)} : ${specText(node)}  ${at}`);
  });
  return lines.join('\n');
}
