/**
 * The same function, whose answer for an object is worked out once and kept in it, unseen. For objects that are never changed,
 * and answers that their readers do not change. (In a WeakMap young objects outlive the quick collections of garbage, and with
 * them all that they hold: trees that live for one keystroke made these collections ten times slower.)
 */
export function onceFor<K extends object, T extends object>(make: (key: K) => T): (key: K) => T {
  const known = Symbol();
  return (key) => {
    const holder = key as { readonly [known]?: T };
    const value = holder[known] ?? make(key);
    if (holder[known] === undefined) Object.defineProperty(key, known, { value });
    return value;
  };
}
