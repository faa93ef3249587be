import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

const { Player } = require('audio') as { Player: new (options: unknown) => unknown };

/** Plays the sound data it is given on the loudspeaker. Interface only: this host drives no sound card.
 *  @input input                any
 *  @output accepted            boolean, spontaneous; true when the next data may come
 *  @parameter inputFormat      string, default "raw"
 *  @parameter playbackOptions  any, default {"bitsPerSample": 16, "channels": 1, "sampleRate": 8000}
 *  @error initialize throws: play files with the program aplay in utilities/Exec
 *  @example
 *  const player = this.instantiate('player', 'audio/AudioPlayer');
 *  this.connect(source, 'output', player, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('input');
  this.output('accepted', { type: 'boolean', spontaneous: true });
  this.parameter('inputFormat', { type: 'string', value: 'raw', options: ['raw', 'array', 'encoded'] });
  this.parameter('playbackOptions', { value: { bitsPerSample: 16, channels: 1, sampleRate: 8000 } });
}

export function initialize(this: AccessorContext): void {
  new Player(this.getParameter('playbackOptions'));
}

export function wrapup(this: AccessorContext): void {}
