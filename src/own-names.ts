/**
 * Where a name stands in data that was read from a file which JavaScript takes for something else, and shape checks leave out without a
 * word: `labels.__proto__`; undefined: nowhere.
 */
export function pathOfProto(value: unknown, path: readonly string[] = [], seen = new Set<unknown>()): string[] | undefined {
  if (typeof value !== 'object' || value === null || seen.has(value)) return undefined;
  seen.add(value); // aliases of YAML may lead back
  for (const [name, inner] of Object.entries(value)) {
    if (name === '__proto__') return [...path, name];
    const found = pathOfProto(inner, [...path, name], seen);
    if (found) return found;
  }
  return undefined;
}
