// Levels of nested transformations: each transformation that begins inside another is one level further in.
let depth = 0;

/** Whether a function runs inside a transformation, so that tensors from its closure may be traced. */
export function isTransforming(): boolean {
  return depth > 0;
}

/** Runs `f` one level further in. */
export function nested<T>(f: (level: number) => T): T {
  depth++;
  try {
    return f(depth);
  } finally {
    depth--;
  }
}

/** Runs `f` as a continuation of what began at `level`, so that whatever begins inside is further in. */
export function atLevel<T>(level: number, f: () => T): T {
  const before = depth;
  depth = Math.max(depth, level);
  try {
    return f();
  } finally {
    depth = before;
  }
}
