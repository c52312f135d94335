// Faults in a call: the k-th request for memory finds none, for every k, and what the call leaves behind is measured.
import * as assert from 'uvu/assert';
import { runtime } from '#src/core/runtime.js';
import { close, type Owned, open } from '#src/core/scope-stack.js';
import { compile, matmul, memory, OutOfMemoryError, type Plan, type Tensor, tensor } from '#src/index.js';
import { disposeAll, numbersIn } from './results.js';

/** A call whose allocations fail. */
export interface Faulty {
  /** What fails; its result is disposed of, unless it belongs to a plan. */
  run(): unknown;
  /** Before every run, without faults: makes what it needs afresh. */
  before?(): void;
  /** After every run and the one after it. */
  after?(): void;
  /** The results belong to a plan. */
  keepsResults?: boolean;
}

/** A plan that is made before every run: its first call fails, and then the same plan is right. */
export function firstCall(f: (...xs: Tensor[]) => unknown, args: readonly Tensor[]): Faulty {
  let plan: Plan<typeof f>;
  return {
    before: () => {
      plan = compile(f);
    },
    run: () => plan(...args),
    after: () => plan.dispose(),
    keepsResults: true,
  };
}

/** Every k up to here, unless it is said otherwise; above, every 7th. */
const DENSE = 60;
const STRIDE = 7;

const held = () => [memory().tensors, memory().bytes, runtime().heap.used];

/** How requests fail: one of them, or all from it on, as where memory is really at its end. */
const KINDS = { one: (n: number, k: number) => n === k, 'all from it on': (n: number, k: number) => n >= k };

/** Lets requests fail until the function that is returned is called; it says how many there were. */
function inject(k: number, fails: (n: number, k: number) => boolean): () => number {
  const { heap } = runtime();
  let count = 0;
  heap.allocate = (bytes: number): number =>
    fails(++count, k) ? 0 : Object.getPrototypeOf(heap).allocate.call(heap, bytes);
  return () => {
    // The method of the class shows again.
    delete (heap as { allocate?: unknown }).allocate;
    return count;
  };
}

/** Runs `work` with a heap whose k-th allocation from now on (from 1) finds no room. */
export function withFailingAllocation(k: number, work: () => void): void {
  const end = inject(k, KINDS.one);
  try {
    work();
  } finally {
    end();
  }
}

interface Outcome {
  numbers?: number[];
  error?: unknown;
  /** Requests. */
  count: number;
  /** Tensors and bytes that were left when it had ended and its results were disposed of. */
  left: number[];
}

/** Runs it, with faults if k > 0. Whatever it leaves is noted, and freed. */
async function attempt(
  faulty: Faulty,
  k: number,
  fails: (n: number, k: number) => boolean,
): Promise<Outcome> {
  const made: Owned[] = [];
  const before = held();
  const outcome: Outcome = { count: 0, left: [] };
  const end = inject(k, fails);
  open(made);
  try {
    let result: unknown;
    try {
      const answer = faulty.run();
      // What is synchronous stays so.
      result = typeof (answer as PromiseLike<unknown>)?.then === 'function' ? await answer : answer;
    } finally {
      outcome.count = end();
    }
    outcome.numbers = numbersIn(result);
    if (faulty.keepsResults !== true) disposeAll(result);
  } catch (error) {
    outcome.error = error;
    disposeAll((error as { solution?: unknown }).solution);
  }
  outcome.left = held().map((v, i) => v - before[i]);
  close();
  for (const x of made) x.dispose();
  return outcome;
}

function isProductRight(): boolean {
  const [a, b] = [tensor([[1, 2], [3, 4]]), tensor([[5], [7]])]; // biome-ignore format: a matrix
  const c = matmul(a, b);
  const right = c.data().join() === '19,43';
  for (const x of [a, b, c]) x.dispose();
  return right;
}

function isSame(got: readonly number[] | undefined, want: readonly number[]): boolean {
  if (got?.length !== want.length) return false;
  const size = want.reduce((m, v) => (Number.isFinite(v) ? Math.max(m, Math.abs(v)) : m), 1e-3);
  return got.every((v, i) => Object.is(v, want[i]) || v === want[i] || Math.abs(v - want[i]) <= 1e-9 * size);
}

/**
 * Runs with its k-th allocation failing, for k = 1, 2, … until a run has fewer. Every failure must be an OutOfMemoryError that leaves no
 * more than a run without a fault leaves (its caller's own tensors), after which the heap is as before, a product is right and the next
 * run too. Failures are added to the list; returns how many allocations there are.
 */
export async function failEvery(
  name: string,
  faulty: Faulty,
  failures: string[],
  dense = DENSE,
): Promise<number> {
  const never = () => false;
  const plain = async () => {
    faulty.before?.();
    const outcome = await attempt(faulty, 0, never);
    faulty.after?.();
    return outcome;
  };
  const first = await plain(); // what is made once is made
  if (first.error !== undefined) {
    failures.push(`${name}, without a fault: ${(first.error as Error)?.stack ?? first.error}`);
    return 0;
  }
  const { numbers: want = [], left, count } = await plain();
  const { numbers: again } = await plain();
  if (!isSame(again, want)) failures.push(`${name}: not the same twice, got ${again}, want ${want}`);
  for (const [kind, fails] of Object.entries(KINDS)) {
    let found = 0;
    // A fault may make a run longer, where something is tried in another way.
    for (let k = 1; k <= 2 * count + 10 && found < 2; k += k < dense ? 1 : STRIDE) {
      faulty.before?.();
      const before = held();
      const outcome = await attempt(faulty, k, fails);
      const isOver = outcome.count < k;
      const where = `${name}, allocation ${k} of ${count}${kind === 'one' ? '' : ' and all after it'}`;
      const bad = (text: string) => {
        found++;
        failures.push(`${where}: ${text}`);
      };
      const { error } = outcome;
      if (error !== undefined && !(error instanceof OutOfMemoryError))
        bad(
          `not an OutOfMemoryError: ${(error as Error)?.stack?.split('\n').slice(0, 6).join('\n') ?? error}`,
        );
      // One that is not needed, like the room of a thread, may fail without an error: then the result is right.
      if (error === undefined && !isSame(outcome.numbers, want)) bad(`got ${outcome.numbers}, want ${want}`);
      // A plan that works without its optimizations may be larger; one that fails has nothing.
      const isPlan = faulty.keepsResults === true;
      const most = isPlan && error === undefined ? outcome.left : isPlan && faulty.before ? [0, 0, 0] : left;
      if (outcome.left.some((v, i) => v > most[i])) bad(`leaves ${outcome.left}, at most ${most}`);
      if (faulty.keepsResults !== true && String(held()) !== String(before))
        bad(`the heap was ${before}, is ${held()}`);
      if (!isProductRight()) bad('a product is wrong afterwards');
      const next = await attempt(faulty, 0, never);
      if (!isSame(next.numbers, want))
        bad(`the next call: got ${(next.error as Error)?.stack ?? next.numbers}, want ${want}`);
      faulty.after?.();
      if (isOver) break;
    }
  }
  return count;
}

/** Fails with the first of the failures, and says how many there are. */
export function none(failures: readonly string[], seed: number): void {
  if (failures.length > 0)
    assert.unreachable(`${failures.length}: ${failures.slice(0, 12).join('\n')} [SEED=${seed}]`);
}
