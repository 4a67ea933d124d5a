/** What a key of the front matter is: for checks, completion and hover. */

export type ValueType = "text" | "number" | "flag" | "list" | "object" | "any";

export interface KeyInfo {
  readonly key: string;
  /** What the value may be; several when there are several ways to write it. */
  readonly types: readonly ValueType[];
  readonly doc: string;
  /** In words, for the documentation. */
  readonly default?: string;
  /** What the value may be, when it is one of a few. */
  readonly values?: readonly string[];
  /** Keys below this one, when they are a closed list. */
  readonly children?: readonly KeyInfo[];
  /** Keys below this one that Tiller knows; there may be others. */
  readonly known?: readonly KeyInfo[];
  /** Below this key stand names of the author's own; these are the keys below each. */
  readonly named?: readonly KeyInfo[];
  /** The keys of each item of a list. */
  readonly items?: readonly KeyInfo[];
}
