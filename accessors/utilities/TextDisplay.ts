import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

interface Display {
  displayText(text: string): void;
}
const { TextDisplay } = require('@accessors-modules/text-display') as { TextDisplay: new (title: string) => Display };
const { inspect } = require('util') as typeof import('node:util');

let display: Display | undefined;

/** Prints what it gets, with a title, and sends the printed text on. Text that is JSON is shown as its value.
 *  @input input      any
 *  @output output    string; the text without the title
 *  @parameter title  string, default "TextDisplay"; of the first initialization
 *  @error none
 *  @example
 *  const text = this.instantiate('text', 'utilities/TextDisplay');
 *  text.setParameter('title', 'Temperature');
 *  this.connect(thermometer, 'output', text, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('input');
  this.output('output', { type: 'string' });
  this.parameter('title', { type: 'string', value: 'TextDisplay' });
}

export function initialize(this: AccessorContext): void {
  display ??= new TextDisplay(String(this.getParameter('title')));
  const show = display;
  this.addInputHandler('input', () => {
    const text = inspect(parsed(this.get('input')), { depth: Infinity });
    show.displayText(text);
    this.send('output', text);
  });
}

function parsed(input: unknown): unknown {
  if (typeof input !== 'string') return input;
  try {
    return JSON.parse(input);
  } catch {
    return input; // plain text, which is shown as such
  }
}
