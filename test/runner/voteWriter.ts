// A process that votes: FOLDER NAME COUNT. It prints the id of each vote when it counts.

import { writeSync } from "node:fs";

import { openCompareStore } from "../../src/runner/store/compareStore.js";
import { vote } from "../compare/votes.js";

const [folder, name, count] = process.argv.slice(2) as [string, string, string];
const store = openCompareStore(folder);
for (let i = 0; i < Number(count); i++) {
  const id = `${name}${i}`;
  store.addVote(vote("a", "b", "left", { id }));
  writeSync(1, `${id}\n`);
}
