import { readFileSync } from 'node:fs';
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

/** `@FILE` or `-`, never the value itself: the arguments of a command can be seen by everybody on the machine. */
export function secretText(source: string, name: string): string {
  if (source !== '-' && !/^@./.test(source))
    throw usageError(`--secret ${name} takes @FILE, or - for standard input, not the secret itself`);
  return readFileSync(source === '-' ? 0 : source.slice(1), 'utf8').replace(/\r?\n$/, '');
}

export function wholeNumber(text: string, name: string): number {
  if (!/^\d{1,15}$/.test(text)) throw usageError(`--limit ${name} takes a whole number, got '${text}'`);
  return Number(text);
}
