import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

const { AudioInput } = require('audio-io') as { AudioInput: new (options: object) => unknown };

/** Records sound and gives it out as arrays. Interface only: this host drives no sound card.
 *  @input trigger               any
 *  @output signal               any
 *  @parameter numInputChannels  number, default 1
 *  @parameter samplingRate      number, default 44100; Hz
 *  @parameter blockSize         number, default 512; samples of an array
 *  @error initialize throws: record with the program arecord in utilities/Exec, and read the file with audioIo/AudioIoWavFile
 *  @example
 *  const microphone = this.instantiate('microphone', 'audioIo/AudioIoCapture');
 *  this.connect(button, 'output', microphone, 'trigger'); */
export function setup(this: AccessorContext): void {
  this.input('trigger');
  this.output('signal');
  this.parameter('numInputChannels', { type: 'number', value: 1 });
  this.parameter('samplingRate', { type: 'number', value: 44100 });
  this.parameter('blockSize', { type: 'number', value: 512 });
}

export function initialize(this: AccessorContext): void {
  new AudioInput({ channels: this.getParameter('numInputChannels') });
}

export function record(this: AccessorContext): void {}

export function onData(this: AccessorContext, block: unknown): void {
  this.send('signal', block);
}

export function wrapup(this: AccessorContext): void {}
