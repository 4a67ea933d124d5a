/**
 * Syllables of an English word, guessed from its spelling: groups of vowels, without the e's that are not spoken, and one more
 * where two neighbors are two. The shape is that of Greg Fast's Lingua::EN::Syllable; the rules are our own. A guess is wrong
 * for about one word in twenty ("business", "naked").
 */

/** E's that are not spoken. There is always a vowel before them, which "the" and "red" have not. */
const silent: readonly RegExp[] = [
  /(?<=[aeiouy][^aeiouy]?[^aeiouyl])e(?=(?:ful|fully|ment|ments|ly|less|ness|ty|some|thing|where|fore|times?)$)/g, // careful
  /(?<=[aeiouy].*[^aeiou])(?<![^aeiouy]l)e$/g, // made, not table
  /(?<=[gq])ue$/g, // league
  /(?<=^ev)e(?=ry)/g, // every
  /(?<=[aeiouy].*(?:[^aeiousxzcghl]|[aeiouyl]l|th|gh))e(?=s$)/g, // makes, not houses or tables
  /(?<=[aeiouy].*[^aeioutd])(?<![bcdfgkptz]l|ndr)e(?=d$)/g, // hoped, not wanted, settled or hundred
];

/** Places between two vowels, or before a last m, where one syllable ends and another begins. */
const borders: readonly RegExp[] = [
  /(?<![tcsgxln])i(?=[aou])|(?<=^l)i(?=o)|gi(?=an)/g, // radio, lion, giant; not nation, million
  /(?<![tc])i(?=e(?:t|nt|nc))|(?<=sc)i(?=en)|ci(?=et)/g, // quiet, client, science, society; not friend, patient
  /(?<=[aeiouy].*[^aeiouy])i(?=e(?:r|rs|st)$)/g, // easier, happiest; not pier
  /(?<=[aeiouy].*)e(?=as?$)/g, // idea; not sea
  /cre(?=at(?:e|i|o|$))|^re(?=act|alit)|the(?=at(?:er|re))/g, // create, react, reality, theater
  /(?<!g|p)e(?=o(?!u))|ge(?=o[glm])|e(?=um$)/g, // video, geology, museum; not people, courageous
  /[aeouy](?=ing)/g, // being, trying
  /(?<![gqs])u(?=a|ou|en[ct]|el|id)|su(?=al)/g, // actual, usual, influence, fluid; not language, persuade
  /(?<=[aeo])y(?=[aeou])|^(?:an|evr)y(?=on$)/g, // loyal, anyone
  /po(?=e[tm])|^co(?=o[pr][de])/g, // poet, cooperate
  /[st]h?(?=m$)/g, // criticism, rhythm
];

/** Letters that are read of a word; the longest of the dictionaries has 45. The rules look back and would take long for more. */
const LONGEST_WORD = 45;

/** At least 1, also for what is no English word. */
export function countSyllables(word: string): number {
  const letters = word
    .normalize("NFD")
    .replace(/e\u0301/giu, "a") // always spoken: café, fiancée
    .toLowerCase()
    .replace(/[^a-z]/g, "")
    .slice(0, LONGEST_WORD);
  const spoken = silent.reduce((text, it) => text.replace(it, ""), letters);
  const groups = countMatches(spoken, /[aeiouy]+/g);
  return Math.max(
    1,
    borders.reduce((sum, it) => sum + countMatches(spoken, it), groups),
  );
}

function countMatches(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
