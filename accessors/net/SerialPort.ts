import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

interface Port {
  on(event: 'data' | 'error', listener: (value: unknown) => void): void;
  open(): void;
  send(data: unknown): void;
  close(): void;
}
const { SerialPort, hostSerialPorts } = require('@accessors-modules/serial') as {
  SerialPort: new (name: unknown, owner: unknown, timeout: number, options: object) => Port;
  hostSerialPorts(callback: (ports: string[]) => void): void;
};

const TIMEOUT_MS = 10_000;

let port: Port | undefined;
/** Data from before the ports of the machine were known. */
let waiting: unknown[] = [];
let life = 0;

/** Sends and receives over a serial port. Errors are reported.
 *  @input toSend           any
 *  @output received        any
 *  @output invalid         any; with receiveType json: what is no JSON
 *  @parameter baudRate     int, default 9600
 *  @parameter port         string; by default the last one of the machine; loopback sends back what it gets
 *  @parameter receiveType  string, default "string"; byte, double, float, int, json, number, short, string, unsignedbyte, unsignedshort
 *  @parameter sendType     string, default "string"
 *  @error a port that cannot be opened or is pulled out, and data that are not of the type, are reported
 *  @example
 *  const port = this.instantiate('port', 'net/SerialPort');
 *  port.setParameter('port', 'loopback'); // or /dev/ttyUSB0
 *  this.connect(source, 'output', port, 'toSend');
 *  this.connect(port, 'received', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('toSend');
  this.output('received');
  this.output('invalid');
  this.parameter('baudRate', { type: 'int', value: 9600 });
  this.parameter('port', { type: 'string' });
  this.parameter('receiveType', { type: 'string', value: 'string' });
  this.parameter('sendType', { type: 'string', value: 'string' });
}

export function initialize(this: AccessorContext): void {
  const { root } = this;
  const now = ++life;
  const name = this.getParameter('port');
  this.addInputHandler('toSend', () => root.exports.toSendInputHandler.call(root));
  if (name) {
    open.call(this, String(name));
    return;
  }
  hostSerialPorts((ports) => {
    if (now === life) open.call(this, ports.at(-1) ?? 'loopback');
  });
}

function open(this: AccessorContext, name: string): void {
  const options = Object.fromEntries(['baudRate', 'receiveType', 'sendType'].map((option) => [option, this.getParameter(option)]));
  const opened = new SerialPort(name, this, TIMEOUT_MS, options);
  port = opened;
  opened.on('data', (data) => {
    if (port === opened) receive.call(this, data);
  });
  opened.on('error', (error) => this.error(error));
  opened.open();
  const first = waiting;
  waiting = [];
  for (const data of first) opened.send(data);
}

function receive(this: AccessorContext, data: unknown): void {
  if (this.getParameter('receiveType') !== 'json') {
    this.send('received', data);
    return;
  }
  let value: unknown;
  try {
    value = JSON.parse(String(data));
  } catch {
    this.send('invalid', data);
    return;
  }
  this.send('received', value);
}

/** Called for each value at `toSend`. */
export function toSendInputHandler(this: AccessorContext): void {
  const data = this.get('toSend');
  if (port) port.send(data);
  else waiting.push(data);
}

export function wrapup(this: AccessorContext): void {
  life++;
  waiting = [];
  port?.close();
  port = undefined;
}
