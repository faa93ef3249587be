import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

interface Socket {
  on(event: 'message', listener: (data: Buffer, info: string) => void): void;
  on(event: 'listening', listener: () => void): void;
  on(event: 'error', listener: (error: unknown) => void): void;
  bind(port: unknown, address: unknown): void;
  send(data: Uint8Array, port: number, host: string): void;
  setRawBytes(flag: boolean): void;
  close(): void;
}
const { createSocket } = require('@accessors-modules/udp-socket') as {
  createSocket(type: string, callback: null, enableBroadcast: boolean): Socket;
};

interface Bulb {
  readonly ipAddress: string;
  readonly port: number;
  /** Twelve hexadecimal digits. */
  readonly mac: string;
  readonly label?: string;
}
/** What `control` takes; what is absent stays as it is. */
interface Control {
  readonly power?: unknown;
  readonly color?: { readonly hue?: number; readonly saturation?: number; readonly brightness?: number; readonly kelvin?: number };
  readonly duration?: number;
}

// Numbers of the LIFX LAN protocol.
const PORT = 56_700;
const HEADER = 36;
const GET_SERVICE = 2;
const STATE_SERVICE = 3;
const ACKNOWLEDGEMENT = 45;
const LIGHT_GET = 101;
const SET_COLOR = 102;
const LIGHT_STATE = 107;
const SET_LIGHT_POWER = 117;
const NO_TARGET = '000000000000';
const SOURCE = 0x6163_6365;

/** How often, and how far apart, a command is sent that is not acknowledged. */
const ATTEMPTS = 5;
const ATTEMPT_MS = 250;

let socket: Socket | undefined;
let bulbs: Bulb[] = [];
let sequence = 0;
/** Commands that wait to be acknowledged, by sequence number. */
let unanswered = new Set<number>();

/** Finds and controls LIFX lamps in the local network, by the UDP protocol that they speak there.
 *  @input control                 JSON, default {}; {power: true or false, color: {hue 0 to 360, saturation 0 to 1, brightness 0 to 1, kelvin 1500 to 9000}, duration in ms}; without color or power, that stays
 *  @input manualBulbSetup         JSON, default {}; {ipAddress, port, mac}; a lamp that does not hear broadcasts; without mac it is asked for it
 *  @input probe                   any; asks the selected lamp for its state
 *  @input selectLight             int, default 0; its place in what was discovered, from 0
 *  @input triggerDiscovery        any; asks who is there
 *  @output data                   JSON, default {}; {label, power, color, ipAddress, port, mac}, after a probe
 *  @output discovered             any; [{ipAddress, port, mac}, ...], after each new lamp
 *  @parameter discoveryInterval   int, default 3500; ms from asking who is there to asking again; 0: only at first
 *  @parameter listeningIpAddress  string, default "0.0.0.0"; of this machine
 *  @parameter listeningPort       int, default 50000; 0: any that is free
 *  @parameter setFaultTolerent    boolean, default false; send a command again, five times in all, until the lamp acknowledges it
 *  @parameter userName            string, default "abcdefgh"; without effect
 *  @error failures of the network are reported; a command for a lamp that was not discovered too, and one that was not acknowledged
 *  @example
 *  const lamps = this.instantiate('lamps', 'devices/Lifx');
 *  this.connect(switches, 'output', lamps, 'control'); // {power: true, color: {hue: 120, saturation: 1, brightness: 0.5, kelvin: 3500}} */
export function setup(this: AccessorContext): void {
  this.input('control', { type: 'JSON', value: {} });
  this.input('manualBulbSetup', { type: 'JSON', value: {} });
  this.input('probe');
  this.input('selectLight', { type: 'int', value: 0 });
  this.input('triggerDiscovery');
  this.output('data', { type: 'JSON', value: {} });
  this.output('discovered');
  this.parameter('discoveryInterval', { type: 'int', value: 3500 });
  this.parameter('listeningIpAddress', { type: 'string', value: '0.0.0.0' });
  this.parameter('listeningPort', { type: 'int', value: 50000 });
  this.parameter('setFaultTolerent', { type: 'boolean', value: false });
  this.parameter('userName', { type: 'string', value: 'abcdefgh' });
}

export function initialize(this: AccessorContext): void {
  bulbs = [];
  sequence = 0;
  unanswered = new Set();
  const opened = createSocket('udp4', null, true);
  socket = opened;
  opened.setRawBytes(true);
  opened.on('error', (error) => this.error(error));
  opened.on('message', (data, info) => {
    if (socket === opened) receive.call(this, data, JSON.parse(info) as { address: string; port: number });
  });
  opened.on('listening', () => {
    if (socket === opened) discover();
  });
  opened.bind(this.getParameter('listeningPort'), this.getParameter('listeningIpAddress'));
  const interval = Number(this.getParameter('discoveryInterval'));
  if (interval > 0) this.setIntervalDeterministic(discover, interval);
  this.addInputHandler('triggerDiscovery', discover);
  this.addInputHandler('manualBulbSetup', () => addByHand.call(this, this.get('manualBulbSetup')));
  this.addInputHandler('control', () => control.call(this, this.get('control') as Control));
  this.addInputHandler('probe', () => {
    const bulb = selected.call(this);
    if (bulb) transmit(bulb, LIGHT_GET, Buffer.alloc(0));
  });
  addByHand.call(this, this.get('manualBulbSetup'));
}

export function wrapup(this: AccessorContext): void {
  const closing = socket;
  socket = undefined;
  closing?.close();
}

