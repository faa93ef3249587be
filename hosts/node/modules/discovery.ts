import { isIPv4 } from 'node:net';
import type { EdgeScope } from '../edge/index.ts';
import { run } from './shared/index.ts';

interface Device {
  readonly name: string;
  readonly ipAddress: string;
  readonly mac: string;
}

/** Pings under way at a time. */
const AT_ONCE = 32;
const SCAN_MS = 120_000;

export function create(edge: EdgeScope): unknown {
  return {
    DiscoveryService: class extends DiscoveryService {
      constructor() {
        super(edge);
      }
    },
  };
}

class DiscoveryService {
  readonly #edge: EdgeScope;

  constructor(edge: EdgeScope) {
    this.#edge = edge;
  }

  /** The first IPv4 address that others can reach; undefined without any. */
  getHostAddress(): string | undefined {
    return this.#edge.interfaces().find(({ family, internal }) => family === 4 && !internal)?.address;
  }

  /** Calls back with JSON text of the devices in the network of 256 addresses around `hostIP`, or with empty text for none. */
  discoverDevices(hostIP: unknown, method: 'ping' | 'nmap', callback: (devices: string) => void): void {
    const scanned = isIPv4(String(hostIP))
      ? method === 'nmap'
        ? this.#nmap(String(hostIP))
        : this.#ping(String(hostIP))
      : Promise.reject(new Error(`The address of the host should be like 192.168.1.5, got ${JSON.stringify(hostIP)}`));
    scanned.then(
      (devices) => callback(devices.length > 0 ? JSON.stringify(devices) : ''),
      (error: Error) => {
        console.error(`discovery: ${error.message}`);
        callback('');
      },
    );
  }

  /** Calls back with the hardware address of a neighbour, or with empty text. */
  discoverMacAddress(ip: unknown, callback: (mac: string) => void): void {
    const found = isIPv4(String(ip)) ? this.#mac(String(ip)) : Promise.resolve('');
    found.then(callback, (error: Error) => {
      console.error(`discovery: ${error.message}`);
      callback('');
    });
  }

  async #ping(hostIP: string): Promise<Device[]> {
    const network = hostIP.slice(0, hostIP.lastIndexOf('.'));
    const addresses = Array.from({ length: 254 }, (_, i) => `${network}.${i + 1}`);
    const devices: Device[] = [];
    const deadline = process.platform === 'darwin' ? '-t' : '-W';
    const lane = async (): Promise<void> => {
      for (let address = addresses.shift(); address; address = addresses.shift()) {
        const { code } = await run(this.#edge, 'ping', ['-n', '-c', '1', deadline, '1', address], SCAN_MS);
        if (code === 0) devices.push({ name: address, ipAddress: address, mac: await this.#mac(address) });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    return devices.sort((a, b) => lastOf(a.ipAddress) - lastOf(b.ipAddress));
  }

  async #nmap(hostIP: string): Promise<Device[]> {
    const { stdout } = await run(this.#edge, 'nmap', ['-sn', '-oX', '-', `${hostIP}/24`], SCAN_MS);
    return devicesOf(stdout);
  }

  async #mac(ip: string): Promise<string> {
    try {
      const { stdout } = await run(this.#edge, 'ip', ['neigh', 'show', ip], SCAN_MS);
      return /\blladdr ([0-9a-f:]{17})\b/i.exec(stdout)?.[1] ?? '';
    } catch {
      return ''; // a system without that program: the device is found all the same
    }
  }
}

function lastOf(address: string): number {
  return Number(address.slice(address.lastIndexOf('.') + 1));
}

/** The hosts that are up in nmap's XML. */
export function devicesOf(xml: string): Device[] {
  return [...xml.matchAll(/<host\b[^>]*>[\s\S]*?<\/host>/g)].flatMap(([host]) => {
    const attribute = (pattern: RegExp): string => pattern.exec(host)?.[1] ?? '';
    const ipAddress = attribute(/<address addr="([^"]+)" addrtype="ipv4"/);
    if (ipAddress === '' || !/<status state="up"/.test(host)) return [];
    const name = attribute(/<hostname name="([^"]+)"/) || ipAddress;
    return [{ name, ipAddress, mac: attribute(/<address addr="([^"]+)" addrtype="mac"/).toLowerCase() }];
  });
}
