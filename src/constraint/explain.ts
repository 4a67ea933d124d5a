/** What a constraint says of a text: accepted, or where it goes wrong and what could have stood there. */

import { bytesOf, readableFirst } from "./automaton.js";
import type { Explanation } from "../protocol/constraint.js";
import type { Machine, Situation } from "./machine.js";

const MOST_SHOWN = 12;
/** A way to go on is shown up to this length. */
const LONGEST_SHOWN = 40;
const LONGEST_COMPLETION = 10_000;

export function explain(machine: Machine, text: string): Explanation {
  let situation = machine.begin();
  let position = 0;
  for (const character of text) {
    const next = after(machine, situation, bytesOf(character));
    if (next === machine.dead) break;
    situation = next;
    position += character.length;
  }
  const isRead = position === text.length;
  return {
    verdict: !isRead ? "rejected" : situation.accepts ? "accepted" : "incomplete",
    position,
    ...waysOn(machine, situation),
    mayEnd: situation.accepts,
    completion: decode(shortestEnding(machine, situation)),
  };
}

function after(machine: Machine, from: Situation, bytes: Uint8Array): Situation {
  return bytes.reduce<Situation>((situation, byte) => machine.step(situation, byte), from);
}

function waysOn(machine: Machine, from: Situation): { expected: readonly string[]; more: boolean } {
  const found = new Set<string>();
  for (const byte of readableFirst) {
    let situation = machine.step(from, byte);
    if (situation === machine.dead) continue;
    if (MOST_SHOWN <= found.size) return { expected: [...found], more: true };
    const way = [byte];
    for (let only = onlyByte(machine, situation); only !== undefined && way.length < LONGEST_SHOWN;) {
      way.push(only);
      situation = machine.step(situation, only);
      only = onlyByte(machine, situation);
    }
    const shown = decode(Uint8Array.from(way));
    // The first byte of a character that may go on in many ways is no text.
    if (!shown.includes("\ufffd")) found.add(shown);
  }
  return { expected: [...found], more: false };
}

/** The byte that must come next. */
export function onlyByte(machine: Machine, situation: Situation): number | undefined {
  if (situation.accepts) return undefined;
  let only: number | undefined;
  for (let byte = 0; byte < 256; byte++) {
    if (machine.step(situation, byte) === machine.dead) continue;
    if (only !== undefined) return undefined;
    only = byte;
  }
  return only;
}

/** Throws a plain Error when nothing completes the situation: the machine's promise is broken. */
export function shortestEnding(machine: Machine, from: Situation): Uint8Array {
  const found: number[] = [];
  let situation = from;
  while (!situation.accepts && found.length < LONGEST_COMPLETION) {
    const byte = machine.wayOut(situation);
    found.push(byte);
    situation = machine.step(situation, byte);
  }
  return Uint8Array.from(found);
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
