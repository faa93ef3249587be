/** Deeper values do not cross the edge: those who walk them later may do so by recursion. */
export const depthLimit = 64;

/** Why a JSON text must not cross the edge, although it may be well formed; undefined if it may. */
export function jsonProblem(text: string, depth: number): string | undefined {
  if (text.length > 2 * depth && isDeeper(text, depth)) return `it is nested deeper than ${depth} levels`;
  // An escape may hide the name, so with one the parsed value is searched too.
  if ((text.includes('__proto__') || text.includes('\\u')) && hasProtoKey(parsed(text))) return 'it has a key __proto__';
  return undefined;
}

/** Counts brackets outside of strings; no parsing, so that it costs no stack. */
function isDeeper(text: string, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (inString) {
      if (c === 92) i++;
      else if (c === 34) inString = false;
    } else if (c === 34) inString = true;
    else if (c === 123 || c === 91) {
      if (++depth > limit) return true;
    } else if (c === 125 || c === 93) depth--;
  }
  return false;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the caller finds out the same and says so
  }
}

function hasProtoKey(value: unknown): boolean {
  const open = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    if (Object.hasOwn(next, '__proto__')) return true;
    for (const inner of Object.values(next)) if (typeof inner === 'object' && inner !== null) open.push(inner);
  }
  return false;
}