function discover(): void {
  transmit({ ipAddress: '255.255.255.255', port: PORT, mac: NO_TARGET }, GET_SERVICE, Buffer.alloc(0));
}

function addByHand(this: AccessorContext, given: unknown): void {
  const { ipAddress, port = PORT, mac } = (given ?? {}) as Partial<Bulb>;
  if (ipAddress === undefined) return;
  if (mac === undefined) transmit({ ipAddress, port, mac: NO_TARGET }, GET_SERVICE, Buffer.alloc(0));
  else add.call(this, { ipAddress, port, mac: mac.replaceAll(':', '').toLowerCase() });
}

function add(this: AccessorContext, bulb: Bulb): void {
  const known = bulbs.findIndex(({ mac }) => mac === bulb.mac);
  if (known >= 0 && bulbs[known]?.ipAddress === bulb.ipAddress && bulbs[known]?.port === bulb.port) return;
  bulbs = known >= 0 ? bulbs.with(known, bulb) : [...bulbs, bulb];
  this.send('discovered', bulbs);
}

function selected(this: AccessorContext): Bulb | undefined {
  const index = Number(this.get('selectLight'));
  const bulb = bulbs[index];
  if (!bulb) this.error(`There is no lamp ${index}; discovered so far: ${bulbs.length}`);
  return bulb;
}

function control(this: AccessorContext, { power, color, duration = 0 }: Control): void {
  const bulb = selected.call(this);
  if (!bulb) return;
  if (color) command.call(this, bulb, SET_COLOR, colorPayload(color, duration));
  if (power !== undefined) {
    const payload = Buffer.alloc(6);
    payload.writeUInt16LE(power === true || power === 'on' ? 65_535 : 0, 0);
    payload.writeUInt32LE(duration, 2);
    command.call(this, bulb, SET_LIGHT_POWER, payload);
  }
}

function colorPayload({ hue = 0, saturation = 0, brightness = 1, kelvin = 3500 }: NonNullable<Control['color']>, duration: number): Buffer {
  const payload = Buffer.alloc(13);
  payload.writeUInt16LE(Math.round(((((hue % 360) + 360) % 360) / 360) * 65_535), 1);
  payload.writeUInt16LE(share(saturation), 3);
  payload.writeUInt16LE(share(brightness), 5);
  payload.writeUInt16LE(Math.min(9000, Math.max(1500, Math.round(kelvin))), 7);
  payload.writeUInt32LE(duration, 9);
  return payload;
}

/** 0 to 1 as the lamps count it. */
function share(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * 65_535);
}

/** Sends what changes a lamp, again if need be. */
function command(this: AccessorContext, bulb: Bulb, type: number, payload: Buffer): void {
  const tolerant = Boolean(this.getParameter('setFaultTolerent'));
  const number = transmit(bulb, type, payload, tolerant);
  if (!tolerant) return;
  unanswered.add(number);
  const again = (attempt: number): void => {
    if (!unanswered.has(number)) return;
    if (attempt > ATTEMPTS) {
      unanswered.delete(number);
      this.error(`The lamp ${bulb.ipAddress} does not acknowledge a command`);
      return;
    }
    if (attempt > 1) transmit(bulb, type, payload, true, number);
    this.setTimeoutDeterministic(() => again(attempt + 1), ATTEMPT_MS);
  };
  again(1);
}

/** Returns the sequence number, by which an acknowledgement tells what it means. */
function transmit(bulb: Bulb, type: number, payload: Buffer, acknowledge = false, number = sequence++ & 0xff): number {
  const packet = Buffer.alloc(HEADER + payload.length);
  packet.writeUInt16LE(packet.length, 0);
  packet.writeUInt16LE(1024 | (1 << 12) | (bulb.mac === NO_TARGET ? 1 << 13 : 0), 2);
  packet.writeUInt32LE(SOURCE, 4);
  packet.write(bulb.mac, 8, 'hex');
  packet[22] = acknowledge ? 2 : 0;
  packet[23] = number;
  packet.writeUInt16LE(type, 32);
  payload.copy(packet, HEADER);
  socket?.send(packet, bulb.port, bulb.ipAddress);
  return number;
}

function receive(this: AccessorContext, packet: Buffer, from: { readonly address: string; readonly port: number }): void {
  if (packet.length < HEADER || packet.readUInt16LE(0) !== packet.length || packet.readUInt32LE(4) !== SOURCE) return; // for others
  const mac = packet.toString('hex', 8, 14);
  const type = packet.readUInt16LE(32);
  const payload = packet.subarray(HEADER);
  if (type === STATE_SERVICE && payload.length >= 5 && payload[0] === 1)
    add.call(this, { ipAddress: from.address, port: payload.readUInt32LE(1), mac });
  else if (type === ACKNOWLEDGEMENT) unanswered.delete(packet[23] ?? -1);
  else if (type === LIGHT_STATE && payload.length >= 44) {
    const bulb = bulbs.find((known) => known.mac === mac);
    if (bulb) this.send('data', { ...stateOf(payload), ...bulb });
  }
}

function stateOf(payload: Buffer): object {
  const round = (value: number): number => Math.round(value * 1000) / 1000;
  const [hue = 0, saturation = 0, brightness = 0, kelvin = 0] = [0, 2, 4, 6].map((at) => payload.readUInt16LE(at));
  return {
    label: payload.toString('utf8', 12, 44).replace(/\0.*$/s, ''),
    power: payload.readUInt16LE(10) > 0,
    color: { hue: round((hue / 65_535) * 360), saturation: round(saturation / 65_535), brightness: round(brightness / 65_535), kelvin },
  };
}
