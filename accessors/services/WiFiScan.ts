import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

const { scan } = require('@accessors-modules/wifi-scanner') as {
  scan(callback: (error: Error | null, accessPoints?: readonly object[]) => void): void;
};

let life = 0;

/** Lists the WiFi access points in reach, with the program nmcli of NetworkManager.
 *  @input trigger    any; looks
 *  @output wifiData  JSON; [{mac, ssid, signal in %, rssi in dBm, channel}, ...], the strongest first
 *  @error a machine without nmcli or without WiFi is reported
 *  @example
 *  const wifi = this.instantiate('wifi', 'services/WiFiScan');
 *  this.connect(button, 'output', wifi, 'trigger');
 *  this.connect(wifi, 'wifiData', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('trigger');
  this.output('wifiData', { type: 'JSON' });
}

export function initialize(this: AccessorContext): void {
  const now = ++life;
  this.addInputHandler('trigger', () =>
    scan((error, accessPoints) => {
      if (now !== life) return;
      if (error) this.error(error.message);
      else this.send('wifiData', accessPoints);
    }),
  );
}

export function wrapup(this: AccessorContext): void {
  life++;
}
