// Patches a kernel binary to import a shared memory. Only the flags of the memory import differ, so one build is
// enough.
import { Cursor } from './cursor.js';

const IMPORT_SECTION = 2;
const MEMORY_KIND = 2;
const SHARED = 2;

/** A copy of a kernel binary whose imported memory is declared as shared. */
export function withSharedMemory(binary: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(binary);
  const cursor = new Cursor(bytes, 8);
  while (cursor.at < bytes.length) {
    const section = bytes[cursor.at++];
    const size = cursor.number();
    if (section !== IMPORT_SECTION) {
      cursor.at += size;
      continue;
    }
    for (let count = cursor.number(); count > 0; count--) {
      for (let names = 0; names < 2; names++) {
        const length = cursor.number();
        cursor.at += length;
      }
      if (bytes[cursor.at++] === MEMORY_KIND) {
        bytes[cursor.at] |= SHARED;
        return bytes;
      }
      // The other imports are functions: a type index.
      cursor.number();
    }
  }
  throw new TypeError('withSharedMemory: the binary imports no memory');
}
