import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

const { readWavFile } = require('audio-io') as {
  readWavFile(path: string, callback: (error: Error | null, channels?: number[][]) => void): void;
};

let life = 0;

/** Reads the samples of a WAV file (PCM of 8, 16, 24 or 32 bits, or floating point).
 *  @input wavfile   string; path; reads it
 *  @output wavdata  json; samples from -1 to 1; with several channels a list of them for each
 *  @error a file that cannot be read, or is no WAV file, is reported
 *  @example
 *  const wav = this.instantiate('wav', 'audioIo/AudioIoWavFile');
 *  this.connect(source, 'output', wav, 'wavfile'); // '/usr/share/sounds/bell.wav'
 *  this.connect(wav, 'wavdata', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('wavfile', { type: 'string' });
  this.output('wavdata', { type: 'json' });
}

export function initialize(this: AccessorContext): void {
  life++;
  this.addInputHandler('wavfile', () => this.root.exports.loadFile.call(this.root));
}

/** Reads the file named by the present input. */
export function loadFile(this: AccessorContext): void {
  const path = String(this.get('wavfile'));
  const now = life;
  readWavFile(path, (error, channels = []) => {
    if (now !== life) return;
    if (error) this.error(`${path}: ${error.message}`);
    else this.send('wavdata', channels.length === 1 ? channels[0] : channels);
  });
}

export function wrapup(this: AccessorContext): void {
  life++;
}
