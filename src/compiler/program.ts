// Turns a graph into an executable: simplifies, lays out and loads it. If any of it fails, everything is freed.
import { cpuExecutor } from './cpu-executable.js';
import type { Executable, Executor } from './executable.js';
import type { Graph } from './graph.js';
import { layoutOf } from './layout.js';
import { simplify } from './simplify.js';

/** The executable of a recorded graph, which it owns. If it throws, everything is freed, including the graph. */
export function programOf(graph: Graph, executor: Executor = cpuExecutor): Executable {
  let simpler: Graph | undefined;
  try {
    simpler = simplify(graph);
    return executor.load(layoutOf(simpler, executor));
  } catch (error) {
    simpler?.dispose();
    throw error;
  } finally {
    graph.dispose();
  }
}
