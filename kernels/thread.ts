// What gpu.js gives a kernel as `this`: the place of its output in the grid.

export interface KernelThis {
  readonly thread: { readonly x: number; readonly y: number; readonly z: number };
}

/** Four adjacent outputs of one thread: `Array(4)` to gpu.js, a vec4 on the device. */
export type Four = [number, number, number, number];
