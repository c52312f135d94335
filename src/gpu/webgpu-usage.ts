// What a buffer is for, in WebGPU: values fixed by the specification, whose global names exist in browsers only.

export const USAGE = {
  mapRead: 0x0001,
  copySource: 0x0004,
  copyTarget: 0x0008,
  uniform: 0x0040,
  storage: 0x0080,
  queryResolve: 0x0200,
} as const;

/** How a buffer is mapped, likewise. */
export const MAP_READ = 0x0001;
