import type { AccessorContext } from '../../hosts/common/index.ts';
import type { BoxWatch } from '../../src/box-watch.ts';
import type { Deployment } from '../../src/deployment.ts';

declare const require: (name: string) => unknown;

let deployment: Deployment | undefined;
let watch: BoxWatch | undefined;

/** Tells which boxes are out there. A box is {id, name, ambiguous, url, urls, labels, version, sources, lastSeen}; the input box
 *  of a Push takes it as it is. Its output error says why it cannot look.
 *  @output appeared      JSON, spontaneous; a box that was not there before, also each that is there at the beginning
 *  @output disappeared   JSON, spontaneous; a box of which no source tells any more
 *  @output boxes         JSON, spontaneous; all of them, after each change
 *  @parameter discovery  JSON; discoverers by name, each with its options; none: those of the box on this host, else of its user
 *  @error failures come out of `error`
 *  @example
 *  const boxes = this.instantiate('boxes', 'deployment/Boxes');
 *  this.connect(boxes, 'boxes', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.parameter('discovery', { type: 'JSON' });
  for (const name of ['appeared', 'disappeared', 'boxes']) this.output(name, { type: 'JSON', spontaneous: true });
  this.output('error', { type: 'string', spontaneous: true });
}

export function initialize(this: AccessorContext): void {
  deployment = require('deployment') as Deployment;
  const made = deployment.boxes({ discovery: this.getParameter('discovery') });
  watch = made;
  made.on('appeared', (box) => this.send('appeared', box));
  made.on('disappeared', (box) => this.send('disappeared', box));
  made.on('boxes', (boxes) => this.send('boxes', boxes));
  made.on('failed', (error) => this.send('error', error.message));
}

export function wrapup(this: AccessorContext): void {
  watch?.removeAllListeners();
  if (watch) deployment?.close(watch);
  watch = undefined;
}
