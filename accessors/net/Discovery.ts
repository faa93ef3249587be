import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

interface Service {
  discoverDevices(hostIP: unknown, method: 'ping' | 'nmap', callback: (devices: string) => void): void;
}
const { DiscoveryService } = require('discovery') as { DiscoveryService: new () => Service };

/** Counts initializations: what a scan finds after a wrapup is nobody's. */
let life = 0;

/** Looks for devices in the network of 256 addresses around an address; sends a text on `error` if there are none.
 *  @input hostIP       string; IPv4 address
 *  @output devices     any; JSON text of an array of {name, ipAddress, mac}
 *  @parameter useNmap  boolean, default false; with the program nmap instead of ping
 *  @error an address that is none, and a program that is missing, are reported; a network without devices gives a text on `error`
 *  @example
 *  const discovery = this.instantiate('discovery', 'net/Discovery');
 *  const address = this.instantiate('address', 'net/IPAddress');
 *  this.connect(button, 'output', address, 'trigger');
 *  this.connect(address, 'IPAddress', discovery, 'hostIP');
 *  this.connect(discovery, 'devices', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('hostIP', { type: 'string' });
  this.output('devices');
  this.parameter('useNmap', { type: 'boolean', value: false });
}

export function initialize(this: AccessorContext): void {
  const service = new DiscoveryService();
  const now = ++life;
  this.addInputHandler('hostIP', () => {
    const hostIP = this.get('hostIP');
    service.discoverDevices(hostIP, this.getParameter('useNmap') ? 'nmap' : 'ping', (devices) => {
      if (now !== life) return;
      if (devices === '') this.send('error', `No devices found around ${hostIP}.`);
      else this.send('devices', devices);
    });
  });
}

export function wrapup(this: AccessorContext): void {
  life++;
}
