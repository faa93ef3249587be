import type { AccessorContext, AccessorExports } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;
declare const exports: AccessorExports;

const { fromByteArray } = require('base64-js') as { fromByteArray(bytes: Uint8Array): string };

interface Message {
  readonly statusCode: number;
  readonly statusMessage: string;
  readonly body: unknown;
}

const types: Readonly<Record<string, string>> = {
  SPARQL: 'application/sparql-update; charset=utf-8',
  'RDF/XML': 'application/rdf+xml',
  'N-Triples': 'application/n-triples',
  Turtle: 'text/turtle; charset=utf-8',
  N3: 'text/n3; charset=utf-8',
  'N-Quads': 'application/n-quads',
  'JSON-LD': 'application/ld+json',
  'RDF/JSON': 'application/rdf+json',
  TriX: 'application/trix',
  TriG: 'application/trig; charset=utf-8',
  'Sesame Binary RDF': 'application/x-binary-rdf',
};

/** Sends SPARQL updates, or graphs to be added, to a repository with the HTTP protocol of RDF4J: GraphDB, RDF4J Server and others.
 *  @input options                         JSON, default ""; URL, or {url, method, headers, body, keepAlive, timeout, trustAll}
 *  @input command                         string, default ""; path below the URL
 *  @input arguments                       JSON, default ""; fields of the query
 *  @input trigger                         any; sends the update that is its input or default
 *  @input body                            any; of the request
 *  @input update                          string; in the format; sends it
 *  @output response                       any; body of the response: text, or a Buffer if its type is binary
 *  @output status                         string; 204: No Content when it is done
 *  @output headers                        any; by names in lower case
 *  @parameter timeout                     int, default 20000; ms without a sign of the server; 0: any time
 *  @parameter outputCompleteResponseOnly  boolean, default true; false: send every part as it comes
 *  @parameter protocol                    string, default "http"
 *  @parameter host                        string, default "localhost"; of the repository
 *  @parameter port                        int, default 7200
 *  @parameter repositoryName              string; its id
 *  @parameter authenticate                boolean, default false; with username and password
 *  @parameter username                    string, default "admin"
 *  @parameter password                    string, default "root"
 *  @parameter format                      string, default "SPARQL"; SPARQL: an update; any other: a graph in that format
 *  @error failures, and updates that the repository refuses, are reported
 *  @example
 *  const update = this.instantiate('update', 'services/SemanticRepositoryUpdate');
 *  update.setParameter('repositoryName', 'lab');
 *  update.setParameter('format', 'Turtle');
 *  this.connect(sensor, 'output', update, 'update'); */
export function setup(this: AccessorContext): void {
  this.extend('net/REST');
  this.input('options', { visibility: 'expert' });
  this.input('command', { visibility: 'expert' });
  this.input('arguments', { visibility: 'expert' });
  this.input('trigger', { visibility: 'expert' });
  this.input('body', { visibility: 'expert' });
  this.input('update', { type: 'string' });
  this.output('response', { visibility: 'expert' });
  this.output('headers', { visibility: 'expert' });
  this.parameter('timeout', { value: 20000 });
  this.parameter('outputCompleteResponseOnly', { visibility: 'expert' });
  this.parameter('protocol', { type: 'string', value: 'http', options: ['http', 'https'] });
  this.parameter('host', { type: 'string', value: 'localhost' });
  this.parameter('port', { type: 'int', value: 7200 });
  this.parameter('repositoryName', { type: 'string' });
  this.parameter('authenticate', { type: 'boolean', value: false });
  this.parameter('username', { type: 'string', value: 'admin' });
  this.parameter('password', { type: 'string', value: 'root' });
  this.parameter('format', {
    type: 'string',
    value: 'SPARQL',
    options: ['SPARQL', 'RDF/XML', 'N-Triples', 'Turtle', 'N3', 'N-Quads', 'JSON-LD', 'RDF/JSON', 'TriX', 'TriG', 'Sesame Binary RDF'],
  });
}

export function initialize(this: AccessorContext): void {
  exports.ssuper?.initialize?.call(this);
  this.addInputHandler('update', () => {
    this.setDefault('update', this.get('update'));
    if (this.get('trigger') === null) this.send('trigger', true);
  });
}

/** The statements of the repository, with what changes them. */
export function issueCommand(this: AccessorContext, callback: unknown): void {
  const [protocol, host, port, name] = ['protocol', 'host', 'port', 'repositoryName'].map((one) => this.getParameter(one));
  const account = `${this.getParameter('username')}:${this.getParameter('password')}`;
  const format = String(this.getParameter('format'));
  const type = types[format];
  if (type === undefined) {
    this.error(`The format should be one of ${Object.keys(types).join(', ')}; got ${format}`);
    return;
  }
  this.setDefault('options', {
    url: `${protocol}://${host}:${port}/repositories/${encodeURIComponent(String(name))}/statements`,
    method: 'POST',
    headers: {
      'content-type': type,
      ...(this.getParameter('authenticate') ? { authorization: `Basic ${fromByteArray(new TextEncoder().encode(account))}` } : {}),
    },
  });
  this.setDefaultInput('body', { value: this.get('update') });
  exports.ssuper?.issueCommand.call(this, callback);
}

/** What the repository says, mostly nothing. */
export function filterResponse(this: AccessorContext, body: unknown): unknown {
  return body;
}

/** Reports what the repository refuses. */
export function handleResponse(this: AccessorContext, message: Message | null): void {
  if (message && message.statusCode >= 400)
    this.error(`The repository answers ${message.statusCode}: ${String(message.body || message.statusMessage).slice(0, 500)}`);
  else exports.ssuper?.handleResponse.call(this, message);
}
