/** Texts that a constraint accepts, to show what it means. */

import { readableFirst } from "./automaton.js";
import { shortestEnding } from "./explain.js";
import type { Machine, Situation } from "./machine.js";

/** After so many bytes an example takes the shortest way to its end. */
const LONGEST = 24;
const MOST_TRIES = 20;

/** Up to `count` different texts, the shortest first. `random` is uniform in [0, 1). */
export function exampleTexts(machine: Machine, count: number, random: () => number): readonly string[] {
  const found = new Set([decode(shortestEnding(machine, machine.begin()))]);
  for (let tries = 0; found.size < count && tries < MOST_TRIES; tries++) found.add(decode(example(machine, random)));
  return [...found];
}

function example(machine: Machine, random: () => number): Uint8Array {
  const bytes: number[] = [];
  let situation = machine.begin();
  while (bytes.length < LONGEST) {
    const ways = readable(machine, situation);
    if (ways.length === 0 || (situation.accepts && random() < 0.3)) break;
    const byte = ways[Math.floor(random() * ways.length)]!;
    bytes.push(byte);
    situation = machine.step(situation, byte);
  }
  return Uint8Array.from([...bytes, ...shortestEnding(machine, situation)]);
}

/** Bytes of one kind, the kind that people like best: else most examples would be punctuation. */
function readable(machine: Machine, situation: Situation): readonly number[] {
  const allowed = readableFirst.filter((byte) => machine.step(situation, byte) !== machine.dead);
  const letters = allowed.filter((byte) => 0x61 <= byte && byte <= 0x7a);
  const digits = allowed.filter((byte) => 0x30 <= byte && byte <= 0x39);
  const ascii = allowed.filter((byte) => 0x20 <= byte && byte < 0x7f);
  return [letters, digits, ascii, allowed].find((it) => 0 < it.length) ?? [];
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
