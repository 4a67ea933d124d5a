/**
 * BM25 (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009): how well texts answer a query, by the words
 * that they share.
 */

const K1 = 1.2;
const B = 0.75;

/** One score for each text, 0 for one that shares no word with the query. */
export function bm25(query: string, texts: readonly string[]): readonly number[] {
  const documents = texts.map(termsOf);
  const meanLength = documents.reduce((sum, it) => sum + it.length, 0) / documents.length;
  const wanted = new Set(termsOf(query));
  const counts = documents.map((it) => countsOf(it, wanted));
  const weights = new Map([...wanted].map((term) => [term, weightOf(term, counts)]));
  return documents.map(({ length }, i) => {
    const norm = K1 * (1 - B + (B * length) / meanLength);
    let score = 0;
    for (const [term, count] of counts[i]!) score += (weights.get(term)! * count * (K1 + 1)) / (count + norm);
    return score;
  });
}

function countsOf(terms: readonly string[], wanted: ReadonlySet<string>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const term of terms) if (wanted.has(term)) counts.set(term, (counts.get(term) ?? 0) + 1);
  return counts;
}

/** Rare words say more. With 1 added inside of the logarithm a word that most texts have is worth little, and never less than nothing. */
function weightOf(term: string, counts: readonly ReadonlyMap<string, number>[]): number {
  const having = counts.filter((it) => it.has(term)).length;
  return Math.log(1 + (counts.length - having + 0.5) / (having + 0.5));
}

/** Scripts that put no spaces between words: each character is a term. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/gu;

/** Words in lower case. */
function termsOf(text: string): readonly string[] {
  return (
    text
      .normalize("NFKC")
      .toLowerCase()
      .replace(unspaced, " $& ")
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  );
}
