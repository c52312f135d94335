// Work cut into parts.

/** [start, length) of each of at most `parts` parts of `extent`, in whole units. */
export function ranges(extent: number, parts: number, unit: number): [start: number, length: number][] {
  const step = Math.ceil(extent / parts / unit) * unit;
  const result: [number, number][] = [];
  for (let start = 0; start < extent; start += step) result.push([start, Math.min(step, extent - start)]);
  return result;
}
