import { StringDecoder } from 'node:string_decoder';

/** Longer lines are cut. */
const LINE_LENGTH = 8192;

/** Cuts a stream of text into lines; what is no UTF-8 becomes U+FFFD. */
export class Lines {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  #partial = '';
  #cut = false;
  /** Lines that were cut. */
  cutLines = 0;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    const text = this.#decoder.write(chunk);
    let from = 0;
    for (let to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
      this.#add(text, from, to);
      this.#emit();
      from = to + 1;
    }
    this.#add(text, from, text.length);
  }

  /** The stream has ended: what is left is a line too. */
  end(): void {
    this.#partial += this.#decoder.end();
    if (this.#partial !== '') this.#emit();
  }

  #add(text: string, from: number, to: number): void {
    const room = LINE_LENGTH - this.#partial.length;
    if (to - from > room) this.#cut = true;
    this.#partial += text.slice(from, Math.min(to, from + room));
  }

  #emit(): void {
    const line = this.#cut ? `${this.#partial}...` : this.#partial;
    if (this.#cut) this.cutLines++;
    this.#partial = '';
    this.#cut = false;
    this.#onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
  }
}
