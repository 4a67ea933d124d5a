/**
 * As much of a browser's document as our pages use, so that what they show can be read without a browser. It does no layout,
 * and knows selectors of one step: `tag`, `.class`, `#id`, `[attribute]`, `[attribute="value"]`.
 */

export class FakeNode {
  parentNode: FakeElement | null = null;

  constructor(public data = "") {}

  get textContent(): string {
    return this.data;
  }

  get nodeValue(): string {
    return this.data;
  }

  set nodeValue(value: string) {
    this.data = value;
  }

  appendData(text: string): void {
    this.data += text;
  }

  get nextSibling(): FakeNode | null {
    const siblings = this.parentNode?.childNodes ?? [];
    return siblings[siblings.indexOf(this) + 1] ?? null;
  }

  remove(): void {
    const siblings = this.parentNode?.childNodes;
    siblings?.splice(siblings.indexOf(this), 1);
    this.parentNode = null;
  }
}

type Listener = (event: FakeEvent) => void;

export interface FakeEvent {
  readonly type: string;
  readonly key?: string;
  readonly shiftKey?: boolean;
  readonly ctrlKey?: boolean;
  target?: FakeElement;
  defaultPrevented?: boolean;
  preventDefault?(): void;
  stopPropagation?(): void;
}

export class FakeElement extends FakeNode {
  readonly childNodes: FakeNode[] = [];
  readonly attributes = new Map<string, string>();
  readonly listeners = new Map<string, Listener[]>();
  readonly style = { setProperty: (name: string, value: string) => void this.styles.set(name, value) };
  readonly styles = new Map<string, string>();
  value = "";
  checked = false;
  scrollTop = 0;

  constructor(readonly localName: string) {
    super();
  }

  get tagName(): string {
    return this.localName.toUpperCase();
  }

  get children(): FakeElement[] {
    return this.childNodes.filter((it) => it instanceof FakeElement);
  }

  get parentElement(): FakeElement | null {
    return this.parentNode;
  }

  get lastElementChild(): FakeElement | null {
    return this.children.at(-1) ?? null;
  }

  get firstChild(): FakeNode | null {
    return this.childNodes[0] ?? null;
  }

  override get textContent(): string {
    return this.childNodes.map((it) => it.textContent).join("");
  }

  override set textContent(text: string) {
    this.replaceChildren(...(text === "" ? [] : [text]));
  }

  get id(): string {
    return this.getAttribute("id") ?? "";
  }

  get type(): string {
    return this.getAttribute("type") ?? "";
  }

  get hidden(): boolean {
    return this.attributes.has("hidden");
  }

  set hidden(is: boolean) {
    this.#flag("hidden", is);
  }

  get disabled(): boolean {
    return this.attributes.has("disabled");
  }

  set disabled(is: boolean) {
    this.#flag("disabled", is);
  }

  #flag(name: string, is: boolean): void {
    if (is) this.setAttribute(name, "");
    else this.removeAttribute(name);
  }

  getAttribute(name: string): string | null {
    return this.attributes.get(name) ?? null;
  }

  hasAttribute(name: string): boolean {
    return this.attributes.has(name);
  }

  setAttribute(name: string, value: string): void {
    this.attributes.set(name, String(value));
    if (name === "value") this.value = String(value);
  }

  removeAttribute(name: string): void {
    this.attributes.delete(name);
  }

  append(...nodes: readonly (FakeNode | string)[]): void {
    for (const it of nodes) this.insertBefore(typeof it === "string" ? new FakeNode(it) : it, null);
  }

  appendChild(node: FakeNode): void {
    this.append(node);
  }

  insertBefore(node: FakeNode, before: FakeNode | null): void {
    node.remove();
    node.parentNode = this;
    this.childNodes.splice(before === null ? this.childNodes.length : this.childNodes.indexOf(before), 0, node);
  }

  replaceChildren(...nodes: readonly (FakeNode | string)[]): void {
    for (const it of [...this.childNodes]) it.remove();
    this.append(...nodes);
  }

  addEventListener(type: string, listener: Listener): void {
    this.listeners.set(type, [...(this.listeners.get(type) ?? []), listener]);
  }

  removeEventListener(type: string, listener: Listener): void {
    this.listeners.set(
      type,
      (this.listeners.get(type) ?? []).filter((it) => it !== listener),
    );
  }

  /** Bubbles. */
  fire(event: FakeEvent): void {
    let isStopped = false;
    event.target = this;
    event.preventDefault = () => void (event.defaultPrevented = true);
    event.stopPropagation = () => void (isStopped = true);
    for (let at: FakeElement | null = this; at !== null && !isStopped; at = at.parentNode)
      for (const it of at.listeners.get(event.type) ?? []) it(event);
  }

  click(): void {
    if (!this.disabled) this.fire({ type: "click" });
  }

  focus(): void {
    fakeDocument.activeElement = this;
    this.fire({ type: "focus" });
  }

  scrollIntoView(): void {}

  contains(other: FakeNode | null): boolean {
    for (let at = other; at !== null; at = at.parentNode) if (at === this) return true;
    return false;
  }

  querySelectorAll(selector: string): FakeElement[] {
    return this.children.flatMap((it) => [...(it.matches(selector) ? [it] : []), ...it.querySelectorAll(selector)]);
  }

  querySelector(selector: string): FakeElement | null {
    return this.querySelectorAll(selector)[0] ?? null;
  }

  matches(selector: string): boolean {
    const [, tag, rest] = /^([\w-]+)([.#[].*)$/.exec(selector) ?? [];
    if (rest !== undefined) return this.localName === tag && this.matches(rest);
    const [, mark, name, , value] = /^([.#[]?)([\w-]+)(="([^"]*)")?\]?$/.exec(selector)!;
    switch (mark) {
      case ".":
        return (this.getAttribute("class") ?? "").split(/\s+/).includes(name!);
      case "#":
        return this.id === name;
      case "[":
        return this.hasAttribute(name!) && (value === undefined || this.getAttribute(name!) === value);
      default:
        return this.localName === name;
    }
  }
}

const fakeDocument = {
  createElement: (tag: string) => new FakeElement(tag),
  createElementNS: (_: string, tag: string) => new FakeElement(tag),
  createTextNode: (text: string) => new FakeNode(text),
  activeElement: undefined as FakeElement | undefined,
};

/** A class of elements that `instanceof` knows by their tag. */
function ofTag(tag: string) {
  return { [Symbol.hasInstance]: (it: unknown) => it instanceof FakeElement && it.localName === tag };
}

/** Must be called before a page's code makes its first element. */
export function useFakeDom(): void {
  Object.assign(globalThis, {
    document: fakeDocument,
    HTMLInputElement: ofTag("input"),
    HTMLTextAreaElement: ofTag("textarea"),
    HTMLSelectElement: ofTag("select"),
  });
}

/** What our code made, as what it is in a test. */
export function fake(element: unknown): FakeElement {
  return element as FakeElement;
}
