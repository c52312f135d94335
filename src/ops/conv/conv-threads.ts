// A convolution in parts, one per thread: images, or outs where there are fewer images than threads. Every part computes its elements as
// the whole would, so the bits do not depend on the number of threads.
import { threadsFor, withWorkspace } from '../../core/runtime.js';
import { ranges } from '../../core/threads/ranges.js';
import { type ConvExports, conv } from '../../generated/conv.js';

/** Parts of outs start at multiples of the rows of the register tile. */
const TILE = 4;

type Kernel = `${'conv' | 'winograd'}_${'f64' | 'f32'}`;

/** What both kernels take: what is computed, how many, the geometry, addresses. */
export type Call = Parameters<ConvExports['conv_f64'] | ConvExports['winograd_f64']>;

/** How a call may be cut. */
export interface Partition {
  kernel: Kernel;
  /** Bytes of one image of x, of the weights of one out, and of one out of y. */
  bytes: readonly [image: number, weight: number, out: number];
  /** Parts of images start at multiples of this; 0 where images are summed. */
  images: number;
  /** Whether outs may be parted. */
  outs: boolean;
  multiplyAdds: number;
  /** Bytes of workspace for so many images and outs. */
  work(images: number, outs: number): number;
  /** Bytes that the call brings. */
  reserved: number;
}

/** Runs the call, in parts where that is worth it. */
export function convInParts(cut: Partition, call: Call): void {
  if (!isShared(cut, call)) (conv.exports[cut.kernel] as (...call: Call) => void)(...call);
}

function isShared(
  cut: Partition,
  [form, images, channels, outs, all, geometry, x, w, y, work]: Call,
): boolean {
  const parallel = threadsFor(cut.multiplyAdds);
  if (!parallel) return false;
  const { threads } = parallel.pool;
  const byImages = cut.images > 0 && (images >= threads * cut.images || !cut.outs);
  if (!byImages && !cut.outs) return false;
  const parts = byImages ? ranges(images, threads, cut.images) : ranges(outs, threads, TILE);
  if (parts.length < 2) return false;
  const bytes = parts.reduce(
    (most, [, length]) => Math.max(most, byImages ? cut.work(length, outs) : cut.work(images, length)),
    0,
  );
  const [image, weight, out] = cut.bytes;
  const args = ([start, length]: [number, number], own: number): Call => {
    const counts = byImages ? ([length, channels, outs] as const) : ([images, channels, length] as const);
    const at = byImages
      ? ([x + start * image, w, y + start * all * out] as const)
      : ([x, w + start * weight, y + start * out] as const);
    return [form, ...counts, all, geometry, ...at, own] as Call;
  };
  const run = (first: number): boolean =>
    parallel.run({
      module: conv,
      kernel: cut.kernel,
      parts,
      bytes,
      work: first,
      // What a convolution sums into it clears first.
      isRepeatable: true,
      args,
    });
  // Fewer images may want more: their rows are cut into more bands.
  return bytes <= cut.reserved ? run(work) : withWorkspace(bytes, 'conv', run);
}
