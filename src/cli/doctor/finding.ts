/** What `tiller doctor` finds: one line each. */

import { messageOf } from "../../base/error.js";

export interface Finding {
  readonly name: string;
  /** `failed`: Tiller cannot do its work. `warning`: it can, but worse than it might. */
  readonly status: "ok" | "warning" | "failed";
  /** What was found, and, unless it is well, what to do. */
  readonly detail: string;
}

/** A check that throws has found something: the reason. */
export async function finding(name: string, look: () => Promise<Omit<Finding, "name">>): Promise<Finding> {
  try {
    return { name, ...(await look()) };
  } catch (error) {
    return { name, status: "failed", detail: messageOf(error) };
  }
}
