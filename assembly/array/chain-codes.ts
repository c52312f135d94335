// Instructions of chains.
// An instruction is three words: what it does, the address of its operand, and bytes from row to row of it. The first one loads.
export const LOAD: i32 = 0;
export const ADD: i32 = 1;
export const SUB: i32 = 2;
export const SUB_FROM: i32 = 3;
export const MUL: i32 = 4;
export const DIV: i32 = 5;
export const DIV_INTO: i32 = 6;
export const NEG: i32 = 7;
export const SQUARE: i32 = 8;
export const MUL_ALONG: i32 = 9;
export const ALONG_MUL: i32 = 10;
export const DIV_ALONG: i32 = 11;
export const ALONG_DIV: i32 = 12;
/** Added where the operand is one number for the whole row. */
export const REPEATED: i32 = 16;

export const WORDS: usize = 12;
