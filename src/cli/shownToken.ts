/** How a token looks in a table: line breaks and other invisible characters are spelled, and its ends are seen. */

export function shownToken(token: string): string {
  return JSON.stringify(token);
}
