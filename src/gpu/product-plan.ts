// Which kernel, or kernels, a product on the GPU takes: by its extents and where its operands lie. Pure: nothing here touches a device.
import type { ProductExtent } from './backend.js';
import { blockOf, type ProductTile } from './wgsl/product.js';
import { GRID, THREADS } from './wgsl/thin-product.js';

/** Pitches are the distances of rows in memory, in elements. */
export interface ProductShape extends ProductExtent {
  readonly pitchA: number;
  readonly pitchB: number;
}

/** The kernel for a product, by the class of its shape. */
export type ProductPlan =
  | { readonly kind: 'tiled'; readonly tile: ProductTile; readonly exact: boolean; readonly vectors: boolean }
  | {
      readonly kind: 'sliced';
      readonly tile: ProductTile;
      readonly exact: boolean;
      readonly vectors: boolean;
      /** Slices of the sum, and the terms of each. */
      readonly slices: number;
      readonly slice: number;
    }
  | {
      readonly kind: 'vector';
      readonly matrix: 'a' | 'b';
      readonly along: 'rows' | 'columns';
      /** The vector is a row in memory, and not a column of a matrix. */
      readonly contiguous: boolean;
    }
  | { readonly kind: 'plain' };

/** The constants by which kernels are chosen. */
export interface ProductTable {
  /** Tiles, the largest first: the first of which a product has so many blocks, enough to keep the device busy. The last one takes all. */
  readonly tiles: readonly { readonly tile: ProductTile; readonly blocks: number }[];
  /** The tile of small results with long sums, which are cut into slices; and the workgroups that keep the device busy. */
  readonly long: ProductTile;
  readonly workgroups: number;
  /** Extents below which a tile would be mostly empty. */
  readonly narrow: number;
  /** Whether the threads of a workgroup add up a row together in products with a vector. */
  readonly teams: boolean;
}

/**
 * Constants for adapters that have not been measured: tiles of 128 x 128 fill large cards, 32 x 32 was the best in f32 in a search over four GPUs, and
 * half of it serves where there are few blocks.
 */
export const DEFAULT_TABLE: ProductTable = {
  tiles: [
    { tile: { threads: [16, 16], rows: 8, cols: 8, depth: 8 }, blocks: 64 },
    { tile: { threads: [8, 8], rows: 4, cols: 4, depth: 8 }, blocks: 16 },
    { tile: { threads: [8, 8], rows: 2, cols: 4, depth: 8 }, blocks: 0 },
  ],
  long: { threads: [8, 8], rows: 1, cols: 4, depth: 16 },
  workgroups: 64,
  narrow: 8,
  teams: true,
};

/** For adapters that run on the CPU: there barriers are dear, and caches do what tiles are for. The best of seventeen on SwiftShader at n = 128 and 256. */
export const SOFTWARE_TABLE: ProductTable = {
  tiles: [{ tile: { threads: [4, 2], rows: 8, cols: 8, depth: 0 }, blocks: 0 }],
  long: { threads: [4, 2], rows: 8, cols: 8, depth: 0 },
  workgroups: 8,
  narrow: 4,
  teams: false,
};

/** Terms of a slice at least. */
const SLICE = 256;

/** Chooses the kernel for a product; no extent is zero. */
export function planProduct(product: ProductShape, table: ProductTable = DEFAULT_TABLE): ProductPlan {
  const { batches, m, n, k, transposeA, transposeB } = product;
  const { narrow, teams } = table;
  if (n === 1 && (teams || transposeA))
    return { kind: 'vector', matrix: 'a', along: transposeA ? 'columns' : 'rows', contiguous: transposeB };
  if (m === 1 && (teams || !transposeB))
    return { kind: 'vector', matrix: 'b', along: transposeB ? 'rows' : 'columns', contiguous: !transposeA };
  if (n < narrow || k < narrow || m < narrow) return { kind: 'plain' };
  const blocks = (tile: ProductTile): number => {
    const [high, wide] = blockOf(tile);
    return batches * Math.ceil(m / high) * Math.ceil(n / wide);
  };
  const { tiles, long, workgroups } = table;
  const at = tiles.findIndex(({ tile, blocks: wanted }) => blocks(tile) >= wanted);
  const slices = Math.min(Math.floor(k / SLICE), Math.floor(workgroups / blocks(long)));
  if (at < tiles.length - 1 || slices < 2) return tiled(product, tiles[at].tile);
  const depth = Math.max(long.depth, 1);
  const slice = depth * Math.ceil(k / slices / depth);
  const { exact, vectors } = tiled(product, long);
  return { kind: 'sliced', tile: long, exact, vectors, slice, slices: Math.ceil(k / slice) };
}

function tiled(
  product: ProductShape,
  tile: ProductTile,
): { kind: 'tiled'; tile: ProductTile; exact: boolean; vectors: boolean } {
  const { m, n, k, transposeA, transposeB, pitchA, pitchB } = product;
  const [high, wide] = blockOf(tile);
  const isDirect = tile.depth === 0;
  const exact = m % high === 0 && n % wide === 0 && (isDirect || k % tile.depth === 0);
  const isFour = (extent: number) => extent % 4 === 0;
  const vectors = !isDirect && [transposeA ? m : k, transposeB ? k : n, n, pitchA, pitchB].every(isFour);
  return { kind: 'tiled', tile, exact, vectors };
}

/** Workgroups of a plan, across, down and deep; undefined where the device allows fewer. */
export function gridOf(
  plan: ProductPlan,
  { batches, m, n }: Pick<ProductShape, 'batches' | 'm' | 'n'>,
): readonly [number, number, number] {
  if (plan.kind === 'tiled' || plan.kind === 'sliced') {
    const [high, wide] = blockOf(plan.tile);
    return [Math.ceil(n / wide), Math.ceil(m / high), batches * (plan.kind === 'sliced' ? plan.slices : 1)];
  }
  const items = m * n;
  const groups = plan.kind === 'vector' && plan.along === 'rows' ? items : Math.ceil(items / THREADS);
  return [Math.min(groups, GRID), Math.ceil(groups / GRID), batches];
}
