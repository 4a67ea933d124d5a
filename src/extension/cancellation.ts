/** The editor's way to cancel, in the form that the rest of the code knows. */

import type * as vscode from "vscode";

/** Calls `cancel` when the user asks for it; `dispose` when it does not matter any more. */
export function onCancel(token: vscode.CancellationToken, cancel: () => void): vscode.Disposable {
  if (token.isCancellationRequested) cancel();
  return token.onCancellationRequested(cancel);
}
