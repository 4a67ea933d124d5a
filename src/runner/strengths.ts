/** Strengths as a user writes them: `0:4:0.5` is from 0 to 4 in steps of 0.5; single ones are `1,1.5,2`; both can be mixed. */

import { TillerError } from "../base/error.js";

/** More runs than this are a mistake of the step. */
const MOST = 64;

/** Ascending, each once. Throws `usage` with `option`, the name of what was given. */
export function parseStrengths(given: string, option = "--strength"): readonly number[] {
  const all = given.split(",").flatMap((part) => partOf(part.trim(), given, option));
  return [...new Set(all)].sort((a, b) => a - b);
}

function partOf(part: string, given: string, option: string): readonly number[] {
  const refuse = (reason: string) => new TillerError("usage", `${option} is ${reason}, not "${given}".`);
  const numbers = part.split(":").map((it) => (it.trim() === "" ? NaN : Number(it)));
  if (!numbers.every(Number.isFinite)) throw refuse("FROM:TO:STEP or numbers with commas, as in 0:4:0.5 or 1,1.5,2");
  const [from, to, step] = numbers;
  if (numbers.length === 1) return [from!];
  if (numbers.length !== 3) throw refuse("FROM:TO:STEP, as in 0:4:0.5");
  if (step! <= 0 || to! < from!) throw refuse("FROM:TO:STEP with a step above 0 and TO not below FROM");
  // What rounding takes from the last step is not missed: 0:1:0.1 ends at 1.
  const steps = Math.floor((to! - from!) / step! + 1e-9);
  if (MOST <= steps) throw refuse(`at most ${MOST} strengths`);
  return Array.from({ length: steps + 1 }, (_, i) => Number((from! + i * step!).toPrecision(12)));
}
