/**
 * Memory for weights on their way to a session, in a few large slabs.
 *
 * Allocated one by one, a model's hundreds of weights would lie between the session's own copies in the heap of the process,
 * and freeing them would leave holes that the system never gets back. Large slabs are mapped by themselves and go at once.
 */

const SLAB_BYTES = 64 << 20;
const ALIGNMENT = 64;

export interface WeightStore {
  /** Zeroed memory, aligned for any element type. */
  allocate(byteLength: number): Uint8Array;
  /** The slabs so far, under the names by which `locate` refers to them. */
  slabs(): readonly Slab[];
  /** Where allocated memory lies; undefined for memory that is not from here. */
  locate(bytes: Uint8Array): { readonly slab: string; readonly offset: number } | undefined;
}

export interface Slab {
  readonly name: string;
  readonly data: Uint8Array;
}

export function createWeightStore(): WeightStore {
  const slabs: Slab[] = [];
  let used = SLAB_BYTES;
  return {
    allocate(byteLength) {
      let slab = slabs[slabs.length - 1];
      if (slab === undefined || slab.data.length < used + byteLength) {
        // Pages that are never written take no memory, so the last slab may be too large.
        slab = { name: `weights.${slabs.length}`, data: new Uint8Array(Math.max(SLAB_BYTES, byteLength)) };
        slabs.push(slab);
        used = 0;
      }
      const bytes = slab.data.subarray(used, used + byteLength);
      used = Math.ceil((used + byteLength) / ALIGNMENT) * ALIGNMENT;
      return bytes;
    },
    slabs: () => slabs,
    locate(bytes) {
      const slab = slabs.find((it) => it.data.buffer === bytes.buffer);
      return slab && { slab: slab.name, offset: bytes.byteOffset };
    },
  };
}
