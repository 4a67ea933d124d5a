/** What tests found, as the XML that continuous integration reads (the JUnit form, as Jenkins and GitLab take it). */

import { failureText } from "../lang/tests/failureText.js";
import type { TestedPrompt } from "./testedPrompt.js";

/** One suite for each prompt; times in seconds. */
export function junitReport(prompts: readonly TestedPrompt[]): string {
  const suites = prompts.map(suite).join("");
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="tiller">\n${suites}</testsuites>\n`;
}

function suite({ name, report, problem }: TestedPrompt): string {
  const head = (tests: number, failures: number, errors: number) =>
    `  <testsuite name="${escape(name)}" tests="${tests}" failures="${failures}" errors="${errors}">\n`;
  if (problem !== undefined)
    return `${head(1, 0, 1)}    <testcase classname="${escape(name)}" name="the prompt"><error message="${escape(problem)}"/></testcase>\n  </testsuite>\n`;
  const { tests } = report;
  const cases = tests.map((it) => {
    const open = `    <testcase classname="${escape(name)}" name="${escape(it.name)}" time="${(it.ms / 1000).toFixed(3)}"`;
    if (it.passed) return `${open}/>\n`;
    const [first = ""] = failureText(it);
    return `${open}><failure message="${escape(first)}">${escape(failureText(it).join("\n"))}</failure></testcase>\n`;
  });
  return `${head(tests.length, tests.filter((it) => !it.passed).length, 0)}${cases.join("")}  </testsuite>\n`;
}

/** Characters that XML 1.0 does not know are left out: a model may write them. */
function escape(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("\n", "&#10;");
}
