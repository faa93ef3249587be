import { readdir, readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';

/** What this process uses; descriptors are undefined where the system does not tell. */
export interface ProcessReading {
  readonly cpuSeconds: number;
  readonly memory: NodeJS.MemoryUsage;
  /** Unix seconds. */
  readonly startTime: number;
  readonly openDescriptors: number | undefined;
  readonly mostDescriptors: number | undefined;
}

let mostDescriptors: Promise<number | undefined> | undefined;

export async function readProcess(): Promise<ProcessReading> {
  mostDescriptors ??= limitOfDescriptors();
  const { user, system } = process.cpuUsage();
  return {
    cpuSeconds: (user + system) / 1e6,
    memory: process.memoryUsage(),
    startTime: performance.timeOrigin / 1000,
    openDescriptors: await readdir('/proc/self/fd').then(({ length }) => length - 1, unknown), // one of them reads the folder
    mostDescriptors: await mostDescriptors,
  };
}

async function limitOfDescriptors(): Promise<number | undefined> {
  const text = await readFile('/proc/self/limits', 'latin1').catch(unknown);
  const found = /^Max open files\s+(\d+)/m.exec(text ?? '');
  return found ? Number(found[1]) : undefined;
}

function unknown(): undefined {
  return undefined;
}
