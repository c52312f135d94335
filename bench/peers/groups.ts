// The comparisons: peers in f32 and f64, two threads with one, and odd sizes with their even neighbours.

import { init } from 'cotangent';
import type { BenchDType } from '../row.js';
import type { Contestant } from './contestant.js';
import { type DuelOptions, type DuelResult, duel } from './duel.js';
import { ours } from './ours.js';

export const f32Sizes = [64, 256, 512, 1000, 1024];
export const f64Sizes = [8, 16, 32, 64, 128, 256, 512, 1024];
const threadSizes = [256, 512, 1024];
/** A size that fits no block, and the nearest multiple of eight. */
const oddSizes = [
  [37, 40],
  [100, 104],
  [250, 256],
  [1000, 1008],
];

export interface Choice {
  version: string;
  options: DuelOptions;
  /** Keep only these sizes. */
  sizes?: readonly number[];
  onResult(result: DuelResult): void;
}

/** Ours against each peer that has the type. */
export async function againstPeers(
  peers: readonly Contestant[],
  dtype: BenchDType,
  choice: Choice,
): Promise<void> {
  for (const n of kept(dtype === 'f32' ? f32Sizes : f64Sizes, choice)) {
    for (const peer of peers.filter((p) => p.dtypes.includes(dtype))) {
      const us = { contestant: ours(choice.version), n };
      choice.onResult(await duel(`${dtype} matmul`, dtype, us, { contestant: peer, n }, choice.options));
    }
  }
}

/** In a separate process: threads need a shared memory, and the other groups are measured without it. */
export async function threadsAgainstOne(choice: Choice): Promise<void> {
  const { threads, threadsReason } = await init({ threads: 2 });
  if (threads < 2) {
    console.error(`Two threads cannot be compared with one: ${threadsReason}.`);
    return;
  }
  for (const dtype of ['f32', 'f64'] as const) {
    for (const n of kept(threadSizes, choice)) {
      const [two, one] = [2, 1].map((count) => ({ contestant: ours(choice.version, count), n }));
      choice.onResult(await duel('two threads against one', dtype, two, one, choice.options));
    }
  }
  await init({ threads: 1 });
}

export async function oddAgainstEven(choice: Choice): Promise<void> {
  for (const dtype of ['f32', 'f64'] as const) {
    for (const [odd, even] of oddSizes.filter(([n]) => !choice.sizes || choice.sizes.includes(n))) {
      const contestant = ours(choice.version);
      const corners = [odd, even].map((n) => ({ contestant, n }));
      choice.onResult(await duel('odd against even size', dtype, corners[0], corners[1], choice.options));
    }
  }
}

function kept(sizes: readonly number[], { sizes: wanted }: Choice): readonly number[] {
  return wanted ? sizes.filter((n) => wanted.includes(n)) : sizes;
}
