import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

const { XBee } = require('xbee') as { XBee: new (port: unknown) => unknown };

/** Sends and receives over an XBee radio. Interface only: this host has no driver for its API mode.
 *  @input toSend           any
 *  @output received        any
 *  @parameter baudRate     int, default 9600
 *  @parameter port         string
 *  @parameter receiveType  string, default "string"
 *  @parameter sendType     string, default "string"
 *  @error initialize throws: a radio in transparent mode is a serial line; use net/SerialPort
 *  @example
 *  const radio = this.instantiate('radio', 'net/XBee');
 *  this.connect(source, 'output', radio, 'toSend'); */
export function setup(this: AccessorContext): void {
  this.input('toSend');
  this.output('received');
  this.parameter('baudRate', { type: 'int', value: 9600 });
  this.parameter('port', { type: 'string' });
  this.parameter('receiveType', { type: 'string', value: 'string' });
  this.parameter('sendType', { type: 'string', value: 'string' });
}

export function initialize(this: AccessorContext): void {
  new XBee(this.getParameter('port'));
}

export function toSendInputHandler(this: AccessorContext): void {}

export function wrapup(this: AccessorContext): void {}
