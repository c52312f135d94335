// Results of duels as lines on the terminal and as a Markdown table.

import { milliseconds } from '../columns.js';
import type { DuelResult, Side } from './duel.js';

let group = '';

export function printResult(result: DuelResult): void {
  if (result.group !== group) {
    group = result.group;
    console.log(
      `\n${group}\n${'n'.padStart(5)} type ${'ours'.padStart(24)} ${'against'.padStart(44)}  ratio`,
    );
  }
  const { ours, theirs, dtype } = result;
  const against = `${theirs.name}${theirs.n === ours.n ? '' : `, n = ${theirs.n}`}`;
  console.log(
    `${String(ours.n).padStart(5)} ${dtype}  ${rate(ours).padStart(24)} ${`${against}: ${rate(theirs)}`.padStart(44)}  ${spread(result)}`,
  );
}

function rate(side: Side): string {
  return `${milliseconds(side.medianMs)} ms ${side.gflops.toFixed(1).padStart(6)} GF/s`;
}

function spread({ ratio, ratioLow, ratioHigh }: DuelResult): string {
  return `${ratio.toFixed(2)} (${ratioLow.toFixed(2)} to ${ratioHigh.toFixed(2)})`;
}

export function markdownTable(
  results: readonly DuelResult[],
  machine: Record<string, string | number>,
): string {
  const about = Object.entries(machine).map(([name, value]) => `${name} ${value}`);
  const lines = results.map((result) => {
    const { ours, theirs, dtype, rounds } = result;
    const size = theirs.n === ours.n ? `${ours.n}` : `${ours.n} against ${theirs.n}`;
    const cells = [
      result.group,
      dtype,
      size,
      ours.gflops.toFixed(1),
      `${theirs.name} ${theirs.version}`,
      theirs.gflops.toFixed(1),
    ];
    return `| ${[...cells, spread(result), rounds].join(' | ')} |`;
  });
  return `${about.join(', ')}

| what | dtype | n | ours, GFLOP/s | against | GFLOP/s | ratio (middle half) | rounds |
|---|---|--:|--:|---|--:|--:|--:|
${lines.join('\n')}
`;
}
