/** A comparison as a text to keep or to send: Markdown, JSON, or one page of HTML. */

import type { ReportFormat } from "../../protocol/compare.js";
import { htmlReport } from "./htmlReport.js";
import { markdownReport } from "./markdownReport.js";
import type { Report } from "./report.js";

export function renderReport(report: Report, format: ReportFormat): string {
  switch (format) {
    case "markdown":
      return markdownReport(report);
    case "html":
      return htmlReport(report);
    case "json":
      return `${JSON.stringify(report, undefined, 2)}\n`;
    default:
      return format satisfies never;
  }
}
