/** `tiller votes ratings`: what the votes of this folder say of the variants. */

import { TillerError } from "../../base/error.js";
import { ratingNotes, ratingsTable } from "../../compare/report/columns.js";
import { storedRatings } from "../../runner/compare/storedRatings.js";
import { openCompareStore } from "../../runner/store/compareStore.js";
import { defineCommand } from "../command.js";
import { jsonOption, jsonText } from "../jsonOutput.js";
import { plain } from "../terminal.js";
import { textTable } from "../textTable.js";

export const votesRatings = defineCommand({
  name: "votes ratings",
  summary: "Rate the variants that were voted on, with 95 % intervals.",
  operands: "",
  options: {
    prompt: { type: "string", value: "P", help: "Only votes on this prompt, as a path from the current folder." },
    ...jsonOption,
  },
  details: `
Votes are read from .tiller/votes.jsonl of the current folder. Ratings are on Elo's scale: 1000 is the middle, and 400 more are
odds of 10 to 1.`,
  async run({ stdout, stderr, cwd }, { prompt, json }, operands) {
    if (0 < operands.length)
      throw new TillerError("usage", `tiller votes ratings takes no operands; did you mean --prompt ${operands[0]}?`);
    const chosen = prompt === undefined ? {} : { prompt: prompt.replaceAll("\\", "/") };
    const ratings = storedRatings(openCompareStore(cwd), chosen);
    for (const it of ratings.warnings) stderr.write(`warning: ${plain(stderr, it)}\n`);
    if (json) stdout.write(jsonText(stdout, ratings));
    else if (ratings.votes === 0) stderr.write("There are no votes. Compare a prompt in the editor and vote.\n");
    else {
      stdout.write(plain(stdout, textTable(ratingsTable(ratings.variants))));
      for (const it of ratingNotes(ratings)) stdout.write(plain(stdout, `${it}\n`));
    }
    return 0;
  },
});
