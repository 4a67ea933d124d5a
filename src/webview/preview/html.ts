/** The preview's page as a text. What it shows comes later, as messages: nothing of a prompt is part of it. */

export interface PageParts {
  readonly cspSource: string;
  readonly scriptUri: string;
  readonly styleUri: string;
  /** Random, new for each page: only our own script runs. */
  readonly nonce: string;
}

export function previewHtml({ cspSource, scriptUri, styleUri, nonce }: PageParts): string {
  const policy = `default-src 'none'; style-src ${cspSource}; script-src 'nonce-${nonce}'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tiller preview</title>
<link rel="stylesheet" href="${styleUri}">
</head>
<body>
<div id="preview"></div>
<script nonce="${nonce}" src="${scriptUri}"></script>
</body>
</html>`;
}
