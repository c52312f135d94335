// The heap against a model: blocks never overlap, are aligned, merge when freed; it grows and refuses as it should.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ALIGNMENT, Heap } from '#src/core/heap.js';
import { growMemory } from '#src/core/runtime.js';
import { property } from '../support/check.js';

const KIB = 1024;

/** A heap over [64 KiB, end) that may grow to `limit`. */
function heapTo(limit: number, end = 128 * KIB): { heap: Heap; end: () => number } {
  let top = end;
  const heap = new Heap(64 * KIB, end, (wanted) => {
    if (wanted <= limit) top = Math.max(top, Math.ceil(wanted / (64 * KIB)) * 64 * KIB);
    return top;
  });
  return { heap, end: () => top };
}

test('random allocations and releases: aligned, disjoint, inside the memory, and all of it comes back', () =>
  property(
    fc.array(
      fc.oneof(
        { weight: 3, arbitrary: fc.integer({ min: 0, max: 40_000 }) },
        { weight: 2, arbitrary: fc.integer({ min: -50, max: -1 }) },
      ),
      {
        maxLength: 200,
      },
    ),
    (steps) => {
      const { heap, end } = heapTo(1024 * KIB);
      const live: { address: number; bytes: number }[] = [];
      for (const step of steps) {
        if (step >= 0) {
          const address = heap.allocate(step);
          if (address === 0) continue;
          assert.is(address % ALIGNMENT, 0);
          assert.ok(address >= 64 * KIB && address + step <= end());
          for (const other of live) {
            assert.ok(
              address + Math.max(step, 1) <= other.address ||
                other.address + Math.max(other.bytes, 1) <= address,
              'overlap',
            );
          }
          live.push({ address, bytes: step });
        } else if (live.length > 0) {
          const [gone] = live.splice(-step % live.length, 1);
          assert.ok(heap.release(gone.address));
        }
      }
      const used = live.reduce(
        (total, { bytes }) => total + Math.max(1, Math.ceil(bytes / ALIGNMENT)) * ALIGNMENT,
        0,
      );
      assert.is(heap.used, used);
      for (const { address } of live) assert.ok(heap.release(address));
      assert.is(heap.used, 0);
      // Everything has merged into one block: the whole memory can be had at once, without growing.
      const whole = end() - 64 * KIB;
      const before = end();
      assert.is(heap.allocate(whole), 64 * KIB);
      assert.is(end(), before);
    },
    300,
  ));

test('an address is given back once', () => {
  const { heap } = heapTo(256 * KIB);
  const address = heap.allocate(100);
  assert.is(heap.sizeOf(address), 128);
  assert.ok(heap.release(address));
  assert.not(heap.release(address));
  assert.not(heap.release(address + 64));
});

test('what does not fit is refused with 0, and changes nothing', () => {
  const { heap } = heapTo(256 * KIB);
  const first = heap.allocate(1000);
  assert.is(heap.allocate(3 * 2 ** 30), 0);
  assert.is(heap.used, 1024);
  assert.ok(heap.allocate(1000) > first);
});

test('a size that is none, or more than there are addresses, is refused and touches nothing', () => {
  const { heap, end } = heapTo(2 ** 32, 2 ** 27);
  // The free block of 128 MB is what 185,400² f64 would be, reckoned modulo 2^38.
  assert.ok(heap.release(heap.allocate(2 ** 26)));
  const first = heap.allocate(1000);
  const sizes = [
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    -1,
    -(2 ** 31),
    185_400 ** 2 * 8,
  ];
  for (let bits = 32; bits <= 53; bits++) sizes.push(2 ** bits, 2 ** bits - 64, 2 ** bits + 64);
  for (const bytes of sizes) {
    if (bytes < 2 ** 32 && bytes > 0) continue;
    assert.is(heap.allocate(bytes), 0, `${bytes} bytes`);
    assert.is(heap.used, 1024);
    assert.is(end(), 2 ** 27);
  }
  const second = heap.allocate(1000);
  assert.is(second, first + 1024);
  assert.ok(heap.release(first) && heap.release(second));
  assert.is(heap.allocate(2 ** 27 - 64 * KIB), 64 * KIB);
});

test('what is released while it is held is not handed out before that is over', () => {
  const { heap } = heapTo(1024 * KIB, 1024 * KIB);
  let isHeld = true;
  const [first, second] = [heap.allocate(1000), heap.allocate(1000)];
  heap.holdWhile(() => isHeld);
  assert.ok(heap.release(first));
  assert.not(heap.release(first));
  assert.is(heap.used, 1024);
  assert.ok(heap.allocate(1000) > second);
  isHeld = false;
  assert.is(heap.allocate(1000), first);
});

test('memory grows by what is wanted and some more, to its maximum and no further', () => {
  const memory = new WebAssembly.Memory({ initial: 2, maximum: 100 });
  const pages = (bytes: number) => bytes / (64 * KIB);
  assert.is(pages(growMemory(memory, 64 * KIB)), 2);
  assert.is(pages(growMemory(memory, 128 * KIB + 1)), 66);
  // Less than the usual growth is left: as much as is wanted.
  assert.is(pages(growMemory(memory, 70 * 64 * KIB - 1)), 70);
  assert.is(pages(growMemory(memory, 101 * 64 * KIB)), 70);
  for (const wanted of [2 ** 32 + 1, 2 ** 53, Number.POSITIVE_INFINITY, Number.NaN])
    assert.is(pages(growMemory(memory, wanted)), 70);
  assert.is(pages(growMemory(memory, 100 * 64 * KIB)), 100);
  assert.is(pages(growMemory(memory, 1)), 100);
});

test('a full memory whose last block is just large enough is not asked to grow', () => {
  const memory = new WebAssembly.Memory({ initial: 320, maximum: 320 });
  const end = memory.buffer.byteLength;
  const heap = new Heap(64 * KIB, end, (wanted) => growMemory(memory, wanted));
  // Of the class of the block, and smaller by pages: the search by classes passes it over.
  const bytes = end - 64 * KIB - 5 * 64 * KIB;
  assert.is(heap.allocate(bytes), 64 * KIB);
});

test('any size fits that the memory could hold, also one just past a size class', () => {
  for (let bytes = 1; bytes < 900 * KIB; bytes = Math.ceil(bytes * 1.037) + 1) {
    const { heap } = heapTo(1024 * KIB);
    assert.is(heap.allocate(bytes), 64 * KIB, `${bytes} bytes`);
    assert.ok(heap.release(64 * KIB));
    assert.is(heap.allocate(bytes), 64 * KIB, `${bytes} bytes again`);
  }
});

test('growth joins the free block at the end', () => {
  const { heap, end } = heapTo(512 * KIB, 128 * KIB);
  const address = heap.allocate(160 * KIB);
  assert.is(address, 64 * KIB);
  assert.is(end(), 256 * KIB);
});

test.run();
