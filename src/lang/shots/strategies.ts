/** What `tiller.shotSelect` may say: for the table of keys and for its reader. */

export const strategies = ["first", "random", "similar", "tags"] as const;
export const orders = ["asc", "desc", "nearest-last"] as const;
