/** What `{{media url=...}}` names: the bytes themselves, or a file. Nothing is ever fetched. */

export type MediaUrl =
  /** `base64` is the file. */
  | { readonly kind: "bytes"; readonly base64: string }
  /** A path as it is written: from the prompt's folder, unless it is absolute. */
  | { readonly kind: "file"; readonly name: string }
  /** In words for the prompt's user, without a full stop. */
  | { readonly kind: "problem"; readonly problem: string };

/** What the endings of pictures say that a model may be shown. */
export const pictureEndings = [".png", ".jpg", ".jpeg", ".webp"] as const;

const pictureTypes = ["image/png", "image/jpeg", "image/webp"];

/** `contentType` as the prompt gives it; a data URL has one of its own. */
export function readMediaUrl(url: string, contentType?: string): MediaUrl {
  if (url === "") return wrong("the url is empty; name a picture, as in {{media url=photo}}");
  const data = /^data:([^,;]*)((?:;[^,;]*)*),(.*)$/is.exec(url);
  if (data !== null) return dataUrl(data[1]!, data[2]!, data[3]!);
  if (contentType !== undefined && !isPictureType(contentType))
    return wrong(`it is ${contentType}, and models here read pictures: PNG, JPEG or WebP`);
  // One letter is a drive.
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme === "file") return fileOf(pathOf(url), contentType);
  if (scheme !== undefined)
    return wrong("nothing is fetched from elsewhere; save the picture beside the prompt and name its file");
  return fileOf(url, contentType);
}

/** Whether the ending is that of a picture. */
export function isPicture(name: string): boolean {
  return pictureEndings.some((it) => name.toLowerCase().endsWith(it));
}

function dataUrl(type: string, parameters: string, content: string): MediaUrl {
  if (!isPictureType(type)) return wrong(`it is ${type || "text"}, and models here read pictures: PNG, JPEG or WebP`);
  if (!/;base64$/i.test(parameters)) return wrong("a picture in a data URL is written in base64");
  const base64 = content.replace(/\s+/g, "");
  return /^[A-Za-z0-9+/]+={0,2}$/.test(base64) ? { kind: "bytes", base64 } : wrong("its base64 is broken");
}

function isPictureType(type: string): boolean {
  return pictureTypes.includes(type.trim().toLowerCase());
}

/** A prompt is no way to read any other file into a model. */
function fileOf(name: string | undefined, contentType: string | undefined): MediaUrl {
  if (name === undefined) return wrong("the file URL is broken");
  if (isPicture(name) || contentType !== undefined) return { kind: "file", name };
  return wrong(`the name of a picture ends in ${pictureEndings.join(", ")}`);
}

/** `file:///a/b` and `file:///C:/b`; undefined for what is none. */
function pathOf(url: string): string | undefined {
  const path = /^file:(?:\/\/(?:localhost)?(?=\/))?(\/(?!\/)[^?#]*)/i.exec(url)?.[1];
  try {
    return path === undefined ? undefined : decodeURIComponent(path).replace(/^\/(?=[a-z]:)/i, "");
  } catch {
    return undefined;
  }
}

function wrong(problem: string): MediaUrl {
  return { kind: "problem", problem };
}
