/** Prints text with a title, a line each. */
export class TextDisplay {
  readonly #title: string;

  constructor(title: string) {
    this.#title = title;
  }

  displayText(text: unknown): void {
    console.log(`${this.#title}: ${text}`);
  }

  appendText(text: unknown): void {
    this.displayText(text);
  }
}
