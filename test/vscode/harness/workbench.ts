/** The workbench as a person uses it: keyboard, mouse and eyes. UI scripts speak to this and not to the page. */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";

import { processesBelow } from "./processTree.js";
import type { Server, Settings } from "./server.js";
import { themes, type ThemeName } from "./themes.js";

export interface WorkbenchOptions {
  readonly page: Page;
  readonly server: Server;
  /** The temporary workspace on disk. */
  readonly workspace: string;
  readonly screenshotFolder: string;
  /** A script runs in the first one; every screenshot is taken in all. At least one. */
  readonly themes: readonly ThemeName[];
  /** A page that shows the same workspace in a second VS Code. */
  readonly openWindow: () => Promise<Page>;
}

export class Workbench {
  readonly page: Page;
  readonly workspace: string;
  readonly #options: WorkbenchOptions;
  #settings: Settings = {};
  #theme: ThemeName | undefined;

  constructor(options: WorkbenchOptions) {
    this.#options = options;
    this.page = options.page;
    this.workspace = options.workspace;
  }

  /** Waits until the workbench can be used, in the first theme and with nothing open. */
  async ready(): Promise<void> {
    await this.page.locator(".monaco-workbench .part.statusbar").waitFor({ timeout: 60_000 });
    await this.page.waitForFunction("window.driver?.whenWorkbenchRestored?.().then(() => true)", undefined, {
      timeout: 60_000,
    });
    await this.#showTheme(this.#options.themes[0]!);
  }

