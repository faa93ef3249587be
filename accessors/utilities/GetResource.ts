import type { AccessorContext } from '../../hosts/common/index.ts';

type Callback = (status: unknown, value: unknown) => void;
declare function getResource(resource: unknown, options: unknown, callback: Callback | null): unknown;

/** One asynchronous reading; `deliver` is there once the answer is. */
interface Reading {
  deliver?: () => void;
}
/** In the order of the triggers, which is the order of the outputs. */
let readings: Reading[] = [];

/** Reads a file or a URL when it is triggered.
 *  @input options          JSON, default ""; an encoding, or {encoding, timeout in ms, returnURI}
 *  @input resource         string, default "https://ptolemy.berkeley.edu/accessors/"; path, relative to the swarmlet, or http(s) URL
 *  @input trigger          any
 *  @output output          any; the text
 *  @parameter synchronous  boolean, default true; read and send in the reaction of the trigger, which hosts do for files only
 *  @error a resource that cannot be read is reported; a URL is read only with synchronous false
 *  @example
 *  const get = this.instantiate('get', 'utilities/GetResource');
 *  get.setParameter('synchronous', false);
 *  get.setDefault('resource', 'http://lamp.local/state');
 *  this.connect(button, 'output', get, 'trigger');
 *  this.connect(get, 'output', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('options', { type: 'JSON', value: '' });
  this.input('resource', { type: 'string', value: 'https://ptolemy.berkeley.edu/accessors/' });
  this.input('trigger');
  this.output('output');
  this.parameter('synchronous', { type: 'boolean', value: true });
}

export function initialize(this: AccessorContext): void {
  readings = [];
  this.addInputHandler('trigger', () => this.root.exports.handleTrigger.call(this));
}

/**
 * Reads and sends.
 * @param resource  what to read; derived accessors may choose it
 * @param request   handed to `filterResponse` with the answer, which may come when other inputs have gone on
 */
export function handleTrigger(this: AccessorContext, resource: unknown = this.get('resource'), request?: unknown): void {
  const send = (value: unknown): void => this.send('output', this.root.exports.filterResponse.call(this, value, request));
  const options = this.get('options');
  if (this.getParameter('synchronous')) {
    send(getResource(resource, options, null));
    return;
  }
  const reading: Reading = {};
  const queue = readings;
  queue.push(reading);
  getResource(resource, options, (status, value) => {
    if (queue !== readings || !this.isInitialized()) return; // asked for before a wrapup
    const failed = status !== null && status !== undefined;
    if (failed) this.error(`Cannot read ${resource}: ${status}`);
    reading.deliver = failed ? () => {} : () => send(value);
    while (queue[0]?.deliver) queue.shift()?.deliver?.();
  });
}

/** What is sent for a value that was read. */
export function filterResponse(this: AccessorContext, value: unknown): unknown {
  return value;
}
