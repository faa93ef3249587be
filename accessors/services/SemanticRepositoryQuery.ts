import type { AccessorContext, AccessorExports } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;
declare const exports: AccessorExports;

const { fromByteArray } = require('base64-js') as { fromByteArray(bytes: Uint8Array): string };

interface Message {
  readonly statusCode: number;
  readonly statusMessage: string;
  readonly body: unknown;
}

/** Sends SPARQL queries to a repository with the HTTP protocol of RDF4J: GraphDB, RDF4J Server and others.
 *  @input options                         JSON, default ""; URL, or {url, method, headers, body, keepAlive, timeout, trustAll}
 *  @input command                         string, default ""; path below the URL
 *  @input arguments                       JSON, default ""; fields of the query
 *  @input trigger                         any; sends the query that is its input or default
 *  @input body                            any; of the request
 *  @input query                           string; SPARQL; sends it
 *  @output response                       any; {head, results} of a SELECT, {head, boolean} of an ASK, else text
 *  @output status                         string; such as 200: OK
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
 *  @error failures, and queries that the repository refuses, are reported
 *  @example
 *  const query = this.instantiate('query', 'services/SemanticRepositoryQuery');
 *  query.setParameter('repositoryName', 'lab');
 *  query.setDefault('query', 'SELECT ?s WHERE { ?s ?p ?o } LIMIT 10');
 *  this.connect(button, 'output', query, 'trigger');
 *  this.connect(query, 'response', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.extend('net/REST');
  this.input('options', { visibility: 'expert' });
  this.input('command', { visibility: 'expert' });
  this.input('arguments', { visibility: 'expert' });
  this.input('trigger', { visibility: 'expert' });
  this.input('body', { visibility: 'expert' });
  this.input('query', { type: 'string' });
  this.output('status', { visibility: 'expert' });
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
}

export function initialize(this: AccessorContext): void {
  exports.ssuper?.initialize?.call(this);
  this.addInputHandler('query', () => {
    this.setDefault('query', this.get('query'));
    if (this.get('trigger') === null) this.send('trigger', true);
  });
}

/** The repository with its query. */
export function issueCommand(this: AccessorContext, callback: unknown): void {
  const [protocol, host, port, name] = ['protocol', 'host', 'port', 'repositoryName'].map((one) => this.getParameter(one));
  const account = `${this.getParameter('username')}:${this.getParameter('password')}`;
  this.setDefault('options', {
    url: `${protocol}://${host}:${port}/repositories/${encodeURIComponent(String(name))}`,
    method: 'POST',
    headers: {
      accept: 'application/sparql-results+json, text/turtle;q=0.8, */*;q=0.1',
      'content-type': 'application/sparql-query; charset=utf-8',
      ...(this.getParameter('authenticate') ? { authorization: `Basic ${fromByteArray(new TextEncoder().encode(account))}` } : {}),
    },
  });
  this.setDefaultInput('body', { value: this.get('query') });
  exports.ssuper?.issueCommand.call(this, callback);
}

/** Results parsed, graphs as text. */
export function filterResponse(this: AccessorContext, body: unknown): unknown {
  try {
    return JSON.parse(String(body));
  } catch {
    return body;
  }
}

/** Reports what the repository refuses. */
export function handleResponse(this: AccessorContext, message: Message | null): void {
  if (message && message.statusCode >= 400)
    this.error(`The repository answers ${message.statusCode}: ${String(message.body || message.statusMessage).slice(0, 500)}`);
  else exports.ssuper?.handleResponse.call(this, message);
}
