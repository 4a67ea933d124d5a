/** Which inputs a comparison runs on: what was chosen, as far as the file and the disk still have it. */

import type { CompareInputs } from "../../protocol/compare.js";
import type { InputKind } from "../../protocol/compareView.js";
import type { CompareData } from "./compareData.js";

type Choice = Pick<CompareData, "setup" | "content">;

/** A test that is gone leaves the others, and where there are none, the values of the form. */
export function inputKind({ setup: { inputs, test, rows }, content }: Choice): InputKind {
  const tests = content?.tests ?? [];
  switch (inputs) {
    case "values":
      return "values";
    case "rows":
      return rows === undefined ? "values" : "rows";
    case "test":
    case "tests":
      if (tests.length === 0) return "values";
      return inputs === "test" && test !== undefined && tests.includes(test) ? "test" : "tests";
    default:
      return inputs satisfies never;
  }
}

export function chosenInputs(choice: Choice): CompareInputs {
  const { setup, content } = choice;
  const kind = inputKind(choice);
  switch (kind) {
    case "values":
      return {
        ...{ kind: "values", values: content?.values ?? {} },
        ...(setup.reference.trim() !== "" && { reference: setup.reference }),
      };
    case "test":
      return { kind: "tests", names: [setup.test!] };
    case "tests":
      return { kind: "tests" };
    case "rows":
      return { kind: "file", path: setup.rows! };
    default:
      return kind satisfies never;
  }
}

/** Undefined while it is not known. */
export function inputCount(choice: Pick<CompareData, "setup" | "content" | "table">): number | undefined {
  const kind = inputKind(choice);
  if (kind === "tests") return choice.content?.tests.length;
  if (kind === "rows") return choice.table?.rows;
  return 1;
}

/** Texts that one variant writes: a test's input at least as often as its `repeat` says. Undefined while it is not known. */
export function textCount(choice: Pick<CompareData, "setup" | "content" | "table">): number | undefined {
  const { setup, content } = choice;
  const count = inputCount(choice);
  if (count === undefined) return undefined;
  const least = Math.max(setup.repeats, content?.leastRepeats ?? 1);
  const kind = inputKind(choice);
  if (content === undefined || (kind !== "test" && kind !== "tests")) return count * least;
  const chosen = content.tests.flatMap((name, i) => (kind === "tests" || name === setup.test ? [i] : []));
  const repeats = chosen.map((i) => Math.max(least, content.testRepeats[i] ?? 1));
  // Of two tests with one name the first is run.
  return kind === "test" ? (repeats[0] ?? least) : repeats.reduce((sum, it) => sum + it, 0);
}
