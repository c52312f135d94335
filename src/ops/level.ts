// Levels: transformations nest, and each that begins inside another is one level further in.
let depth = 0;

/** Whether a function runs inside a transformation, so that what it closes over may be followed. */
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

/** Runs `f`, which continues what began at `level`, so that what begins inside is further in than that. */
export function atLevel<T>(level: number, f: () => T): T {
  const before = depth;
  depth = Math.max(depth, level);
  try {
    return f();
  } finally {
    depth = before;
  }
}
