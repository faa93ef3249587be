import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

const { recognize } = require('tesseract') as {
  recognize(image: unknown, options: unknown, callback: (error: Error | null, text?: string) => void): void;
};

/** Reads text in pictures, with the program tesseract.
 *  @input input    any; bytes of a PNG, JPEG, BMP or GIF picture
 *  @input options  any; {language: such as eng+deu, pageSegmentation: 0 to 13, 7 for one line}
 *  @output text    string; without the spaces around it
 *  @error a machine without tesseract, and what it cannot read, are reported
 *  @example
 *  const reader = this.instantiate('reader', 'image/CharacterRecognition');
 *  this.connect(camera, 'output', reader, 'input');
 *  this.connect(reader, 'text', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('input');
  this.input('options');
  this.output('text', { type: 'string' });
}

export function initialize(this: AccessorContext): void {
  this.addInputHandler('input', () => {
    recognize(this.get('input'), this.get('options'), (error, text) => {
      if (!this.isInitialized()) return;
      if (error) this.error(error.message);
      else this.send('text', text);
    });
  });
}
