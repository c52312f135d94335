// The text of WGSL declarations and of what they use.

import { declarations } from '../../generated/wgsl.js';

/**
 * The WGSL text of these declarations of kernels/wgsl and of all that they use, each once, what is used before its user.
 * @example
 * const shader = `${functionsFor(['exp_f32'])}\n…`; // exp_f32(x) may be called
 */
export function functionsFor(names: Iterable<string>): string {
  const texts = new Map<string, string>();
  const visit = (name: string): void => {
    if (texts.has(name)) return;
    const { text, needs } = declarations[name];
    // Its place among the keys is taken again behind those that it needs.
    texts.set(name, text);
    for (const other of needs) visit(other);
    texts.delete(name);
    texts.set(name, text);
  };
  for (const name of names) visit(name);
  return [...texts.values()].join('\n');
}
