// Independent states of a system's attractor.
import { checkCount, checkObject } from '../core/check.js';
import { bytesPerElement } from '../core/dtype.js';
import { checkOptions } from '../core/options.js';
import { checkGenerator, type Generator } from '../core/random/generator.js';
import { scope } from '../core/scope.js';
import { sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { concat } from '../ops/concat.js';
import { partsOf, type System, type SystemParts } from './system.js';
import { lastState } from './trajectory.js';

/** Bytes of members that are advanced together: they fit into a processor's cache with what a step makes. */
const PART_BYTES = 1 << 17;

/** Members of a system that are best advanced together. */
export function membersTogether({ stateShape, dtype }: SystemParts): number {
  return Math.max(1, Math.floor(PART_BYTES / Math.max(1, sizeOf(stateShape) * bytesPerElement(dtype))));
}

/**
 * Independent states of the attractor: as many starts of `initial`, each advanced by `steps` intervals.
 * @param options `count`; `steps`: default the system's `spinUpSteps`.
 * @returns [count, ...state].
 * @throws as `spinUp`; ArgumentError for a generator that is none.
 */
export function sample(
  system: System,
  generator: Generator,
  options: { count: number; steps?: number },
): Tensor {
  const name = 'sample';
  const own = partsOf(name, system);
  checkGenerator(name, 'generator', generator);
  checkObject(name, 'options', options);
  checkOptions(name, options, { count: true, steps: true });
  const { count, steps = own.spinUpSteps } = options;
  checkCount(name, 'count', count, 1);
  checkCount(name, 'steps', steps);
  const part = membersTogether(own);
  return scope(() => {
    const parts: Tensor[] = [];
    for (let done = 0; done < count; done += part) {
      parts.push(
        scope(() => lastState(name, own, own.initial(generator, [Math.min(part, count - done)]), steps)),
      );
    }
    return parts.length === 1 ? parts[0] : concat(parts, 0);
  });
}
