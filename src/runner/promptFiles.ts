/** Where a run reads prompts and their partials: the disk, or a test's own table. */

export interface PromptFiles {
  /** The text of a prompt. Throws `file-not-found` or `file-unreadable`. */
  read(path: string): string;
  /** The text of the partial `name` of the prompt at `path`, undefined where there is none. Throws `file-unreadable`. */
  partial(path: string, name: string): string | undefined;
  /** The text of the file of shots that the prompt at `path` calls `name`, undefined where there is none. Throws `file-unreadable`. */
  shots(path: string, name: string): string | undefined;
}
