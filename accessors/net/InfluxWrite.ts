import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

interface Message {
  readonly statusCode: number;
  readonly statusMessage: string;
  readonly body: unknown;
}
interface Request {
  on(event: 'error', listener: (error: Error) => void): void;
  end(): void;
}
const { request } = require('@accessors-modules/http-client') as {
  request(options: object, callback: (message: Message | null) => void): Request;
};

/** Points in one request, and in all that wait. */
const MOST_AT_ONCE = 5000;
const MOST_WAITING = 100_000;
const AGAIN_MS = 5000;

/** Lines that the server has not taken yet; the first `sent` of them are on their way. */
let waiting: string[] = [];
let sent = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
let latestMs = 0;

/** Writes values into an InfluxDB. What comes while a request is under way goes together with the next; when the server cannot be
 *  reached, or is overloaded, points wait, at most 100,000 of them, and are sent again every 5 s.
 *  @input point             any; number, text or boolean: the field `value`; {fields, tags, measurement, time}, time in ms since 1970; any other object: its fields
 *  @output written          number; points that the server took with one request
 *  @parameter url           string, default "http://localhost:8086"
 *  @parameter database      string, default ""; the bucket of a server of version 2 and later
 *  @parameter organization  string, default ""; of a server of version 2 and later; empty: the server has version 1
 *  @parameter token         string, default ""; of a server of version 2 and later
 *  @parameter measurement   string, default "accessors"; of points that name none
 *  @parameter tags          JSON, default {}; of all points
 *  @parameter timeout       int, default 5000; ms
 *  @error a point that is none, one too many, and what the server refuses are reported and lost; a server that is not reached is reported, and points wait
 *  @example
 *  const influx = this.instantiate('influx', 'net/InfluxWrite');
 *  influx.setParameter('database', 'home');
 *  influx.setParameter('measurement', 'climate');
 *  influx.setParameter('tags', { room: 'kitchen' });
 *  this.connect(thermometer, 'output', influx, 'point'); // or {temperature: 21.5, humidity: 40} */
export function setup(this: AccessorContext): void {
  this.input('point');
  this.output('written', { type: 'number' });
  this.parameter('url', { type: 'string', value: 'http://localhost:8086' });
  this.parameter('database', { type: 'string', value: '' });
  this.parameter('organization', { type: 'string', value: '' });
  this.parameter('token', { type: 'string', value: '' });
  this.parameter('measurement', { type: 'string', value: 'accessors' });
  this.parameter('tags', { type: 'JSON', value: {} });
  this.parameter('timeout', { type: 'int', value: 5000 });
}

export function initialize(this: AccessorContext): void {
  waiting = [];
  sent = 0;
  this.addInputHandler('point', () => {
    const point = this.get('point');
    try {
      if (waiting.length >= MOST_WAITING) throw new Error(`${MOST_WAITING} points wait for ${this.getParameter('url')}`);
      waiting.push(lineOf(point, String(this.getParameter('measurement')), this.getParameter('tags') as object));
    } catch (error) {
      this.error(`The point ${JSON.stringify(point)} is not written: ${(error as Error).message}`);
      return;
    }
    if (sent === 0 && timer === undefined) write(this, false);
  });
}

export function wrapup(this: AccessorContext): void {
  clearTimeout(timer);
  timer = undefined;
  waiting.splice(0, sent);
  if (waiting.length > 0) write(this, true);
}

/** @param last  it ends with the swarmlet: what waits goes in one request, whose answer nobody hears */
function write(accessor: AccessorContext, last: boolean): void {
  const lines = last ? waiting : waiting.slice(0, MOST_AT_ONCE);
  const all = waiting;
  sent = lines.length;
  const { url, headers } = addressOf(accessor);
  const taken = (): void => void all.splice(0, lines.length);
  /** @param again  the points stay, and are sent once more */
  const failed = (reason: string, again: boolean): void => {
    if (all !== waiting) return;
    sent = 0;
    if (again) timer = setTimeout(() => goOn(accessor), AGAIN_MS);
    else taken();
    accessor.error(`${url}: ${reason}; ${lines.length} points ${again ? `are sent again in ${AGAIN_MS} ms` : 'are lost'}`);
    if (!again) goOn(accessor);
  };
  const options = { url, method: 'POST', headers, body: lines.join('\n'), timeout: accessor.getParameter('timeout') };
  const asked = request({ ...options, finishAtWrapup: true }, (message) => {
    if (!message) return; // it failed after wrapup
    const { statusCode, statusMessage, body } = message;
    if (statusCode >= 300) {
      failed(`${statusCode} ${statusMessage}: ${String(body).trim().slice(0, 500)}`, statusCode === 429 || statusCode >= 500);
      return;
    }
    taken();
    if (all !== waiting) return;
    sent = 0;
    accessor.send('written', lines.length);
    goOn(accessor);
  });
  asked.on('error', (error) => failed(error.message, true));
  asked.end();
}

function goOn(accessor: AccessorContext): void {
  timer = undefined;
  if (waiting.length > 0 && sent === 0) write(accessor, false);
}

function addressOf(accessor: AccessorContext): { url: string; headers: Record<string, string> } {
  const [url, database, organization, token] = ['url', 'database', 'organization', 'token'].map((name) =>
    String(accessor.getParameter(name)),
  );
  const [bucket, org] = [database, organization].map((text) => encodeURIComponent(String(text)));
  const path = organization === '' ? `/write?db=${bucket}` : `/api/v2/write?bucket=${bucket}&org=${org}`;
  const authorization = token === '' ? undefined : { authorization: `Token ${token}` };
  return {
    url: `${url?.replace(/\/+$/, '')}${path}`,
    headers: { 'content-type': 'text/plain; charset=utf-8', ...authorization },
  };
}

// ------------------------------------------------------------------------------------------ line protocol

/** @throws Error if it is no point */
function lineOf(point: unknown, measurement: string, common: object): string {
  const {
    fields,
    tags = {},
    ...named
  } = (isObject(point) && isObject(point.fields) ? point : { fields: isObject(point) ? point : { value: point } }) as {
    fields: object;
    tags?: object;
    measurement?: unknown;
    time?: unknown;
  };
  const name = escaped(named.measurement ?? measurement, /[, ]/g);
  const labels = Object.entries({ ...common, ...tags }).map(([key, value]) => `,${escaped(key)}=${escaped(value)}`);
  const values = Object.entries(fields).map(([key, value]) => `${escaped(key)}=${fieldOf(key, value)}`);
  if (values.length === 0) throw new Error('it has no field');
  const microseconds = Math.round((named.time === undefined ? nowMs() : Number(named.time)) * 1000);
  if (!Number.isSafeInteger(microseconds)) throw new Error(`its time should be a number, got ${String(named.time)}`);
  return `${name}${labels.join('')} ${values.join(',')} ${BigInt(microseconds) * 1000n}`;
}

/** Never the same twice: the server takes two points of one time for one. */
function nowMs(): number {
  latestMs = Math.max(Date.now(), latestMs + 0.001);
  return latestMs;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fieldOf(key: string, value: unknown): string {
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return String(value);
  if (typeof value === 'string') return `"${value.replace(/["\\]/g, '\\$&')}"`;
  throw new Error(`field ${key} should be a number, text or boolean`);
}

/** Names and tags: there is no way to write an end of line, nor a backslash at the end. */
function escaped(value: unknown, special = /[,= ]/g): string {
  const text = String(value);
  if (text === '' || /[\r\n]|\\$/.test(text)) throw new Error(`${JSON.stringify(text)} cannot be a name or a tag`);
  return text.replace(special, '\\$&');
}
