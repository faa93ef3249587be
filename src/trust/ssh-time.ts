const form = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(z|utc)?$/i;
const minuteMs = 60_000;

/**
 * Unix milliseconds of a time as ssh-keygen writes it: `YYYYMMDD`, `YYYYMMDDHHMM` or `YYYYMMDDHHMMSS`, in local time unless `Z`
 * or `UTC` follows; undefined if it is none. Local means the zone's standard time, also in summer: ssh-keygen reads it so.
 */
export function sshTimeMs(text: string): number | undefined {
  const found = form.exec(text);
  if (!found) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1, 7).map((digits) => Number(digits ?? 0));
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return undefined;
  const utc = Date.UTC(year, month - 1, day, hour, minute, second); // February 31 is March 3, for ssh-keygen too
  const ms = found[7] ? utc : utc + standardOffsetMinutes(year) * minuteMs;
  return ms > 0 ? ms : undefined;
}

/** Minutes that UTC is ahead of the zone's standard time; summer time, in whichever half of the year, has fewer. */
function standardOffsetMinutes(year: number): number {
  return Math.max(new Date(year, 0, 1).getTimezoneOffset(), new Date(year, 6, 1).getTimezoneOffset());
}
