// The library in a browser: a product by threads, where they are allowed, then the digests. The result is the text of the page, as JSON.
import { init, matmul, random, scope } from '#src/index.js';
import { computeDigests } from '../digests/compute.js';

/** What a page reports. */
export interface PageResult {
  agent: string;
  threads: number;
  threadsReason: string | undefined;
  /** Whether the product has the same bits by threads and without. */
  isSame: boolean;
  digests: Record<string, string>;
}

async function run(): Promise<PageResult> {
  const { threads, threadsReason } = await init({
    threads: 2,
    worker: new URL('./worker.js', import.meta.url),
  });
  const a = random(1).normal([300, 300]);
  const both = scope(() => matmul(a, a).toTypedArray());
  await init({ threads: 1 });
  const isSame = scope(() => matmul(a, a).toTypedArray()).every((x, i) => x === both[i]);
  const digests = await computeDigests();
  return { agent: navigator.userAgent, threads, threadsReason, isSame, digests };
}

run().then(
  (result) => {
    document.body.textContent = JSON.stringify(result);
  },
  (error) => {
    document.body.textContent = `error: ${error}\n${error?.stack}`;
  },
);
