/** Text as HTML shows it: nothing in it is markup. */

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (it) => entities[it]!);
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
