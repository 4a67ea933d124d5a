/** The steering panel's page as a text. What it shows comes later, as messages: nothing of a prompt is part of it. */

import type { PageParts } from "../preview/html.js";

export function steeringHtml({ cspSource, scriptUri, styleUri, nonce }: PageParts): string {
  const policy = `default-src 'none'; style-src ${cspSource}; script-src 'nonce-${nonce}'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tiller steering</title>
<link rel="stylesheet" href="${styleUri}">
</head>
<body>
<div id="steering"></div>
<script nonce="${nonce}" src="${scriptUri}"></script>
</body>
</html>`;
}
