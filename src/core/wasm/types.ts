// The types of WebAssembly in the signatures of kernels. To JavaScript all of them are numbers.

/** A number of double precision. */
export type F64 = number;
/** A number of single precision. */
export type F32 = number;
/** A 32-bit integer. */
export type I32 = number;
/** An address in linear memory, or a number of bytes. */
export type Usize = number;
/** True or false; a result is 1 or 0. */
export type Bool = boolean | number;
