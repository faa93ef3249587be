import { constants } from 'node:os';
import type { Exit } from './carrier.ts';

/** What V8 and the C++ library print before they give up for lack of memory. */
const memoryReport = /^(?:FATAL ERROR: .*(?:out of memory|allocation failed)|# Fatal .*out of memory|.*std::bad_alloc)/i;

export function isMemoryReport(line: string): boolean {
  return memoryReport.test(line);
}

/** Why a process ended that nobody had ended. */
export function describeExit({ code, signal }: Exit, outOfMemory: boolean): string {
  if (outOfMemory) return 'It needed more memory than the heap or the system gave it.';
  // The programs in front of node tell a signal as 128 and its number.
  const name = signal ?? Object.entries(constants.signals).find(([, number]) => code === 128 + number)?.[0];
  if (name === 'SIGKILL') return 'It was ended by SIGKILL from outside; the system may be short of memory.';
  return name ? `It was ended by ${name}.` : `It ended itself with exit code ${code}.`;
}
