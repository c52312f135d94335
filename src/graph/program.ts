// Turns a graph into an executable: simplifies, lays out and loads it. If any of it fails, everything is freed.
import { cpuExecutor } from './cpu-executable.js';
import { disposeRows, type Executable, type Executor } from './executable.js';
import type { Graph } from './graph.js';
import { layoutOf } from './layout.js';
import { simplify } from './simplify.js';

/** The executable of a recorded graph, which it owns. If it throws, everything is freed, including the graph. */
export function programOf(graph: Graph, executor: Executor = cpuExecutor): Executable {
  let simpler: Graph | undefined;
  try {
    simpler = simplify(graph);
    const executable = executor.load(layoutOf(simpler, executor));
    // Rows of calls that are no longer needed, or were computed ahead.
    const needed = new Set(simpler.steps.map(({ op }) => op));
    disposeRows(graph.steps.filter(({ op }) => op.dispose !== undefined && !needed.has(op)));
    return executable;
  } catch (error) {
    simpler?.dispose();
    disposeRows(graph.steps);
    throw error;
  } finally {
    graph.dispose();
  }
}
