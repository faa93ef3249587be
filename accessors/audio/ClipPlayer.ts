import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

const { ClipPlayer } = require('audio') as { ClipPlayer: new (url: unknown) => unknown };

/** Plays a sound clip found at a URL. Interface only: this host drives no sound card.
 *  @input start    any, default true
 *  @input stop     any
 *  @input clipURL  string, default "https://www.icyphy.org/accessors/src/USAD2016_06-RhapsodyInBlueTrimmed.mp3"
 *  @output done    boolean
 *  @error initialize throws: play it with a program such as mpv in utilities/Exec
 *  @example
 *  const clip = this.instantiate('clip', 'audio/ClipPlayer');
 *  this.connect(button, 'output', clip, 'start'); */
export function setup(this: AccessorContext): void {
  this.input('start', { value: true });
  this.input('stop');
  this.input('clipURL', { type: 'string', value: 'https://www.icyphy.org/accessors/src/USAD2016_06-RhapsodyInBlueTrimmed.mp3' });
  this.output('done', { type: 'boolean' });
}

export function initialize(this: AccessorContext): void {
  new ClipPlayer(this.get('clipURL'));
}

export function wrapup(this: AccessorContext): void {}
