import { usageError } from './exit.ts';

/** The value of a JSON text; a text that is none stands for itself. */
export function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** `NAME=VALUE` options as one object. */
export function pairs<T>(option: string, texts: readonly string[], read: (text: string, name: string) => T): Record<string, T> {
  const found = new Map<string, T>();
  for (const text of texts) {
    const at = text.indexOf('=');
    const name = text.slice(0, Math.max(at, 0));
    if (name === '') throw usageError(`${option} takes NAME=VALUE, got '${text}'`);
    if (found.has(name)) throw usageError(`${option} ${name} is given twice`);
    found.set(name, read(text.slice(at + 1), name));
  }
  return Object.fromEntries(found);
}

export function wholeNumber(text: string, name: string): number {
  if (!/^\d{1,15}$/.test(text)) throw usageError(`--limit ${name} takes a whole number, got '${text}'`);
  return Number(text);
}
