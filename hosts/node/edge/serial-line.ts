import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import type * as Package from 'serialport';
import type { SerialOptions } from './edge.ts';

type Callback = (error?: Error | null) => void;

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

/** The last line that was opened on each path. */
const lines = new Map<string, SerialLine>();

/** A serial port as a stream; `connect` when it is open. Data that wait for the line are sent before it ends. */
export class SerialLine extends Duplex {
  readonly #options: SerialOptions;
  #port: Package.SerialPort | undefined;

  constructor(options: SerialOptions) {
    super();
    this.#options = options;
  }

  override _construct(callback: Callback): void {
    const { path, baudRate } = this.#options;
    const before = lines.get(path);
    lines.set(path, this);
    const open = (): void => {
      let port: Package.SerialPort;
      try {
        port = new (serialPackage().SerialPort)({ path, baudRate, autoOpen: false });
      } catch (error) {
        callback(error as Error);
        return;
      }
      this.#port = port;
      port.on('data', (part: Buffer) => {
        if (!this.push(part)) port.pause();
      });
      port.on('error', (error) => this.destroy(error));
      port.on('close', (error: Error | null) => this.destroy(error ?? undefined)); // somebody pulled the plug
      port.open((error) => {
        callback(error);
        if (!error) this.emit('connect');
      });
    };
    // One that ends holds the port until its last byte has left.
    if (before && !before.closed && (before.writableEnded || before.destroyed)) before.once('close', open);
    else open();
  }

  override _read(): void {
    this.#port?.resume();
  }

  override _write(data: Buffer, _encoding: string, callback: Callback): void {
    this.#port?.write(data, callback);
  }

  override _final(callback: Callback): void {
    this.#port?.drain((error) => {
      callback(error);
      this.destroy();
    });
  }

  override _destroy(error: Error | null, callback: Callback): void {
    const { path } = this.#options;
    const over = (): void => {
      if (lines.get(path) === this) lines.delete(path);
      callback(error);
    };
    this.#port?.removeAllListeners('close');
    if (this.#port?.isOpen) this.#port.close(over);
    else over();
  }
}

export async function listSerialPorts(): Promise<string[]> {
  return (await serialPackage().SerialPort.list()).map(({ path }) => path);
}
