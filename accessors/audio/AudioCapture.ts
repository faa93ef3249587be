import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

const { Capture } = require('audio') as { Capture: new (format: unknown) => unknown };

/** Records sound from the microphone and gives it out in blocks. Interface only: this host drives no sound card.
 *  @input trigger            any; with triggered: records a block
 *  @output signal            any
 *  @parameter captureFormat  any, default {"bitsPerSample": 16, "channels": 1, "sampleRate": 8000}
 *  @parameter captureTime    int, default 1000; ms of a block
 *  @parameter outputFormat   string, default "raw"
 *  @parameter triggered      boolean, default true
 *  @error initialize throws: record with the program arecord in utilities/Exec
 *  @example
 *  const microphone = this.instantiate('microphone', 'audio/AudioCapture');
 *  this.connect(button, 'output', microphone, 'trigger'); */
export function setup(this: AccessorContext): void {
  this.input('trigger');
  this.output('signal');
  this.parameter('captureFormat', { value: { bitsPerSample: 16, channels: 1, sampleRate: 8000 } });
  this.parameter('captureTime', { type: 'int', value: 1000 });
  this.parameter('outputFormat', { type: 'string', value: 'raw' });
  this.parameter('triggered', { type: 'boolean', value: true });
}

export function initialize(this: AccessorContext): void {
  new Capture(this.getParameter('captureFormat'));
}

export function wrapup(this: AccessorContext): void {}
