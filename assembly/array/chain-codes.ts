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
/** Added where the operand is one number for the whole row. */
export const REPEATED: i32 = 16;
/** Added where NaN of a value that is 0, or of an operand that is 0, is 0. */
export const VALUE_WINS: i32 = 32;
export const OPERAND_WINS: i32 = 64;

/** The arithmetic of an instruction, with and without REPEATED. */
export const PLAIN: i32 = 31;
export const ARITHMETIC: i32 = 15;

export const WORDS: usize = 12;
