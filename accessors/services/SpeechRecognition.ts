import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

const { SpeechRecognition } = require('@accessors-modules/speech-recognition') as { SpeechRecognition: new (options: object) => unknown };

/** Turns speech at the microphone into text. Interface only: this host has no engine that recognizes speech.
 *  @input start                  boolean
 *  @input stop                   boolean
 *  @output text                  string
 *  @parameter continuous         boolean, default true
 *  @parameter dictionaryPath     string, default ""
 *  @parameter languageModelPath  string, default ""
 *  @error initialize throws: run an engine such as vosk in utilities/Exec
 *  @example
 *  const listener = this.instantiate('listener', 'services/SpeechRecognition');
 *  this.connect(listener, 'text', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('start', { type: 'boolean' });
  this.input('stop', { type: 'boolean' });
  this.output('text', { type: 'string' });
  this.parameter('continuous', { type: 'boolean', value: true });
  this.parameter('dictionaryPath', { type: 'string', value: '' });
  this.parameter('languageModelPath', { type: 'string', value: '' });
}

export function initialize(this: AccessorContext): void {
  new SpeechRecognition({ continuous: this.getParameter('continuous') });
}

export function wrapup(this: AccessorContext): void {}
