// The kernels of products that a calibration tries, and the table that follows from their times. Pure.

import { DEFAULT_TABLE, type ProductTable, SOFTWARE_TABLE } from '../product-plan.js';
import { blockOf, type ProductTile } from '../wgsl/product.js';

/** Tiles of large and small products, those that cover most of the result first. */
const GPU_TILES: readonly ProductTile[] = [
  { threads: [16, 16], rows: 8, cols: 8, depth: 8 },
  { threads: [16, 16], rows: 8, cols: 8, depth: 16 },
  { threads: [16, 16], rows: 8, cols: 4, depth: 16 },
  { threads: [8, 8], rows: 8, cols: 8, depth: 16 },
  { threads: [16, 16], rows: 4, cols: 4, depth: 16 },
  { threads: [8, 16], rows: 4, cols: 8, depth: 16 },
  { threads: [32, 4], rows: 8, cols: 4, depth: 8 },
  { threads: [8, 8], rows: 4, cols: 4, depth: 8 },
  { threads: [8, 16], rows: 2, cols: 4, depth: 16 },
  { threads: [8, 8], rows: 2, cols: 4, depth: 8 },
];

/** Tiles of small results with long sums. */
const GPU_LONG: readonly ProductTile[] = [
  { threads: [8, 8], rows: 4, cols: 4, depth: 16 },
  { threads: [8, 8], rows: 2, cols: 4, depth: 16 },
  { threads: [8, 8], rows: 1, cols: 4, depth: 16 },
];

const SOFTWARE_TILES: readonly ProductTile[] = [
  { threads: [8, 4], rows: 8, cols: 8, depth: 16 },
  { threads: [4, 4], rows: 8, cols: 8, depth: 0 },
  { threads: [4, 2], rows: 8, cols: 8, depth: 0 },
  { threads: [4, 2], rows: 8, cols: 4, depth: 0 },
  { threads: [4, 4], rows: 4, cols: 4, depth: 0 },
];

export interface Candidates {
  /** The constants where nothing was measured; their tiles are among the candidates. */
  readonly table: ProductTable;
  readonly tiles: readonly ProductTile[];
  readonly long: readonly ProductTile[];
  /** Numbers of workgroups that sums may be cut into. */
  readonly workgroups: readonly number[];
  /** Extents below which a thread makes an element: those that are tried. */
  readonly narrow: readonly number[];
}

/** What is tried on an adapter. */
export function candidatesFor(software: boolean): Candidates {
  return software
    ? {
        ...{ table: SOFTWARE_TABLE, tiles: SOFTWARE_TILES, long: SOFTWARE_TILES.slice(2) },
        ...{ workgroups: [4, 8, 32], narrow: [4, 8, 16] },
      }
    : {
        ...{ table: DEFAULT_TABLE, tiles: GPU_TILES, long: GPU_LONG },
        ...{ workgroups: [32, 64, 128, 256], narrow: [4, 8, 16] },
      };
}

/** The name of a tile, for people: "128 x 128 by 256 threads, 8 terms". */
export function nameOf(tile: ProductTile): string {
  const [high, wide] = blockOf(tile);
  const how = tile.depth === 0 ? 'in registers alone' : `${tile.depth} terms`;
  return `${high} x ${wide} by ${tile.threads[0] * tile.threads[1]} threads, ${how}`;
}

/** Times of one size by tile; a tile that the device refused has none. */
export interface SquareTimes {
  readonly n: number;
  readonly ms: ReadonlyMap<ProductTile, number>;
}

/** What is slower by less than this counts as equal, and the tile of the larger size is kept. */
const CLOSE = 1.03;

/** The fastest tile of each size; from the largest size down a tile is kept while it is about as fast as the fastest. */
export function chosenTiles(times: readonly SquareTimes[]): readonly { n: number; tile: ProductTile }[] {
  const chosen: { n: number; tile: ProductTile }[] = [];
  for (const { n, ms } of [...times].sort((x, y) => y.n - x.n)) {
    const [fastest, least] = [...ms].reduce((x, y) => (y[1] < x[1] ? y : x));
    const last = chosen.at(-1)?.tile;
    const kept = last && ms.get(last);
    chosen.push({ n, tile: last && kept !== undefined && kept <= CLOSE * least ? last : fastest });
  }
  return chosen;
}

/** The tiles of a table: each from the number of blocks that it has at the smallest size for which it was chosen, the last one without limit. */
export function tilesFrom(chosen: readonly { n: number; tile: ProductTile }[]): ProductTable['tiles'] {
  const runs: { tile: ProductTile; blocks: number }[] = [];
  for (const { n, tile } of chosen) {
    const [high, wide] = blockOf(tile);
    const blocks = Math.ceil(n / high) * Math.ceil(n / wide);
    if (runs.at(-1)?.tile === tile) runs.pop();
    runs.push({ tile, blocks });
  }
  return runs.map(({ tile, blocks }, i) => ({ tile, blocks: i === runs.length - 1 ? 0 : blocks }));
}
