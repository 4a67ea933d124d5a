/** Which of the readings of guidance a prompt is rendered for. */

/**
 * `wanted` is the prompt that is sent. `otherwise` is the second reading of classifier-free guidance: the same without what is
 * emphasised, or with the negative text in its place.
 */
export type Reading = "wanted" | "otherwise";
