import { jsonLine, plain, timeOfDay } from '../plain.ts';

type Paint = (colour: 'grey' | 'yellow' | 'red', text: string) => string;

const codes = { grey: 90, yellow: 33, red: 31 } as const;
const coloured: Paint = (colour, text) => `\x1b[${codes[colour]}m${text}\x1b[0m`;
const uncoloured: Paint = (_, text) => text;

/**
 * A line of the log for people: `18:44:29.123 warn  refused code=CONFLICT swarmlet=lamp`. Whatever it tells, it is one line without
 * control characters (THREATS D07), which no printer for pino promises.
 * @param line  JSON, as the log writes it
 */
export function readable(line: string, inColour: boolean): string {
  const { time, level, event, msg, err, ...rest } = JSON.parse(line) as Readonly<Record<string, unknown>>;
  const paint = inColour ? coloured : uncoloured;
  const title = `${String(level).padEnd(5)} ${[event, msg]
    .filter((part) => part !== undefined)
    .map(plain)
    .join(': ')}`;
  const stack = (err as { readonly stack?: unknown } | undefined)?.stack;
  const fields = Object.entries({ ...rest, ...(stack !== undefined && { stack }) }).map(
    ([name, value]) => `${plain(name)}=${shown(value)}`,
  );
  const told = level === 'error' ? paint('red', title) : level === 'warn' ? paint('yellow', title) : title;
  return `${paint('grey', timeOfDay(String(time)))} ${told}${fields.length > 0 ? ` ${paint('grey', fields.join(' '))}` : ''}\n`;
}

/** As it is where nobody could mistake its end. */
function shown(value: unknown): string {
  return typeof value === 'string' && /^[^\s"=]+$/.test(value) ? plain(value) : jsonLine(value);
}
