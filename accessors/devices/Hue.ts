import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

interface Message {
  readonly body: unknown;
}
interface Request {
  on(event: 'error', listener: (error: Error) => void): void;
  end(): void;
}
const { request } = require('@accessors-modules/http-client') as {
  request(options: Readonly<Record<string, unknown>>, callback: (message: Message) => void): Request;
};
const { inspect } = require('util') as { inspect(value: unknown): string };

/** What the bridge answers to a change, and to whom it does not know. */
interface Outcome {
  readonly success?: { readonly username?: string };
  readonly error?: { readonly type: number; readonly description: string };
}
interface Lamp {
  readonly state: Readonly<Record<string, unknown>>;
}
type Lamps = Readonly<Record<string, Lamp>>;

/** Of the bridge's errors. */
const UNAUTHORIZED = 1;
const BUTTON_NOT_PRESSED = 101;
const BUTTON_MS = 2000;
/** What a lamp takes of the state that it tells; a lamp has only one of the three ways to say a colour in force. */
const settings = ['on', 'bri', 'effect', 'alert'];
const colours: Readonly<Record<string, readonly string[]>> = { hs: ['hue', 'sat'], xy: ['xy'], ct: ['ct'] };

let user = '';
/** As they were at first, to be put back. */
let atFirst: Lamps | undefined;
/** Those that this accessor changed. */
let changed = new Set<string>();
let waiting: unknown[] = [];
let life = 0;

/** Controls the lamps of a Philips Hue bridge in the local network. A bridge that does not know the user asks for its button
 *  to be pressed, and gives a new user name.
 *  @input commands           any; {id, on, bri 1 to 254, hue 0 to 65535, sat 0 to 254, xy, ct, transitiontime in 100 ms}, or a list of them; id of a lamp
 *  @input probe              any; asks for the lamps
 *  @output lights            any, spontaneous; lamps by id, as the bridge tells them; at first, and after a probe
 *  @output assignedUserName  string, spontaneous; to be kept as userName
 *  @output response          any, spontaneous; what the bridge says of each command
 *  @parameter bridgeIP       string, default ""; address or name, with a port if it is not 80
 *  @parameter userName       string, default "ptolemyuser"; one that the bridge gave
 *  @parameter onWrapup       string, default "turn off"; what becomes of the lamps that were changed
 *  @error initialize throws without a bridgeIP; failures, and commands without an id or that the bridge refuses, are reported
 *  @example
 *  const lamps = this.instantiate('lamps', 'devices/Hue');
 *  lamps.setParameter('bridgeIP', '192.168.1.20');
 *  lamps.setParameter('userName', 'a name that the bridge gave');
 *  this.connect(switches, 'output', lamps, 'commands'); // {id: '1', on: true, bri: 254} */
export function setup(this: AccessorContext): void {
  this.input('commands');
  this.input('probe');
  this.output('lights', { spontaneous: true });
  this.output('assignedUserName', { type: 'string', spontaneous: true });
  this.output('response', { spontaneous: true });
  this.parameter('bridgeIP', { type: 'string', value: '' });
  this.parameter('userName', { type: 'string', value: 'ptolemyuser' });
  this.parameter('onWrapup', { value: 'turn off', type: 'string', options: ['none', 'restore', 'turn off'] });
}

export function initialize(this: AccessorContext): void {
  if (this.getParameter('bridgeIP') === '')
    throw new Error(
      `${this.getName()}: set the parameter bridgeIP to the address of the bridge; its page https://discovery.meethue.com tells it`,
    );
  user = String(this.getParameter('userName'));
  atFirst = undefined;
  changed = new Set();
  waiting = [];
  const now = ++life;
  this.addInputHandler('commands', () => {
    const commands = [this.get('commands')].flat();
    if (atFirst) for (const command of commands) change.call(this, command);
    else waiting.push(...commands);
  });
  this.addInputHandler('probe', () => look.call(this, now));
  look.call(this, now);
}

/** Asks for the lamps, and first for a user name if the bridge wants that. */
function look(this: AccessorContext, now: number): void {
  call.call(this, now, 'GET', `/${user}/lights`, undefined, (answer) => {
    const error = errorOf(answer);
    if (error?.type === UNAUTHORIZED) register.call(this, now);
    else if (error) this.error(`The bridge refuses to tell its lamps: ${error.description}`);
    else {
      atFirst ??= answer as Lamps;
      this.send('lights', answer);
      const commands = waiting;
      waiting = [];
      for (const command of commands) change.call(this, command);
    }
  });
}

function register(this: AccessorContext, now: number): void {
  call.call(this, now, 'POST', '', { devicetype: 'accessors#swarmlet' }, (answer) => {
    const assigned = (answer as Outcome[])[0]?.success?.username;
    const error = errorOf(answer);
    if (assigned !== undefined) {
      user = assigned;
      this.send('assignedUserName', assigned);
      look.call(this, now);
    } else if (error?.type === BUTTON_NOT_PRESSED) {
      console.log(`${this.getName()}: press the button of the bridge.`);
      this.setTimeoutDeterministic(() => register.call(this, now), BUTTON_MS);
    } else this.error(`The bridge gives no user name: ${error?.description ?? inspect(answer)}`);
  });
}

function change(this: AccessorContext, command: unknown): void {
  const { id, ...state } = (command ?? {}) as Record<string, unknown>;
  if (id === undefined) {
    this.error(`A command should be like {id: '1', on: true}, got ${inspect(command)}`);
    return;
  }
  changed.add(String(id));
  call.call(this, life, 'PUT', `/${user}/lights/${encodeURIComponent(String(id))}/state`, state, (answer) => {
    const error = errorOf(answer);
    if (error) this.error(`The bridge refuses ${inspect(command)}: ${error.description}`);
    this.send('response', answer);
  });
}

function errorOf(answer: unknown): Outcome['error'] {
  return Array.isArray(answer) ? (answer as Outcome[]).find((outcome) => outcome.error)?.error : undefined;
}

function call(
  this: AccessorContext,
  now: number,
  method: string,
  path: string,
  body: object | undefined,
  then: (answer: unknown) => void,
): void {
  const url = `http://${this.getParameter('bridgeIP')}/api${path}`;
  const made = request({ url, method, body: body && JSON.stringify(body), finishAtWrapup: now !== life }, (message) => {
    if (now !== life) return;
    let answer: unknown;
    try {
      answer = JSON.parse(String(message.body));
    } catch {
      this.error(`The bridge should answer in JSON, got ${String(message.body).slice(0, 100)}`);
      return;
    }
    then(answer);
  });
  made.on('error', (error) => {
    if (now === life) this.error(`The bridge ${this.getParameter('bridgeIP')} cannot be reached: ${error.message}`);
  });
  made.end();
}

export function wrapup(this: AccessorContext): void {
  const what = this.getParameter('onWrapup');
  const before = life++;
  if (what === 'none') return;
  for (const id of changed) {
    const state = what === 'restore' ? restored(atFirst?.[id]) : { on: false };
    call.call(this, before, 'PUT', `/${user}/lights/${encodeURIComponent(id)}/state`, state, () => {});
  }
}

/** What has to be set to have a lamp as it was; nothing of a lamp that was not there. */
function restored(lamp: Lamp | undefined): object {
  const { state = {} } = lamp ?? {};
  const names = [...settings, ...(colours[String(state.colormode)] ?? [])];
  return Object.fromEntries(names.filter((name) => name in state).map((name) => [name, state[name]]));
}
