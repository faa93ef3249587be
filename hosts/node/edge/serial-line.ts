import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type * as Package from 'serialport';
import type { SerialOptions } from './edge.ts';

/**
 * The package `serialport`, of the user's project or of this package; native, so only who has a serial line installs it.
 * @throws Error that says how
 */
function serialPackage(): typeof Package {
  for (const from of [join(process.cwd(), 'swarmlet.js'), import.meta.url]) {
    try {
      return createRequire(from)('serialport');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  throw new Error('Serial ports need the package serialport. Install it with: npm install serialport');
}

export function openSerialPort({ path, baudRate }: SerialOptions): Duplex {
  const { SerialPort } = serialPackage();
  const port = new SerialPort({ path, baudRate });
  port.once('open', () => port.emit('connect'));
  return port as unknown as Duplex; // its own streams, made by Node's classes
}

export async function listSerialPorts(): Promise<string[]> {
  return (await serialPackage().SerialPort.list()).map(({ path }) => path);
}
