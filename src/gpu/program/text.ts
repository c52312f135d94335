// Programs on the GPU as text: for each step its device, and for each unit why it is there, what it moves and what it is expected to take.
import { lineOf } from '../../compiler/print.js';
import { bytesText } from '../../compiler/program-text.js';
import type { GpuExecutable } from './executable.js';

/** The printed program. */
export function gpuProgramText({ graph, groups, units, report, bytes }: GpuExecutable): string {
  const lines = [`plan of ${groups.length} steps on the GPU: ${bytesText(bytes)} held on both devices`];
  for (const node of graph.nodes) if (node.step === undefined) lines.push(`  ${lineOf(node)}`);
  units.forEach(({ device, from, to }, u) => {
    const { reason, bytesIn, bytesOut, predictedMs } = report[u];
    const moves = [bytesIn > 0 && `${bytesText(bytesIn)} in`, bytesOut > 0 && `${bytesText(bytesOut)} out`];
    const what = [reason, ...moves.filter(Boolean), `${predictedMs.toPrecision(2)} ms predicted`].join(', ');
    lines.push(`on the ${device.toUpperCase()} (${what})`);
    for (let t = from; t < to; t++) {
      const { group, runs } = groups[t];
      const kernels =
        runs === undefined ? '' : runs.dispatches.length === 1 ? '' : `  ${runs.dispatches.length} kernels`;
      if (group.steps.length === 1) {
        lines.push(`${t}: ${lineOf(group.steps[0].outputs[0])}${kernels}`);
        continue;
      }
      lines.push(`${t}: ${group.steps.length} fused${kernels}`);
      for (const { outputs } of group.steps) lines.push(`     ${lineOf(outputs[0])}`);
    }
  });
  for (const { outputs, view } of graph.steps)
    if (view !== undefined) lines.push(`view ${lineOf(outputs[0])}`);
  return lines.join('\n');
}
