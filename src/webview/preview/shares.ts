/** The probabilities of an alternative: before guidance, after it, and after the mask. Plain data, so that a test can read it. */

import type { PreviewAlternative, PreviewToken } from "../../protocol/preview.js";

export interface Share {
  readonly kind: "before" | "after" | "masked";
  /** 0 to 1; undefined: the mask has removed it. */
  readonly share: number | undefined;
}

const names = {
  before: "before guidance",
  after: "after guidance",
  masked: "after the mask",
} as const;

/** One where the model alone decided; more only where guidance or a constraint was at work. */
export function sharesOf(
  token: PreviewToken,
  { probability, unguided, removed }: PreviewAlternative,
): readonly Share[] {
  const masked: Share = {
    kind: "masked",
    share: removed || token.legalMass === undefined ? undefined : Math.min(1, probability / token.legalMass),
  };
  return [
    ...(isGuided(token) ? [{ kind: "before", share: unguided ?? 0 } as const] : []),
    { kind: "after", share: probability },
    ...(token.legalMass === undefined && !token.alternatives.some((it) => it.removed) ? [] : [masked]),
  ];
}

/** What stands above the figures; nothing above one alone. */
export function shareNames(token: PreviewToken): readonly string[] {
  const [first] = token.alternatives;
  const kinds = first === undefined ? [] : sharesOf(token, first).map((it) => it.kind);
  if (kinds.length < 2) return [];
  return kinds.map((it) => (it === "after" && !isGuided(token) ? "the model's" : names[it]));
}

function isGuided({ alternatives }: PreviewToken): boolean {
  return alternatives.some((it) => it.unguided !== undefined);
}
