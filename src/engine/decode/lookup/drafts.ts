/**
 * What a text will probably go on with, without asking a model: what stood behind its last tokens where they stood before
 * (prompt lookup decoding). Texts that quote, edit or extract from their prompt do that all the time.
 */

/** An end of fewer tokens stands in too many places to say anything. */
const SHORTEST_END = 2;
/** Ends are told apart up to this length; a longer one is as good. */
export const LONGEST_END = 8;
/** The latest places at which an end is looked for. */
const MOST_PLACES = 8;

export interface Draft {
  readonly ids: readonly number[];
  /** How many of the text's last tokens stood before these, at most `LONGEST_END`. */
  readonly end: number;
}

export interface Drafts {
  add(ids: readonly number[]): void;
  /** At most `most` tokens that may come next, `isToken` all; undefined where the end of the text stood nowhere before. */
  next(most: (end: number) => number): Draft | undefined;
}

/** `isToken`: false for ids that stand for something else than a token, such as a piece of a picture; none is drafted. */
export function createDrafts(isToken: (id: number) => boolean): Drafts {
  const text: number[] = [];
  /** Of each pair of neighbours, the indices behind it, in order. */
  const behind = new Map<string, number[]>();

  function sharedEnd(place: number): number {
    let end = SHORTEST_END;
    while (end < LONGEST_END && end < place && text[place - end - 1] === text[text.length - end - 1]) end++;
    return end;
  }

  /** The longest end, and of equals the latest: what was written last is likelier to be written again. */
  function bestPlace(): { readonly place: number; readonly end: number } | undefined {
    const places = behind.get(pairBefore(text, text.length)) ?? [];
    let best: { readonly place: number; readonly end: number } | undefined;
    // The last one is the end of the text itself.
    for (const place of places.slice(-1 - MOST_PLACES, -1).reverse()) {
      const end = sharedEnd(place);
      if (best === undefined || best.end < end) best = { place, end };
    }
    return best;
  }

  return {
    add(ids) {
      for (const id of ids) {
        text.push(id);
        if (text.length < SHORTEST_END) continue;
        const key = pairBefore(text, text.length);
        const places = behind.get(key);
        if (places === undefined) behind.set(key, [text.length]);
        else places.push(text.length);
      }
    },
    next(most) {
      const best = bestPlace();
      if (best === undefined) return undefined;
      const count = most(best.end);
      const ids: number[] = [];
      while (ids.length < count) {
        const at = best.place + ids.length;
        // Behind the end of the text it goes on with itself: of a list, a table or a loop that is right.
        const id = at < text.length ? text[at]! : ids[at - text.length]!;
        if (!isToken(id)) break;
        ids.push(id);
      }
      return ids.length === 0 ? undefined : { ids, end: best.end };
    },
  };
}

function pairBefore(text: readonly number[], place: number): string {
  return `${text[place - 2]},${text[place - 1]}`;
}
