/**
 * Markers of formal and of informal English. Which ones follows E. Pavlick and J. Tetreault, "An empirical analysis of formality
 * in online communication", TACL 4 (2016), 61-74 (contractions, pronouns, punctuation), and D. Biber, "Variation across speech
 * and writing" (1988; passives, nominalizations); the lists and weights are our own.
 */

import { withStraightApostrophes } from "./englishWords.js";

export interface Formality {
  /** Markers that were found. */
  readonly formal: number;
  readonly informal: number;
  /**
   * From 0 (informal) to 1 (formal), 0.5 without any marker. The share of formal weight, with one marker of each kind added
   * (Laplace's rule of succession), so that a single marker does not decide.
   */
  readonly score: number;
}

interface Marker {
  readonly side: "formal" | "informal";
  /** Half for what the other style has too, only less often. */
  readonly weight: 1 | 0.5;
  readonly pattern: RegExp;
}

const markers: readonly Marker[] = [
  // contractions
  { side: "informal", weight: 1, pattern: /\b[a-z]+(?:n't|'(?:re|ll|ve|m|d)\b)/gi },
  { side: "informal", weight: 1, pattern: /\b(?:it|that|he|she|what|there|here|who|let|how|where|when)'s\b/gi },
  // slang and interjections
  {
    side: "informal",
    weight: 1,
    pattern: anyOf(`
      ain't awesome btw buddy bro bucks bunch cheers cos cuz dude dunno fyi gimme gonna gotta guy guys haha hehe hey hi hiya
      huh kidding kinda lemme lol lots mate nah nope ok okay omg oops ouch pal phew pls pretty_much
      sorta stuff sucks super thanks thx totally tons u ur wanna whatever wow yay yeah yep yo yup a_lot no_way
      check_it_out hang_out by_the_way catch_you see_you see_ya so_much`),
  },
  { side: "informal", weight: 1, pattern: /!/g },
  // Symbols such as © are pictographs too, but no emoji unless they are shown as such.
  { side: "informal", weight: 1, pattern: /\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F/gu },
  { side: "informal", weight: 1, pattern: /(?<!\S)[:;]-?[)(DPp](?!\S)/g },
  // first and second person
  {
    side: "informal",
    weight: 0.5,
    pattern: anyOf("I me my mine myself we us our ours ourselves you your yours yourself yourselves"),
  },
  // connectors
  {
    side: "formal",
    weight: 1,
    pattern: anyOf(`
      accordingly additionally albeit consequently furthermore hence hereby herein heretofore however moreover nevertheless
      nonetheless notwithstanding subsequently thereafter thereby therefore thus whereas whereby whilst as_a_result
      in_accordance_with in_addition in_conclusion in_order_to in_particular on_behalf_of prior_to pursuant_to
      with_regard_to with_respect_to due_to subject_to for_the_purpose_of`),
  },
  // letters
  {
    side: "formal",
    weight: 1,
    pattern: anyOf(`
      please_be_advised please_find please_note we_regret would_be_grateful would_appreciate at_your_earliest_convenience
      dear_sir dear_madam dear_mr dear_ms dear_mrs dear_dr to_whom_it_may_concern yours_sincerely yours_faithfully
      sincerely respectfully kind_regards best_regards regards cordially is_pleased_to should_you herewith enclosed`),
  },
  // words of the written language
  {
    side: "formal",
    weight: 1,
    pattern: anyOf(`
      acquire acquired ascertain assist assistance commence commenced commences constitute constitutes endeavor endeavour
      ensure ensures facilitate facilitates inquire inquiry numerous obtain obtained permit permitted purchase purchased
      regarding request requested require required requires reside shall sufficient sufficiently terminate terminated
      upon utilize utilized utilizes wherein individuals`),
  },
  // passives; "is excited" only looks like one, and "please be advised" is counted above
  {
    side: "formal",
    weight: 1,
    pattern:
      /\b(?:is|are|was|were|be|been|being) (?:[a-z]+ly |not )?(?!advised|excited|thrilled|tired|bored|scared|worried|interested|amazed|married|delighted|pleased|satisfied|surprised|confused|frightened|disappointed|indeed)(?:[a-z]+ed|made|given|taken|shown|seen|written|held|known|found|sent|set|built|done|kept|paid|drawn|chosen|begun|borne|brought|put|told)\b/gi,
  },
  // nominalizations
  { side: "formal", weight: 0.5, pattern: /\b(?!accordance)[a-z]{4,}(?:tion|sion|ment|ance|ence|ity|ness)s?\b/gi },
];

export function measureFormality(text: string): Formality {
  const read = withStraightApostrophes(text).replace(/\s+/gu, " ");
  const found = markers.map((it) => ({ ...it, count: read.match(it.pattern)?.length ?? 0 }));
  const formal = found.filter((it) => it.side === "formal");
  const informal = found.filter((it) => it.side === "informal");
  const formalWeight = sum(formal, (it) => it.count * it.weight);
  const weight = formalWeight + sum(informal, (it) => it.count * it.weight);
  return {
    formal: sum(formal, (it) => it.count),
    informal: sum(informal, (it) => it.count),
    score: (formalWeight + 1) / (weight + 2),
  };
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, it) => total + value(it), 0);
}

/** Any of these words, as wholes; `_` stands for the space inside a phrase. */
function anyOf(words: string): RegExp {
  const longestFirst = words
    .trim()
    .split(/\s+/)
    .sort((a, b) => b.length - a.length);
  return new RegExp(String.raw`\b(?:${longestFirst.join("|").replaceAll("_", " ")})\b(?!')`, "gi");
}
