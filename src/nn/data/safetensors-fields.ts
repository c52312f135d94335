// Fields that a safetensors header has twice, which JSON.parse would pass over: readers of the format refuse such a file.

/** A text, or a sign of JSON's structure. */
const TOKEN = /"(?:[^"\\]+|\\.)*"|[{}[\]:]/g;
const FIELDS = ['dtype', 'shape', 'data_offsets'];

/**
 * The first field that is there twice in a text that is valid JSON: __metadata__, or one of dtype, shape and data_offsets
 * of a tensor; undefined if there is none. Of two tensors of the same name the last counts, as for the format's own
 * reader.
 */
export function fieldTwice(text: string): string | undefined {
  /** Per enclosing object its fields so far; undefined for an array. */
  const around: (Set<string> | undefined)[] = [];
  /** The key in the outermost object that is being read. */
  let outer = '';
  let last = '';
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{') around.push(new Set());
    else if (token === '[') around.push(undefined);
    else if (token === '}' || token === ']') around.pop();
    else if (token !== ':') last = token;
    else {
      const key: string = JSON.parse(last);
      const depth = around.length;
      if (depth === 1) outer = key;
      const counts = depth === 1 ? key === '__metadata__' : depth === 2 && FIELDS.includes(key);
      if (!counts || (depth === 2 && outer === '__metadata__')) continue;
      const fields = around[depth - 1];
      if (fields?.has(key)) return depth === 1 ? key : `${key} of ${outer}`;
      fields?.add(key);
    }
  }
  return undefined;
}
