/**
 * What a constraint compiles to: a machine that reads bytes and knows which may come next.
 *
 * All automata here are trimmed: `step` leads only to states from which an accepted text can still be reached, so whoever
 * follows it never gets stuck.
 */

export interface ByteAutomaton {
  readonly start: number;
  /** The state after `byte`, or `DEAD` when no accepted text goes on like that. */
  step(state: number, byte: number): number;
  /** The bytes read so far are a complete text. */
  accepts(state: number): boolean;
  /** Some byte leads on from here. */
  continues(state: number): boolean;
  /** Bytes of a shortest text that leads from here to an accepted one; 0 where it is accepted. */
  shortest(state: number): number;
  /** A byte that begins a shortest text from here, where the automaton knows one without searching. */
  leads?(state: number): number | undefined;
  /** Set where nothing counts but the number of characters still to come, from here, at the border of a character. */
  free?(state: number): Free | undefined;
}

/** Any characters, at least `need` and at most `room` of them, accepted with `tag`. */
export interface Free {
  readonly need: number;
  readonly room: number;
  readonly tag: number;
  /** The characters are written as in a JSON string, which ends with its quote. */
  readonly inJson: boolean;
}

/** No accepted text begins like this. */
export const DEAD = -1;

/** `start` of an automaton that accepts nothing. */
export function isEmpty(automaton: ByteAutomaton): boolean {
  return automaton.start === DEAD;
}

/** All bytes; those that people like to read come first. */
export const readableFirst: readonly number[] = Array.from({ length: 256 }, (_, byte) => byte).sort(
  (a, b) => strangeness(a) - strangeness(b) || a - b,
);

function strangeness(byte: number): number {
  const character = String.fromCharCode(byte);
  return [/[a-z]/, / /, /[0-9A-Z]/, /[!-~]/, /[\t\n\r]/].findIndex((it) => it.test(character)) >>> 0;
}

const encoder = new TextEncoder();

export function bytesOf(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Whether `automaton` accepts exactly this text. */
export function acceptsText(automaton: ByteAutomaton, text: string): boolean {
  let state = automaton.start;
  for (const byte of bytesOf(text)) {
    if (state === DEAD) return false;
    state = automaton.step(state, byte);
  }
  return state !== DEAD && automaton.accepts(state);
}