  /** The same workspace in a second VS Code, with an extension host and an engine of its own. */
  async secondWindow(): Promise<Workbench> {
    const window = new Workbench({ ...this.#options, page: await this.#options.openWindow() });
    await window.ready();
    return window;
  }

  /** The second window, when it is no longer needed. */
  async close(): Promise<void> {
    await this.page.context().close();
  }

  /** Ids of the processes of this VS Code whose command line has the text, oldest first. */
  processes(text: string): readonly number[] {
    return processesBelow(this.#options.server.pid, text);
  }

  /** User settings for what follows; those of an earlier call are gone. */
  async use(settings: Settings): Promise<void> {
    this.#settings = settings;
    await this.#options.server.writeSettings({ ...settings, "workbench.colorTheme": themes[this.#theme!] });
  }

  /** Runs a command by its full title in the command palette, without dots at its end. */
  async runCommand(title: string): Promise<void> {
    // What was used lately stands first, and may have the title's words in another order.
    await this.#quickPick("F1", `>${title}`, "");
    const labels = async (rows: string) => {
      const found = await this.page.locator(`.quick-input-widget ${rows} .label-name`).allInnerTexts();
      return found.map((it) => plain(it).replace(/\.\.\.$/, ""));
    };
    await this.until(
      `the command "${title}"`,
      () => labels(".monaco-list-row"),
      (it) => it.includes(title),
    );
    for (let row = 0; row < 12 && (await labels(".monaco-list-row.focused"))[0] !== title; row++)
      await this.page.keyboard.press("ArrowDown");
    await this.#accept(`>${title}`);
  }

  /** The titles that the command palette offers for a text. */
  async commandsFor(text: string): Promise<readonly string[]> {
    await this.#quickPick("F1", `>${text}`, text);
    // Only rows that can be seen are drawn, and the first page down goes no further than their end.
    const titles = new Set<string>();
    for (let without = 0; without < 3;) {
      const before = titles.size;
      const drawn = await this.page.locator(".quick-input-list .monaco-list-row .label-name").allInnerTexts();
      for (const it of drawn) titles.add(plain(it));
      without = before < titles.size ? 0 : without + 1;
      await this.page.keyboard.press("PageDown");
      await this.page.waitForTimeout(100);
    }
    await this.page.keyboard.press("Escape");
    return [...titles];
  }

  async openFile(path: string): Promise<void> {
    const name = path.split("/").at(-1)!;
    await this.#findFile(path, name);
    await this.#accept(path);
    await this.tab(name).waitFor();
    await this.page.locator(".editor-group-container.active .monaco-editor.focused").waitFor();
  }

  /** Closes all editors, and saves nothing. */
  async closeEverything(): Promise<void> {
    await this.page.keyboard.press("Escape");
    await this.runCommand("View: Close All Editors");
    const dialog = this.page.locator(".monaco-dialog-box").getByRole("button", { name: "Don't Save" });
    const empty = this.page.locator(".editor-group-container.empty");
    await dialog.or(empty).first().waitFor();
    if (await dialog.isVisible()) await dialog.click();
    await empty.first().waitFor();
  }

  tab(name: string): Locator {
    return this.page.locator(".tabs-container .tab", { hasText: name });
  }

  /** The editor in the group that has the focus or, with a name, in the group that shows that file. */
  editor(name?: string): Locator {
    const group = this.page.locator(".editor-group-container");
    const shown =
      name === undefined ? this.page.locator(".editor-group-container.active") : group.filter({ has: this.tab(name) });
    return shown.locator(".editor-instance .monaco-editor").first();
  }

  /**
   * The text that is drawn at the moment: a long document is longer, and a long line may be more than one. Nothing while
   * the file is not shown.
   */
  async visibleText(name?: string): Promise<string> {
    const lines = this.editor(name).locator(".view-lines .view-line");
    const drawn = await lines.evaluateAll((elements: unknown) =>
      (elements as Drawn[]).map((it) => [Number.parseFloat(it.style.top), it.textContent] as const),
    );
    return drawn
      .sort(([a], [b]) => a - b)
      .map(([, text]) => plain(text))
      .join("\n");
  }

  /** The colour of a piece of text in a line of the active editor (1 is the first). */
  async colorOf(text: string, line: number): Promise<string> {
    const drawn = this.editor()
      .locator(".view-lines .view-line")
      .nth(line - 1);
    const span = drawn.locator("span > span", { hasText: text }).first();
    return span.evaluate((element: unknown) => (globalThis as unknown as Styles).getComputedStyle(element).color);
  }

  get statusBar(): Locator {
    return this.page.locator(".part.statusbar");
  }

  /** What the notification centre holds. Toasts are off under test. */
  async notifications(): Promise<readonly string[]> {
    await this.runCommand("Notifications: Show Notifications");
    const texts = await this.page.locator(".notifications-center .notification-list-item-message").allInnerTexts();
    await this.page.keyboard.press("Escape");
    return texts.map(plain);
  }

  /** Asks again and again until `holds` says yes, and fails with what it saw last. */
  async until<T>(what: string, look: () => Promise<T>, holds: (it: T) => boolean, limitMs = 20_000): Promise<T> {
    const begin = performance.now();
    for (;;) {
      const seen = await look();
      if (holds(seen)) return seen;
      if (limitMs < performance.now() - begin) {
        throw new Error(`${what}: not in ${limitMs / 1000} s. Last seen:\n${JSON.stringify(seen, undefined, 2)}`);
      }
      await this.page.waitForTimeout(100);
    }
  }

  /** One picture per theme: NAME.THEME.png. */
  async screenshot(name: string): Promise<void> {
    await mkdir(this.#options.screenshotFolder, { recursive: true });
    const [first, ...others] = this.#options.themes;
    for (const theme of [first!, ...others]) {
      await this.#showTheme(theme);
      await this.page.screenshot({ path: join(this.#options.screenshotFolder, `${name}.${theme}.png`) });
    }
    await this.#showTheme(first!);
  }

  async #showTheme(theme: ThemeName): Promise<void> {
    if (this.#theme === theme) return;
    this.#theme = theme;
    await this.use(this.#settings);
    const mark = { dark: "vs-dark", light: "vs", "high-contrast": "hc-black" }[theme];
    await this.page.locator(`.monaco-workbench.${mark}`).waitFor();
  }

  /** The search for files looks at the disk when it is asked: it may have missed a file that was only just written. */
  async #findFile(path: string, name: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#quickPick("Control+P", path, name, 4000);
      } catch (error) {
        if (5 <= attempt) throw error;
        await this.page.keyboard.press("Escape");
      }
    }
  }

  /** Opens a quick pick with a key and types until the row that is wanted has the focus. */
  async #quickPick(key: string, text: string, expected: string, timeout?: number): Promise<void> {
    const widget = this.page.locator(".quick-input-widget");
    await widget.waitFor({ state: "hidden" }); // one that is just closing would take our keys
    await this.page.keyboard.press(key);
    await widget.locator("input").fill(text);
    await widget
      .locator(".monaco-list-row.focused", { hasText: expected })
      .first()
      .waitFor(timeout === undefined ? {} : { timeout });
  }

  /** Takes what is chosen, and waits until keys go elsewhere. The command may ask something in the same place. */
  async #accept(text: string): Promise<void> {
    await this.page.keyboard.press("Enter");
    const input = this.page.locator(".quick-input-widget input");
    const gone = async () => !(await input.isVisible()) || (await input.inputValue({ timeout: 1000 })) !== text;
    await this.until(`"${text}" is taken`, gone, (it) => it);
  }
}

/** The editor draws spaces as no-break spaces. */
function plain(text: string): string {
  return text.replaceAll("\u00a0", " ");
}

/** What we read from an element of the page; this project has no DOM types. */
interface Drawn {
  readonly textContent: string;
  readonly style: { readonly top: string };
}
interface Styles {
  getComputedStyle(element: unknown): { readonly color: string };
}
