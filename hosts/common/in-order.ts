import { Heap } from './heap.ts';

/**
 * Values in the order of `before`, for such as nearly always come in it: those stand in a row that is taken from the front, at constant
 * cost, and only the others in a heap.
 */
export class InOrder<T> {
  readonly #before: (a: T, b: T) => boolean;
  /** In order, from `#first` to `#end`; never longer than values have waited at one time. */
  readonly #row: (T | undefined)[] = [];
  #first = 0;
  #end = 0;
  /** Undefined before the first of them. */
  #others: Heap<T> | undefined = undefined;

  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#end - this.#first + (this.#others === undefined ? 0 : this.#others.size);
  }

  push(value: T): void {
    if (this.#first === this.#end) this.#first = this.#end = 0;
    else if (this.#before(value, this.#row[this.#end - 1] as T)) {
      this.#others ??= new Heap(this.#before);
      this.#others.push(value);
      return;
    }
    this.#row[this.#end++] = value;
  }

  /** The value that `pop` gives next; undefined if there is none. */
  peek(): T | undefined {
    const inRow = this.#first < this.#end ? this.#row[this.#first] : undefined;
    const other = this.#others?.peek();
    return other !== undefined && (inRow === undefined || this.#before(other, inRow)) ? other : inRow;
  }

  pop(): T | undefined {
    if (this.#others !== undefined && this.#others.size > 0 && this.#others.peek() === this.peek()) return this.#others.pop();
    if (this.#first === this.#end) return undefined;
    const value = this.#row[this.#first];
    this.#row[this.#first++] = undefined;
    return value;
  }

  clear(): void {
    this.#first = this.#end = 0;
    this.#others = undefined;
  }

  /** In no order that means anything. */
  toArray(): T[] {
    return [...(this.#row.slice(this.#first, this.#end) as T[]), ...(this.#others?.toArray() ?? [])];
  }
}
