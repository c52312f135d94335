// Why the work stops, and phases of the insertion of a row, at which it goes on.

/** All rows are inserted. */
export const DONE: i32 = 0;
/** More room is needed, for rays or for edges and pairs. */
export const NEEDS_RAYS: i32 = 1;
export const NEEDS_EDGES: i32 = 2;
/** More rays would be held than may be. */
export const LIMIT: i32 = 3;
/** As many rows are inserted as were asked for. */
export const PAUSED: i32 = 4;

/** Rays are cut off and made; edges between rays on the row are found. */
export const CUT: i32 = 0;
export const LINK: i32 = 1;
/** Where the order is not known beforehand: adjacent pairs are found, and rays made of them. */
export const PAIR: i32 = 1;
export const MAKE: i32 = 2;
