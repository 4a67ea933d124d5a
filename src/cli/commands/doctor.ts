/** `tiller doctor`: what works on this machine, what does not, and why. */

import { TillerError } from "../../base/error.js";
import { defineCommand } from "../command.js";
import { finding, type Finding } from "../doctor/finding.js";
import { coresFinding, memoryFinding, nodeFinding } from "../doctor/machine.js";
import { jsonOption, jsonText } from "../jsonOutput.js";
import { embeddedModelPath } from "../modelFiles.js";
import { plain, styled, type Output, type Style, type Terminal } from "../terminal.js";

export const doctor = defineCommand({
  name: "doctor",
  summary: "Check what works on this machine, and say why the rest does not.",
  operands: "",
  options: jsonOption,
  async run(terminal, options, operands) {
    if (0 < operands.length) throw new TillerError("usage", `tiller doctor takes no "${operands[0]}".`);
    const { stdout } = terminal;
    const findings: Finding[] = [
      { name: "node", ...nodeFinding(process.versions.node) },
      { name: "memory", ...memoryFinding() },
      { name: "cores", ...coresFinding() },
    ];
    if (!options.json) findings.forEach((it) => stdout.write(line(stdout, it)));
    const ofEngine = await engineFindings(terminal);
    if (!options.json) ofEngine.forEach((it) => stdout.write(line(stdout, it)));
    const all = [...findings, ...ofEngine];
    const ok = all.every((it) => it.status !== "failed");
    if (options.json) stdout.write(jsonText(stdout, { ok, checks: all }));
    return ok ? 0 : 1;
  },
});

/** When the native code does not load, nothing after it can be looked at. */
async function engineFindings(terminal: Terminal): Promise<readonly Finding[]> {
  try {
    const { engineFindings: look } = await import("../doctor/engine.js");
    return await look({ path: embeddedModelPath(terminal) }, terminal.signal);
  } catch (error) {
    const failed = await finding("onnxruntime", async () => {
      throw error;
    });
    return [failed];
  }
}

const marks: Record<Finding["status"], readonly [string, Style]> = {
  ok: ["ok", "green"],
  warning: ["warning", "yellow"],
  failed: ["failed", "red"],
};

function line(output: Output, { name, status, detail }: Finding): string {
  const [mark, style] = marks[status];
  return `${styled(output, style, mark.padEnd(9))}${name.padEnd(16)}${plain(output, detail)}\n`;
}
