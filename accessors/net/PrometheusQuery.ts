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
  request(options: object, callback: (message: Message) => void): Request;
};

/** Seconds since 1970, and a number as text. */
type Sample = readonly [number, string];
interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: Sample;
  readonly values?: readonly Sample[];
}
interface Answer {
  readonly status?: unknown;
  readonly error?: unknown;
  readonly data?: { readonly resultType: string; readonly result: unknown };
}

/** Asks a Prometheus server, or another with its HTTP interface.
 *  @input query        string, default "up"; PromQL; asks it
 *  @input trigger      any; asks the query again
 *  @output result      any; array of {labels, value, time}, time in ms since 1970; of a range {labels, values: [{value, time}]}
 *  @output value       number; if there is exactly one, and no range
 *  @parameter url      string, default "http://localhost:9090"
 *  @parameter headers  JSON, default {}; sent with each query, as {"authorization": "Bearer ..."}
 *  @parameter timeout  int, default 5000; ms
 *  @error what the server says of a query that it refuses, and a server that does not answer, are reported
 *  @example
 *  const load = this.instantiate('load', 'net/PrometheusQuery');
 *  load.setParameter('url', 'http://monitor.local:9090');
 *  load.setDefault('query', 'sum(rate(node_cpu_seconds_total{mode!="idle"}[5m]))');
 *  this.connect(clock, 'output', load, 'trigger');
 *  this.connect(load, 'value', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('query', { type: 'string', value: 'up' });
  this.input('trigger');
  this.output('result');
  this.output('value', { type: 'number' });
  this.parameter('url', { type: 'string', value: 'http://localhost:9090' });
  this.parameter('headers', { type: 'JSON', value: {} });
  this.parameter('timeout', { type: 'int', value: 5000 });
}

export function initialize(this: AccessorContext): void {
  this.addInputHandler('query', () => {
    this.setDefault('query', this.get('query'));
    if (this.get('trigger') === null) ask(this);
  });
  this.addInputHandler('trigger', () => ask(this));
}

function ask(accessor: AccessorContext): void {
  const url = `${String(accessor.getParameter('url')).replace(/\/+$/, '')}/api/v1/query`;
  const options = {
    url,
    method: 'POST', // a query may be longer than a URL
    headers: { ...(accessor.getParameter('headers') as object), 'content-type': 'application/x-www-form-urlencoded' },
    body: `query=${encodeURIComponent(String(accessor.get('query')))}`,
    timeout: accessor.getParameter('timeout'),
  };
  const asked = request(options, (message) => {
    const answer = parsed(message.body);
    if (answer?.status === 'success' && answer.data) tell(accessor, answer.data.resultType, answer.data.result);
    else accessor.error(`${url}: ${answer?.error ?? `${message.statusCode} ${message.statusMessage}, which is no answer of Prometheus`}`);
  });
  asked.on('error', (error) => accessor.error(`${url}: ${error.message}`));
  asked.end();
}

function parsed(body: unknown): Answer | undefined {
  try {
    return JSON.parse(String(body)) as Answer;
  } catch {
    return undefined;
  }
}

function tell(accessor: AccessorContext, type: string, result: unknown): void {
  const series: readonly Series[] =
    Array.isArray(result) && type !== 'scalar' && type !== 'string' ? result : [{ metric: {}, value: result as Sample }];
  const told = series.map(({ metric: labels, value, values }) =>
    value ? { labels, ...sample(value) } : { labels, values: values?.map(sample) },
  );
  accessor.send('result', told);
  const [only] = told;
  if (told.length === 1 && only && 'value' in only && typeof only.value === 'number') accessor.send('value', only.value);
}

function sample([seconds, text]: Sample): { value: number | string; time: number } {
  const number = Number(text.replace('Inf', 'Infinity'));
  return { value: Number.isNaN(number) && text !== 'NaN' ? text : number, time: Math.round(seconds * 1000) };
}
