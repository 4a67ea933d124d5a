/** A webview's page as a text. What it shows comes later, as messages: nothing of a prompt is part of it. */

export interface PageParts {
  readonly title: string;
  readonly cspSource: string;
  readonly scriptUri: string;
  readonly styleUri: string;
  /** Random, new for each page: only our own script runs. */
  readonly nonce: string;
  /** Id of the element that the script fills. */
  readonly root: string;
  /** Of the body: where the page stands, `side` or `editor`. */
  readonly place?: string;
  /** It shows pictures of the workspace, and those that a prompt holds (default false). */
  readonly pictures?: boolean;
}

export function pageHtml(parts: PageParts): string {
  const { title, cspSource, scriptUri, styleUri, nonce, root, place = "editor", pictures = false } = parts;
  const images = pictures ? `; img-src ${cspSource} data:` : "";
  const policy = `default-src 'none'; style-src ${cspSource}; script-src 'nonce-${nonce}'${images}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="${styleUri}">
</head>
<body class="${place}">
<div id="${root}"></div>
<script nonce="${nonce}" src="${scriptUri}"></script>
</body>
</html>`;
}
