// Patches a kernel binary to import a shared memory. Only the flags of the memory import differ, so one build is
// enough.

const IMPORT_SECTION = 2;
const MEMORY_KIND = 2;
const SHARED = 2;

/** A copy of a kernel binary whose imported memory is declared as shared. */
export function withSharedMemory(binary: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(binary);
  let at = 8;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const section = bytes[at++];
    const size = number();
    if (section !== IMPORT_SECTION) {
      at += size;
      continue;
    }
    for (let count = number(); count > 0; count--) {
      for (let names = 0; names < 2; names++) {
        const length = number();
        at += length;
      }
      if (bytes[at++] === MEMORY_KIND) {
        bytes[at] |= SHARED;
        return bytes;
      }
      // The other imports are functions: a type index.
      number();
    }
  }
  throw new TypeError('withSharedMemory: the binary imports no memory');
}
