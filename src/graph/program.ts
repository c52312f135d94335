// Programs: a graph is simplified, laid out and loaded. What has been made is freed if any of it fails.
import { cpuExecutor } from './cpu-executable.js';
import { disposeRows, type Executable, type Executor } from './executable.js';
import type { Graph } from './graph.js';
import { layoutOf } from './layout.js';
import { simplify } from './simplify.js';

/** The executable of a recorded graph, which goes with it. When it throws, everything is freed, the graph too. */
export function programOf(graph: Graph, executor: Executor = cpuExecutor): Executable {
  let simpler: Graph | undefined;
  try {
    simpler = simplify(graph);
    const executable = executor.load(layoutOf(simpler, executor));
    // Rows of calls that are not needed any more, or have been computed ahead.
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
