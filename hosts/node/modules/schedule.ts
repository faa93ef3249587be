import { Cron } from 'croner';

/** Times in ms since 1970 at which a cron expression comes due. */
interface Schedule {
  /** The first time after `from`; undefined: there is none. */
  next(from: number): number | undefined;
}

export function create(): unknown {
  return { schedule };
}

/**
 * @param expression  five fields from minutes to week days, six with seconds in front, or @hourly, @daily, ...
 * @param timeZone    as Europe/Berlin; empty: that of the machine
 * @throws Error that names what is wrong with it
 */
function schedule(expression: string, timeZone: string): Schedule {
  try {
    const cron = new Cron(expression, timeZone === '' ? {} : { timezone: timeZone });
    cron.nextRun(); // looks at the time zone
    return { next: (from) => cron.nextRun(new Date(from))?.getTime() };
  } catch (error) {
    const zone = timeZone === '' ? '' : ` in time zone "${timeZone}"`;
    throw new Error(`"${expression}"${zone} is no schedule: ${(error as Error).message}`, { cause: error });
  }
}
