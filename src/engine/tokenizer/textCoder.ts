/** What a kind of tokenizer does for plain text; special tokens are found before it is asked. */

export interface TextCoder {
  /** The tokens of a text that stands alone or after a special token. Any text: lone surrogates count as U+FFFD. */
  encode(text: string): number[];
  /** What a token writes, by its spelling in the file. */
  bytes(token: string, type: number): Uint8Array;
  /** Whether a text begins with the start token when the file does not say. */
  readonly startsWithBos: boolean;
  /** `encode` puts a space in front of every text, so a decoded text begins with one that was not there. */
  readonly addsSpacePrefix: boolean;
}
