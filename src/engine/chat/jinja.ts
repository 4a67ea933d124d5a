/**
 * Runs a chat template. Templates come with model files, from anywhere: one may do a bounded amount of work, so that none can
 * hang the process or fill its memory. It sees what it is given and the date, nothing else.
 */

import * as jinja from "@huggingface/jinja";

import { formatDate } from "./formatDate.js";

/** The parts of the package that its own types name but cannot find: they leave out the ".js" that Node asks for. */
interface JinjaParts {
  readonly Environment: new () => { set(name: string, value: unknown): unknown };
  readonly Interpreter: new (environment: unknown) => {
    run(program: unknown): { readonly value: unknown };
    evaluate(statement: unknown, environment: unknown): { readonly value: unknown };
  };
  tokenize(source: string, options: { readonly lstrip_blocks: boolean; readonly trim_blocks: boolean }): unknown;
  parse(tokens: unknown): unknown;
}

const { Environment, Interpreter, parse, tokenize } = jinja as unknown as JinjaParts;

/** Throws plain errors: the template's own, and those of templates that are broken or do too much. */
export function renderJinja(source: string, variables: Readonly<Record<string, unknown>>, inputLength: number): string {
  const environment = new Environment();
  for (const [name, value] of Object.entries({ ...globals(), ...variables })) environment.set(name, value);
  const longest = LENGTH_AT_LEAST + LENGTH_PER_CHARACTER * inputLength;
  const interpreter = new BoundedInterpreter(environment, WORK_AT_LEAST + WORK_PER_CHARACTER * inputLength, longest);
  const text = interpreter.run(parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true }))).value;
  if (typeof text !== "string") throw new Error("the template gives no text");
  if (longest < text.length) throw new Error("the template writes too much");
  return text;
}

/**
 * A step is one expression. A template of today's models takes some hundred steps a message; a million take about a second.
 * The limits grow with what the user wrote, so that no honest conversation meets them.
 */
const WORK_AT_LEAST = 1_000_000;
const WORK_PER_CHARACTER = 50;
/** Handling long values takes time too: so many characters or items count as one step. */
const LENGTH_PER_STEP = 32;
const LENGTH_AT_LEAST = 1_000_000;
const LENGTH_PER_CHARACTER = 16;
const LONGEST_RANGE = 100_000;
/** Far from the end of the stack: near it the package takes variables for undefined. */
const DEEPEST_NESTING = 400;

class BoundedInterpreter extends Interpreter {
  #work: number;
  #depth = 0;
  readonly #longest: number;

  constructor(environment: unknown, work: number, longest: number) {
    super(environment);
    this.#work = work;
    this.#longest = longest;
  }

  override evaluate(statement: unknown, environment: unknown): { readonly value: unknown } {
    this.#spend(1);
    if (DEEPEST_NESTING < this.#depth) throw new Error("the template calls itself too often");
    this.#depth++;
    try {
      const result = super.evaluate(statement, environment);
      this.#spendOn(result.value);
      return result;
    } finally {
      this.#depth--;
    }
  }

  #spendOn(value: unknown): void {
    const length = typeof value === "string" || Array.isArray(value) ? value.length : 0;
    if (this.#longest < length) throw new Error("the template writes too much");
    this.#spend(length / LENGTH_PER_STEP);
  }

  #spend(steps: number): void {
    this.#work -= steps;
    if (this.#work < 0) throw new Error("the template takes too long");
  }
}

/** What Jinja itself and the chat templates of transformers count on. */
function globals(): Record<string, unknown> {
  return {
    true: true,
    True: true,
    false: false,
    False: false,
    none: null,
    None: null,
    range,
    strftime_now: (format: string) => formatDate(new Date(), format),
    raise_exception: (message: unknown) => {
      throw new Error(String(message));
    },
  };
}

function range(first: number, second?: number, step = 1): number[] {
  const [start, stop] = second === undefined ? [0, first] : [first, second];
  const count = Math.max(0, Math.ceil((stop - start) / step));
  if (!Number.isFinite(count)) throw new Error("range() needs whole numbers and a step that is not 0");
  if (LONGEST_RANGE < count) throw new Error("the template takes too long");
  return Array.from({ length: count }, (_, i) => start + i * step);
}
