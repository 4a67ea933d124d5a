/** The patterns of attention that a prompt can ask for. */

export const attentionPatterns = ["auto", "dense", "streaming", "block-sparse"] as const;
