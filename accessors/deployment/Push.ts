import type { AccessorContext } from '../../hosts/common/index.ts';
import type { Deployment } from '../../src/deployment.ts';
import type { Pusher } from '../../src/pusher.ts';

declare const require: (name: string) => unknown;

let pusher: Pusher | undefined;

/** Pushes a swarmlet to a box, signed with the key of this box: when it gets one, and again at each trigger. Its output
 *  error says why a push failed. Inside a swarmlet that was pushed to a box it takes source text and classes that travelled with it.
 *  @input swarmlet      any; a path, a class name, source text, or {source, name, version, parameters, inputs, run, limits, capabilities}
 *  @input box           any; ws://HOST:PORT, or {url, id}
 *  @input trigger       any; pushes the last swarmlet to the last box again
 *  @output deployed     JSON, spontaneous; {swarmlet, version, digest, sequence, state, principal, timeline}
 *  @output rejected     JSON, spontaneous; {code, reason}
 *  @output progress     JSON, spontaneous; {step, swarmlet, at}; step is 'collected', 'connected' or 'running'
 *  @parameter identity  string, default ""; file of an OpenSSH private key, or a box's state folder; '': the box of this host
 *  @parameter wait      string, default "running"; or 'healthy' or 'completed'
 *  @error what a box refuses comes out of `rejected`, failures out of `error`
 *  @example
 *  const push = this.instantiate('push', 'deployment/Push');
 *  push.setDefault('swarmlet', './Hello.js');
 *  push.setDefault('box', 'ws://box.local:7927');
 *  this.connect(button, 'output', push, 'trigger');
 *  this.connect(push, 'deployed', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('swarmlet');
  this.input('box');
  this.input('trigger');
  this.parameter('identity', { type: 'string', value: '' });
  this.parameter('wait', { type: 'string', value: 'running', options: ['running', 'healthy', 'completed'] });
  for (const name of ['deployed', 'rejected', 'progress']) this.output(name, { type: 'JSON', spontaneous: true });
  this.output('error', { type: 'string', spontaneous: true });
}

export function initialize(this: AccessorContext): void {
  const deployment = require('deployment') as Deployment;
  const made = deployment.pusher({ identity: String(this.getParameter('identity')), wait: String(this.getParameter('wait')) });
  pusher = made;
  made.on('deployed', (value) => this.send('deployed', value));
  made.on('progress', (value) => this.send('progress', value));
  made.on('rejected', (value) => {
    this.send('rejected', value);
    this.send('error', value.reason);
  });
  let swarmlet: unknown = null;
  let box: unknown = null;
  this.addInputHandler('swarmlet', () => {
    swarmlet = this.get('swarmlet');
  });
  this.addInputHandler('box', () => {
    box = this.get('box');
  });
  this.addInputHandler(() => {
    const asked = this.get('swarmlet') !== null || this.get('trigger') !== null;
    if (asked && swarmlet !== null && box !== null) made.push(swarmlet, box);
  });
}

export function wrapup(this: AccessorContext): void {
  pusher?.close();
  pusher = undefined;
}
