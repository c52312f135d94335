// One turn after the other.
import type { Alignment } from './alignment.js';
import { Sequence, type Status } from './sequence.js';
import { endAfter, isDue, rootOf, type SearchSettings } from './settings.js';
import type { TurnSource } from './turn.js';

/** Takes turns until one of the ends is reached, and records errors, which `alignment` of the source's matrix measures. */
export function descend(
  source: TurnSource,
  alignment: Alignment,
  settings: SearchSettings,
): { sequence: Sequence; status: Status } {
  const sequence = new Sequence();
  const root = rootOf(alignment.d);
  let status: Status | undefined;
  for (;;) {
    const n = sequence.length;
    const isMeasured = settings.tolerance > 0 || isDue(settings, n);
    const error = isMeasured ? alignment.distance() / root : Number.POSITIVE_INFINITY;
    if (isDue(settings, n)) sequence.record(error);
    status = endAfter(settings, n, error);
    if (status !== undefined) break;
    const turn = source.next();
    if (turn === undefined) {
      status = 'stalled';
      break;
    }
    sequence.push(turn);
    alignment.change(turn.i);
    alignment.change(turn.j);
    settings.onProgress?.({ factors: n + 1, of: settings.factors });
  }
  sequence.record(alignment.distance() / root);
  return { sequence, status };
}
