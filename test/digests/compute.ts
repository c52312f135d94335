// The digests of all subjects in the build without fused multiply-add, in whatever engine this runs.
import { init, scope } from '#src/index.js';
import { digestOf } from './digest.js';
import { subjects } from './subjects.js';

/** Digests by the names of the subjects; throws with the names of those that fail. */
export async function computeDigests(): Promise<Record<string, string>> {
  await init({ deterministic: true });
  const digests: Record<string, string> = {};
  const failed: string[] = [];
  for (const [name, make] of subjects) {
    if (name in digests) throw new Error(`two subjects are called ${name}`);
    scope(() => {
      try {
        digests[name] = digestOf(make());
      } catch (error) {
        failed.push(`${name}: ${(error as Error).message}`);
      }
    });
  }
  if (failed.length > 0) throw new Error(failed.join('\n'));
  return digests;
}
