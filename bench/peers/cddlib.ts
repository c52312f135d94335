// cddlib's command line programs, which take inequalities as text; the time in which one starts and ends is measured beside them.
import { spawnSync } from 'node:child_process';

/** A program of the Debian package libcdd-tools: floats, or exact. */
export type CddProgram = 'cddexec' | 'cddexec_gmp';

/** A x <= 0 as the text of an .ine file. */
function inequalities(A: readonly number[][], program: CddProgram): string {
  const rows = A.map((row) => `0 ${row.map((v) => -v).join(' ')}`);
  const numbers = program === 'cddexec' ? 'real' : 'rational';
  return `H-representation\nbegin\n${A.length} ${A[0].length + 1} ${numbers}\n${rows.join('\n')}\nend\n`;
}

/** What a run took in all, in ms, and the number of generators that it printed (lines count once); NaN where it gave up. */
export interface CddRun {
  ms: number;
  generators: number;
}

/** Generators of {x | A x <= 0}. */
export function runCdd(program: CddProgram, A: readonly number[][]): CddRun {
  const input = inequalities(A, program);
  const start = performance.now();
  const { stdout, error } = spawnSync(program, ['--rep'], {
    ...{ input, encoding: 'utf8', maxBuffer: 2 ** 30 },
  });
  const ms = performance.now() - start;
  if (error !== undefined) throw error;
  // The exit code is 0 as well after "Numerical inconsistency is found".
  return { ms, generators: Number(/V-representation[\s\S]*?begin\s+(\d+)\s/.exec(stdout)?.[1]) };
}

/** What a run takes that has nothing to compute. */
export const idleCdd = (program: CddProgram): number => runCdd(program, [[1, 1]]).ms;

/** Whether there is such a program here. */
export const hasCdd = (program: CddProgram): boolean => spawnSync(program, ['--help']).error === undefined;
