/**
 * In which form a chat template takes the content of a message. Most read one text. Those of models with eyes read a list of
 * parts, `{type: "text", text}` and `{type: "image"}`; some read either. Which it is, a template does not say: it is tried.
 */

import type { Tokenizer } from "../tokenizer/tokenizer.js";

/** What a template is given as `content`. */
export type Content = string | readonly ContentPart[];
export type ContentPart = { readonly type: "text"; readonly text: string } | { readonly type: "image" };

export interface ContentForm {
  /** A text as it is. */
  readonly text: boolean;
  /** A list of parts. */
  readonly parts: boolean;
  /** In a list, a picture is written as the model's own token for one. */
  readonly images: boolean;
}

const FIRST = "tillerfirst";
const SECOND = "tillersecond";

/** `render` throws where the template refuses a message of a user with that content. */
export function contentFormOf(
  render: (content: Content) => string,
  tokenizer: Tokenizer,
  imageToken?: string,
): ContentForm {
  const rendered = (content: Content): string => {
    try {
      return render(content);
    } catch {
      return "";
    }
  };
  const part = (text: string): ContentPart => ({ type: "text", text });
  const text = rendered(FIRST).includes(FIRST);
  // One that writes whatever it is given would write the list as JSON.
  const parts = new RegExp(`${FIRST}\\s*${SECOND}`).test(rendered([part(FIRST), part(SECOND)]));
  const between = new RegExp(`${FIRST}([^]*)${SECOND}`).exec(
    parts ? rendered([part(FIRST), { type: "image" }, part(SECOND)]) : "",
  );
  const written = between === null ? [] : tokenizer.splitSpecials(between[1]!.trim());
  return {
    text,
    parts,
    images: imageToken !== undefined && written.join() === String(tokenizer.specials.get(imageToken)),
  };
}

/**
 * `pieces` are the texts before, between and behind the pictures. Where the template has no way to write a picture, `mark` takes
 * its place in the text.
 */
export function contentOf(pieces: readonly string[], { text, parts, images }: ContentForm, mark: string): Content {
  const hasImages = 1 < pieces.length;
  const joined = pieces.join(mark);
  if (!parts || (text && !(hasImages && images))) return joined;
  if (!images) return [{ type: "text", text: joined }];
  const all = pieces.flatMap((it, i): ContentPart[] => [
    ...(i === 0 ? [] : [{ type: "image" } as const]),
    ...(it === "" ? [] : [{ type: "text", text: it } as const]),
  ]);
  return all.length === 0 ? [{ type: "text", text: "" }] : all;
}
