/**
 * A VS Code server, a browser and a temporary copy of a workspace that live and die together. A checked-in fixture is
 * never opened itself: the workbench may save what it shows.
 */

import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { chromium, type BrowserContext, type Page } from "playwright-core";

import type { VSCodeInstall } from "./install.js";
import { startServer, tail, type Server, type Settings } from "./server.js";
import { temporaryFolder } from "./temporaryFolder.js";

export interface SessionOptions {
  readonly install: VSCodeInstall;
  readonly browser: string;
  readonly fixture: string;
  readonly settings?: Settings;
  /** Without it a fresh, empty one. */
  readonly extensionsDir?: string;
  /** Folders of extensions that are installed beside. */
  readonly alsoInstalled?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Session {
  /** The temporary copy of the fixture. */
  readonly workspace: string;
  readonly server: Server;
  readonly context: BrowserContext;
  /** Opens the workspace in a new page. `payload`: VS Code's names with absolute paths. */
  open(payload: Payload): Promise<Page>;
  /** The same in a browser that knows nothing of the first page: as a second VS Code with user data of its own. */
  openApart(payload: Payload): Promise<Page>;
  /** After a failure: screenshots and logs into `folder`; answers with what a person should read first. */
  keepEvidence(folder: string): Promise<string>;
  stop(): Promise<void>;
}

export type Payload = Readonly<Record<string, string>>;

export async function startSession(options: SessionOptions): Promise<Session> {
  const temporary = await temporaryFolder("vscode");
  const folder = temporary.path;
  const workspace = join(folder, "workspace");
  const undo: (() => Promise<void>)[] = [() => temporary.remove()];
  const stop = async () => {
    for (const step of undo.reverse()) await step();
  };
  try {
    await cp(options.fixture, workspace, { recursive: true });
    const extensionsDir = options.extensionsDir ?? join(folder, "extensions");
    for (const it of options.alsoInstalled ?? [])
      await cp(it, join(extensionsDir, `tiller-tests.${basename(it)}`), { recursive: true });
    const server = await startServer({
      install: options.install,
      folder,
      extensionsDir,
      settings: options.settings ?? {},
      audience: "tests",
      ...(options.env === undefined ? {} : { env: options.env }),
    });
    undo.push(() => server.stop());
    const context = await launch(options.browser, undo);
    return {
      workspace,
      server,
      context,
      open: (payload) => openPage(context, server.port, workspace, payload),
      openApart: async (payload) =>
        openPage(await context.browser()!.newContext(contextOptions), server.port, workspace, payload),
      keepEvidence: (target) => keepEvidence(context, server, target),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function launch(executablePath: string, undo: (() => Promise<void>)[]): Promise<BrowserContext> {
  const browser = await chromium.launch({
    executablePath,
    args: [
      ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
      ...["--disable-component-update", "--disable-sync"],
      // The tests show that nothing leaves the machine; the browser is held to it as well.
      "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
    ],
  });
  undo.push(() => browser.close());
  return browser.newContext(contextOptions);
}

const contextOptions = { viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" } as const;

async function openPage(context: BrowserContext, port: number, workspace: string, payload: Payload): Promise<Page> {
  const remote = Object.entries(payload).map(([key, path]) => [key, `vscode-remote://127.0.0.1:${port}${path}`]);
  const url = new URL(`http://127.0.0.1:${port}/`);
  url.searchParams.set("folder", workspace);
  url.searchParams.set("payload", JSON.stringify([["skipWelcome", "true"], ["skipReleaseNotes", "true"], ...remote]));
  const page = await context.newPage();
  await page.goto(url.href);
  return page;
}

/** Lines of VS Code's log that are about itself. */
const noise = /\[info\]|Accessing a resource scoped configuration/;

async function keepEvidence(context: BrowserContext, server: Server, folder: string): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const [index, page] of context.pages().entries()) {
    // A page that hangs cannot be photographed; the logs are worth having all the same.
    await page.screenshot({ path: join(folder, `page-${index}.png`), timeout: 10_000 }).catch(() => undefined);
  }
  await cp(server.logFile, join(folder, "server.log"));
  await cp(server.logFolder, join(folder, "logs"), { recursive: true }).catch(() => undefined); // it failed before any log
  const files = await readdir(folder, { recursive: true });
  const telling = files.filter((it) => /(remoteexthost|Tiller.*)\.log$/.test(it)).slice(-2);
  const tails = await Promise.all(telling.map(async (it) => `--- ${it}\n${await tail(join(folder, it), 12, noise)}`));
  return [`screenshots and logs are in ${folder}`, ...tails].join("\n");
}
