/** What a constraint compiles to: a machine that reads bytes and knows which may come next. */

export interface ByteAutomaton {
  readonly start: number;
  /** The state after `byte`, or `DEAD` when no accepted text goes on like that. */
  step(state: number, byte: number): number;
  /** The bytes read so far are a complete text. */
  accepts(state: number): boolean;
  /** Some byte leads on from here. */
  continues(state: number): boolean;
}

/** No accepted text begins like this. */
export const DEAD = -1;
