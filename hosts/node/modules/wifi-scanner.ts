import type { EdgeScope } from '../edge/index.ts';
import { wifiScan } from '../wifi-scan.ts';
import { run } from './shared/index.ts';

export interface AccessPoint {
  readonly mac: string;
  readonly ssid: string;
  /** Of 100. */
  readonly signal: number;
  /** dBm, as NetworkManager reckons the signal. */
  readonly rssi: number;
  readonly channel: number;
}

/** A scan takes some seconds. */
const LIMIT_MS = 20_000;

export function create(edge: EdgeScope): unknown {
  return {
    /** Calls back with the access points in reach, the strongest first. */
    scan(callback: (error: Error | null, accessPoints?: readonly AccessPoint[]) => void): void {
      const [command, ...args] = wifiScan;
      run(edge, command, args, LIMIT_MS)
        .then(({ code, stdout }) => {
          if (code !== 0) throw new Error(`nmcli ended with ${code}. Is there a WiFi device, and is NetworkManager running?`);
          return accessPoints(stdout);
        })
        .then(
          (found) => callback(null, found),
          (error: Error) => callback(error),
        );
    },
  };
}

/** Lines of fields that are parted by colons; a colon of a field has a backslash before it. */
export function accessPoints(text: string): AccessPoint[] {
  const points = text.split('\n').flatMap((line): AccessPoint[] => {
    const [mac = '', ssid = '', signal = '', channel = ''] = line.split(/(?<!\\):/).map((field) => field.replace(/\\(.)/g, '$1'));
    if (!/^[0-9A-F:]{17}$/i.test(mac)) return [];
    return [{ mac: mac.toLowerCase(), ssid, signal: Number(signal), rssi: Number(signal) / 2 - 100, channel: Number(channel) }];
  });
  return points.sort((a, b) => b.signal - a.signal);
}
