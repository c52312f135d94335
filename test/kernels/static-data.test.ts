// The modules share one memory: what each brings along has a range of its own below the heap.
import { readdirSync, readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fused } from '#src/core/wasm/builds.js';

const folder = new URL('../../../src/generated/', import.meta.url);

/** A signed LEB128 number, and where it ends. */
function number(bytes: Uint8Array, at: number): [value: number, end: number] {
  let [value, shift] = [0, 0];
  for (;;) {
    const byte = bytes[at++];
    value |= (byte & 127) << shift;
    shift += 7;
    if (byte < 128) return [shift < 32 && byte & 64 ? value | (-1 << shift) : value, at];
  }
}

/** The same without a sign. */
function count(bytes: Uint8Array, at: number): [value: number, end: number] {
  const [value, end] = number(bytes, at);
  return [value & (end - at < 5 ? (1 << (7 * (end - at))) - 1 : -1), end];
}

/** [from, to) of every active data segment of a binary. */
function segments(bytes: Uint8Array): [number, number][] {
  const found: [number, number][] = [];
  for (let at = 8; at < bytes.length; ) {
    const id = bytes[at];
    let [size, next] = count(bytes, at + 1);
    at = next + size;
    assert.ok(size >= 0 && at <= bytes.length, `a section of ${size} bytes at ${next} of ${bytes.length}`);
    if (id !== 11) continue;
    [size, next] = count(bytes, next);
    for (let i = 0; i < size; i++) {
      assert.is(bytes[next], 0, 'an active segment of memory 0');
      assert.is(bytes[next + 1], 0x41, 'i32.const');
      const [from, afterFrom] = number(bytes, next + 2);
      const [length, start] = count(bytes, afterFrom + 1);
      found.push([from, from + length]);
      next = start + length;
    }
  }
  return found;
}

/** The binary of a module from its text. */
const binaryOf = (text: string) => fused(new Uint8Array(inflateRawSync(Buffer.from(text, 'base64'))));

test('static data of different modules do not meet, and end where the heap begins', () => {
  const ranges: [from: number, to: number, name: string][] = [];
  for (const file of readdirSync(folder)) {
    const texts = [...readFileSync(new URL(file, folder), 'utf8').matchAll(/'([\w+/=]{100,})'/g)];
    const all = texts.flatMap(([, text]) => segments(binaryOf(text)));
    if (all.length > 0)
      ranges.push([Math.min(...all.map(([a]) => a)), Math.max(...all.map(([, b]) => b)), file]);
  }
  assert.ok(ranges.length >= 2, `${ranges.length} modules with data`);
  ranges.sort(([a], [b]) => a - b);
  ranges.forEach(([from, to, name], i) => {
    const [next, , other] = ranges[i + 1] ?? [65536, 0, 'the heap'];
    assert.ok(from >= 1024 && to <= next, `${name}: [${from}, ${to}) meets ${other} at ${next}`);
  });
});

test.run();
