import type { AccessorContext } from '../../hosts/common/index.ts';

/** Asks a semantic repository whether an accessor runs on a host. Interface only: the vocabulary of the statements it asks for was
 *  never published.
 *  @input options                         JSON, default ""; URL, or {url, method, headers, body, keepAlive, timeout, trustAll}
 *  @input command                         string, default ""; path below the URL
 *  @input arguments                       JSON, default ""; fields of the query
 *  @input trigger                         any; sends the query that is its input or default
 *  @input body                            any; of the request
 *  @input query                           string; SPARQL; sends it
 *  @input accessorName                    string, default "services/HostCompatability.js"
 *  @output response                       any; {head, results} of a SELECT, {head, boolean} of an ASK, else text
 *  @output status                         string; such as 200: OK
 *  @output headers                        any; by names in lower case
 *  @output compatible                     boolean; whether it does
 *  @parameter timeout                     int, default 20000; ms without a sign of the server; 0: any time
 *  @parameter outputCompleteResponseOnly  boolean, default true; false: send every part as it comes
 *  @parameter protocol                    string, default "http"
 *  @parameter host                        string, default "localhost"; of the repository
 *  @parameter port                        int, default 7200
 *  @parameter repositoryName              string; its id
 *  @parameter authenticate                boolean, default false; with username and password
 *  @parameter username                    string, default "admin"
 *  @parameter password                    string, default "root"
 *  @parameter accessorHostName            string, default "ThisHost"
 *  @error initialize throws: ask with a query of your own by services/SemanticRepositoryQuery
 *  @example
 *  const compatibility = this.instantiate('compatibility', 'services/HostCompatibility');
 *  this.connect(compatibility, 'compatible', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.extend('services/SemanticRepositoryQuery');
  this.input('query', { visibility: 'expert' });
  this.input('accessorName', { type: 'string', value: 'services/HostCompatability.js' });
  this.output('response', { visibility: 'expert' });
  this.output('compatible', { type: 'boolean' });
  this.parameter('accessorHostName', {
    type: 'string',
    options: ['ThisHost', 'Browser', 'Cordova', 'Duktape', 'Nashorn', 'Node'],
    value: 'ThisHost',
  });
}

export function initialize(this: AccessorContext): void {
  throw new Error(
    `${this.getName()}: the vocabulary of the repository was never published. Ask with a query of your own by services/SemanticRepositoryQuery.`,
  );
}

export function filterResponse(this: AccessorContext, body: unknown): unknown {
  return body;
}
