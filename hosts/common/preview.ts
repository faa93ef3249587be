/** Ends a preview that was cut. */
export const cutMark = '…';

/**
 * The beginning of a value as people read JSON, in at most `limit` characters; what is longer ends in `cutMark`. Costs
 * what the beginning costs, however large the value is. What JSON does not have is shown by its kind: `<Buffer 12>`.
 */
export function preview(value: unknown, limit: number): string {
  const writer = new Writer(limit);
  try {
    writer.value(value, 0);
  } catch (error) {
    if (!(error instanceof Full)) return '<unreadable>'; // a getter or a proxy of the accessor threw
  }
  return writer.text.length > limit ? `${writer.text.slice(0, limit - 1)}${cutMark}` : writer.text;
}

/** Thrown by the writer once it has enough. */
class Full extends Error {}

const DEEPEST = 32;

class Writer {
  text = '';
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  #add(text: string): void {
    this.text += text;
    if (this.text.length > this.#limit) throw new Full();
  }

  value(value: unknown, depth: number): void {
    if (typeof value === 'string') this.#add(JSON.stringify(value.slice(0, this.#limit + 1)));
    else if (typeof value === 'function') this.#add('<function>');
    else if (typeof value !== 'object' || value === null) this.#add(String(value));
    else if (depth >= DEEPEST) this.#add('<deeper>');
    else if (ArrayBuffer.isView(value)) this.#add(`<${value.constructor.name} ${value.byteLength}>`);
    else if (Array.isArray(value)) this.#array(value, depth);
    else if (value instanceof Date || value instanceof Error) this.#add(String(value).slice(0, this.#limit + 1));
    else this.#object(value, depth);
  }

  #array(values: readonly unknown[], depth: number): void {
    this.#add('[');
    for (let i = 0; i < values.length; i++) {
      if (i > 0) this.#add(', ');
      this.value(values[i], depth + 1);
    }
    this.#add(']');
  }

  #object(value: object, depth: number): void {
    let first = true;
    this.#add('{');
    for (const key in value) {
      if (!Object.hasOwn(value, key)) continue;
      this.#add(`${first ? '' : ', '}${JSON.stringify(key.slice(0, this.#limit + 1))}: `);
      this.value((value as Readonly<Record<string, unknown>>)[key], depth + 1);
      first = false;
    }
    this.#add('}');
  }
}
