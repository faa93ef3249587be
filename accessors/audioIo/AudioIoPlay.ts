import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

const { AudioOutput } = require('audio-io') as { AudioOutput: new (options: object) => unknown };

/** Plays sound given as arrays or JSON. Interface only: this host drives no sound card.
 *  @input signal                 any
 *  @input signalJSON             json
 *  @parameter numOutputChannels  number, default 1
 *  @parameter samplingRate       number, default 44100; Hz
 *  @parameter blockSize          number, default 512; samples of an array
 *  @error initialize throws: play files with the program aplay in utilities/Exec
 *  @example
 *  const player = this.instantiate('player', 'audioIo/AudioIoPlay');
 *  this.connect(source, 'output', player, 'signal'); */
export function setup(this: AccessorContext): void {
  this.input('signal');
  this.input('signalJSON', { type: 'json' });
  this.parameter('numOutputChannels', { type: 'number', value: 1 });
  this.parameter('samplingRate', { type: 'number', value: 44100 });
  this.parameter('blockSize', { type: 'number', value: 512 });
}

export function initialize(this: AccessorContext): void {
  new AudioOutput({ channels: this.getParameter('numOutputChannels') });
}

export function playArray(this: AccessorContext): void {}

export function playJSON(this: AccessorContext): void {}

export function wrapup(this: AccessorContext): void {}
