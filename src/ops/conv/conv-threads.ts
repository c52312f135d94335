// Splits a convolution over threads: by images, or by output channels if there are fewer images than threads. Every
// part computes its elements as the whole would, so the bits do not depend on the number of threads.
import { threadsFor, withWorkspace } from '../../core/runtime.js';
import { ranges } from '../../core/threads/ranges.js';
import { type ConvExports, conv } from '../../generated/conv.js';

/** Parts of output channels start at multiples of the rows of the register tile. */
const TILE = 4;

type Kernel = `${'conv' | 'winograd'}_${'f64' | 'f32'}`;

/** The arguments of both kernels: operation, counts, geometry, addresses. */
export type Call = Parameters<ConvExports['conv_f64'] | ConvExports['winograd_f64']>;

/** How a call may be split. */
export interface Partition {
  kernel: Kernel;
  /** Bytes of one image of x, of the weights of one output channel, and of one output channel of y. */
  bytes: readonly [image: number, weight: number, out: number];
  /** Parts of images start at multiples of this; 0 if images are summed. */
  images: number;
  /** Whether output channels may be split. */
  outs: boolean;
  multiplyAdds: number;
  /** Bytes of workspace for this many images and output channels. */
  work(images: number, outs: number): number;
  /** Bytes of workspace that the call has already. */
  reserved: number;
}

/** Runs the call, in parts if that is worth it. */
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
      // Kernels that sum into their output clear it first.
      isRepeatable: true,
      args,
    });
  // Fewer images may need more workspace: their rows are cut into more bands.
  return bytes <= cut.reserved ? run(work) : withWorkspace(bytes, 'conv', run);
}
