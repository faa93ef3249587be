import type { EdgeScope } from '../edge/index.ts';
import { problem } from './shared/index.ts';

interface Options {
  /** Wait for a fix with altitude. */
  readonly enableHighAccuracy?: unknown;
  /** ms. */
  readonly maximumAge?: unknown;
}

export interface Location {
  readonly latitude: number;
  readonly longitude: number;
  /** m. */
  readonly altitude?: number;
  readonly accuracy?: number;
  /** ms since 1970. */
  readonly timestamp: number;
}

type Callback = (error: Error | null, location?: Location) => void;

/** What gpsd reports; mode 2 is a fix without, 3 one with altitude. */
interface Report {
  readonly class?: string;
  readonly mode?: number;
  readonly lat?: number;
  readonly lon?: number;
  readonly altMSL?: number;
  readonly alt?: number;
  readonly eph?: number;
  readonly time?: string;
}

const GPSD = { host: '127.0.0.1', port: 2947 };
const TIMEOUT_MS = 10_000;
/** gpsd writes lines of at most some kilobytes. */
const MAX_LINE = 2 ** 20;

export function create(edge: EdgeScope): unknown {
  let last: Location | undefined;
  return {
    /** Asks gpsd, and calls back with the first fix that is good enough, within ten seconds. */
    getCurrentPosition({ enableHighAccuracy, maximumAge }: Options, callback: Callback): void {
      if (last && Date.now() - last.timestamp <= Number(maximumAge ?? 0)) {
        const known = last;
        process.nextTick(callback, null, known);
        return;
      }
      ask(edge, enableHighAccuracy ? 3 : 2, (error, location) => {
        last = location ?? last;
        callback(error, location);
      });
    },
  };
}

/** Whatever was measured counts when the time is over, altitude or not. */
function ask(edge: EdgeScope, mode: number, callback: Callback): void {
  const stream = edge.connect(GPSD);
  const over = edge.operation();
  let best: Location | undefined;
  let rest = '';
  const finish = (error: Error | null): void => {
    clearTimeout(timer);
    over();
    closed();
    stream.removeAllListeners('data').removeAllListeners('error').removeAllListeners('close');
    stream.on('error', () => {}).destroy();
    if (best) callback(null, best);
    else callback(error);
  };
  const timer = setTimeout(
    () => finish(new Error(`gpsd has no fix after ${TIMEOUT_MS} ms. Is the receiver in sight of the sky?`)),
    TIMEOUT_MS,
  );
  const closed = edge.own({ close: () => finish(null) });
  stream.on('error', (error) =>
    finish(
      new Error(`gpsd cannot be reached at port ${GPSD.port} of this machine: ${problem(error)}. Install it with: apt-get install gpsd`),
    ),
  );
  stream.on('close', () => finish(new Error('gpsd closed the connection')));
  stream.on('data', (part: Buffer) => {
    const lines = (rest + part.toString()).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE) finish(new Error('What answers at the port of gpsd is no gpsd'));
    for (const line of lines) {
      const report = parse(line);
      best = locationOf(report) ?? best;
      if (best && (report.mode ?? 0) >= mode) return finish(null);
    }
  });
  stream.write('?WATCH={"enable":true,"json":true};\n');
}

function parse(line: string): Report {
  try {
    return JSON.parse(line) as Report;
  } catch {
    return {}; // not of this protocol: as if it were not there
  }
}

function locationOf({ class: kind, mode = 0, lat, lon, altMSL, alt, eph, time }: Report): Location | undefined {
  if (kind !== 'TPV' || mode < 2 || lat === undefined || lon === undefined) return undefined;
  const altitude = altMSL ?? alt;
  return {
    latitude: lat,
    longitude: lon,
    ...(altitude !== undefined && { altitude }),
    ...(eph !== undefined && { accuracy: eph }),
    timestamp: time === undefined ? Date.now() : Date.parse(time),
  };
}
