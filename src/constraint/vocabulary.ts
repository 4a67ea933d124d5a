/**
 * The tokens of a model as a tree of bytes, so that all tokens that a constraint allows are found in one walk: a branch that
 * the automaton refuses is left out with everything below it.
 */

export interface VocabularySource {
  readonly size: number;
  /** The bytes a token writes; empty for special tokens, which no constraint allows. */
  bytes(id: number): Uint8Array;
  /** Tokens that end a text. */
  readonly ends: readonly number[];
}

export interface Vocabulary {
  readonly size: number;
  readonly ends: readonly number[];
  /** Depth first. `byte[n]` leads to node n; `next[n]` is the first node outside n's branch. */
  readonly byte: Uint8Array;
  readonly next: Int32Array;
  /** Tokens that end at node n are `tokens[firstToken[n]]` up to, not including, `tokens[firstToken[n + 1]]`. */
  readonly firstToken: Int32Array;
  readonly tokens: Int32Array;
  /** The kinds of bytes that lead to the nodes below node n; see `byteKind`. */
  readonly below: Int32Array;
}

/**
 * Bytes in 32 kinds, as a bit. Bytes of one kind are mostly treated alike, lower case letters apart: these are what texts that
 * must not stand somewhere are made of.
 */
export function byteKind(byte: number): number {
  if (0x61 <= byte && byte <= 0x7a) return 1 << (byte - 0x61);
  if (0x80 <= byte) return 1 << 31;
  if (byte === 0x20) return 1 << 30;
  if (0x41 <= byte && byte <= 0x5a) return 1 << 29;
  if (0x30 <= byte && byte <= 0x39) return 1 << 28;
  return byte < 0x20 ? 1 << 27 : 1 << 26;
}

export function createVocabulary(source: VocabularySource): Vocabulary {
  const spellings = Array.from({ length: source.size }, (_, id) => ({ id, bytes: source.bytes(id) }))
    .filter(({ bytes }) => 0 < bytes.length)
    .sort((a, b) => compareBytes(a.bytes, b.bytes));
  const nodeLimit = 1 + spellings.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const byte = new Uint8Array(nodeLimit);
  const next = new Int32Array(nodeLimit);
  const firstToken = new Int32Array(nodeLimit + 1);
  const tokens = Int32Array.from(spellings, ({ id }) => id);

  // Node 0 is the root. `path` holds the nodes of the spelling before, from the root down.
  let count = 1;
  let path = [0];
  let before: Uint8Array = new Uint8Array(0);
  spellings.forEach(({ bytes }, index) => {
    let shared = 0;
    while (shared < bytes.length && shared < before.length && bytes[shared] === before[shared]) shared++;
    for (const node of path.slice(shared + 1)) next[node] = count;
    path = path.slice(0, shared + 1);
    for (let i = shared; i < bytes.length; i++) {
      byte[count] = bytes[i]!;
      firstToken[count] = index;
      path.push(count++);
    }
    // A second token of the same spelling opens no node and joins the range of the first.
    before = bytes;
  });
  for (const node of path) next[node] = count;
  firstToken[0] = 0;
  firstToken[count] = tokens.length;
  return {
    size: source.size,
    ends: source.ends,
    byte: byte.slice(0, count),
    next: next.slice(0, count),
    firstToken: firstToken.slice(0, count + 1),
    tokens,
    below: kindsBelow(byte, next, count),
  };
}

function kindsBelow(byte: Uint8Array, next: Int32Array, count: number): Int32Array {
  const below = new Int32Array(count);
  // Children come after their parent: by the time a node is looked at from behind, it has all of its own.
  for (let node = count - 1; 0 <= node; node--) {
    for (let child = node + 1; child < next[node]!; child = next[child]!)
      below[node]! |= below[child]! | byteKind(byte[child]!);
  }
  return below;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}
