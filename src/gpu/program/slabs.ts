// Where values lie on the GPU: in slabs with offsets, as on the CPU. There are a few of them, because one kernel may not read and
// write the same buffer: what a kernel reads lies in other slabs than what it writes.
import { assignOffsets, type Buffer } from '../../compiler/offsets.js';

/** Something that needs memory from one group to another. */
export interface Tenant {
  readonly bytes: number;
  readonly start: number;
  readonly end: number;
}

/** A place in a slab. */
export interface Place {
  readonly slab: number;
  readonly offset: number;
}

/** Places, and the bytes of each slab. */
export interface SlabPlan {
  readonly places: ReadonlyMap<Tenant, Place>;
  readonly slabs: readonly number[];
}

/**
 * Assigns slabs and offsets.
 * @param pairs of tenants that must not share a slab.
 * @param alignment of offsets, in bytes.
 */
export function planSlabs(
  tenants: readonly Tenant[],
  pairs: Iterable<readonly [Tenant, Tenant]>,
  alignment: number,
): SlabPlan {
  const apart = new Map<Tenant, Set<Tenant>>(tenants.map((tenant) => [tenant, new Set()]));
  for (const [a, b] of pairs) {
    apart.get(a)?.add(b);
    apart.get(b)?.add(a);
  }
  const slabOf = new Map<Tenant, number>();
  // In the order of time, each in the first slab in which none of the others is: programs are mostly chains, which take two.
  for (const tenant of [...tenants].sort((a, b) => a.start - b.start)) {
    const taken = new Set([...(apart.get(tenant) ?? [])].map((other) => slabOf.get(other)));
    let slab = 0;
    while (taken.has(slab)) slab++;
    slabOf.set(tenant, slab);
  }
  const places = new Map<Tenant, Place>();
  const count = Math.max(0, ...[...slabOf.values()].map((slab) => slab + 1));
  const slabs = Array.from({ length: count }, (_, slab) => {
    const own = tenants.filter((tenant) => slabOf.get(tenant) === slab);
    const buffers: Buffer[] = own.map(({ bytes, start, end }) => ({
      ...{ start, end, offset: 0 },
      bytes: Math.ceil(Math.max(1, bytes) / alignment) * alignment,
    }));
    const size = assignOffsets(buffers);
    own.forEach((tenant, i) => {
      places.set(tenant, { slab, offset: buffers[i].offset });
    });
    return size;
  });
  return { places, slabs };
}
