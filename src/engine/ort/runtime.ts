/** What the native runtime says of itself, for `tiller doctor`. */

import { env, listSupportedBackends } from "onnxruntime-node";

export interface RuntimeFacts {
  readonly version: string;
  /** Where it could run a graph. `bundled`: nothing else needs to be installed for it. */
  readonly backends: readonly { readonly name: string; readonly bundled: boolean }[];
}

export function runtimeFacts(): RuntimeFacts {
  return {
    version: env.versions.node ?? "unknown",
    backends: listSupportedBackends().map(({ name, bundled }) => ({ name, bundled })),
  };
}
