// The XML of test results.

import assert from "node:assert/strict";
import { test } from "node:test";

import { junitReport } from "../../src/cli/junitReport.js";
import type { TestOutcome } from "../../src/protocol/test.js";

const outcome = (name: string, passed: boolean, text: string): TestOutcome => ({
  ...{ name, passed, passRate: 1, ms: 1234 },
  runs: [
    {
      ...{ seed: 0, passed, text, tokens: 1 },
      checks: [{ name: 'contains "a"', passed, result: passed ? "found" : "not found" }],
    },
  ],
});

test("what a model wrote cannot break the XML", () => {
  const tests = [outcome("good", true, "a"), outcome('<"bad">', false, 'x]]>\u0000&<b>"\n\uD800')];
  const xml = junitReport([
    { name: "a.prompt", report: { tests, complete: true } },
    { name: "b.prompt", problem: "It has <errors>." },
  ]);
  assert.equal(
    xml,
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="tiller">
  <testsuite name="a.prompt" tests="2" failures="1" errors="0">
    <testcase classname="a.prompt" name="good" time="1.234"/>
    <testcase classname="a.prompt" name="&lt;&quot;bad&quot;&gt;" time="1.234"><failure message="seed 0: contains &quot;a&quot;: not found">seed 0: contains &quot;a&quot;: not found&#10;  wrote &quot;x]]&gt;\\u0000&amp;&lt;b&gt;\\&quot;\\n\\ud800&quot;</failure></testcase>
  </testsuite>
  <testsuite name="b.prompt" tests="1" failures="0" errors="1">
    <testcase classname="b.prompt" name="the prompt"><error message="It has &lt;errors&gt;."/></testcase>
  </testsuite>
</testsuites>
`,
  );
});
