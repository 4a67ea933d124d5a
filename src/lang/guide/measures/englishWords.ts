/** English words as dictionaries have them: without punctuation, in lower case, with a straight apostrophe. */

export function englishWords(text: string): readonly string[] {
  return (
    withStraightApostrophes(text)
      .toLowerCase()
      .match(/\p{L}+(?:'\p{L}+)*/gu) ?? []
  );
}

export function withStraightApostrophes(text: string): string {
  return text.replaceAll("’", "'");
}
