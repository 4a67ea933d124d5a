/** Where a run reads prompts and their partials: the disk, or a test's own table. */

export interface PromptFiles {
  /** The text of a prompt. Throws `file-not-found` or `file-unreadable`. */
  read(path: string): string;
  /** The text of the partial `name` of the prompt at `path`, undefined where there is none. Throws `file-unreadable`. */
  partial(path: string, name: string): string | undefined;
  /** The text of the file of shots that the prompt at `path` calls `name`, undefined where there is none. Throws `file-unreadable`. */
  shots(path: string, name: string): string | undefined;
  /**
   * The text of a data file that the prompt at `path` calls `name`: in its folder or below, or anywhere when the caller and not
   * the prompt names it (`isGiven`). Undefined where there is none. Throws `file-unreadable`, also for one that is too large.
   */
  data(path: string, name: string, isGiven: boolean): string | undefined;
  /** The absolute path of a picture that the prompt at `path` calls `name`; found as `data` is. Undefined where there is none. */
  picture(path: string, name: string, isGiven: boolean): string | undefined;
  /**
   * The adapter that the prompt at `path` calls `name`: a path from its folder, or a name in one of the folders, or in one
   * called `adapters` beside the prompt or above it. Undefined where there is none.
   */
  adapter(path: string, name: string, folders: readonly string[]): string | undefined;
  /** The adapters in a folder that the prompt at `path` names. Throws `adapter-not-found` where there are none. */
  adaptersIn(path: string, folder: string): readonly string[];
  /** Whether a path, with the links in it followed, lies in one of the folders. */
  isWithin(path: string, folders: readonly string[]): boolean;
}
