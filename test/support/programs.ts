import { readdirSync, readFileSync } from 'node:fs';

/** How many processes of this machine have this text among their arguments. */
export function programsWith(argument: string): number {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(argument);
    } catch {
      return false; // it has ended meanwhile
    }
  }).length;
}
