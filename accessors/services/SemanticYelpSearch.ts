import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

const { Writer } = require('n3') as { Writer: new () => unknown };

/** Business search whose results are given as linked data. Interface only: the vocabulary of those data was never published.
 *  @input options                         JSON, default ""; as in net/REST, when another service than Yelp's, or another key, is meant
 *  @input command                         string, default ""; path below the URL
 *  @input arguments                       JSON, default ""; fields of the query
 *  @input trigger                         any; searches
 *  @input body                            any; of the request
 *  @input searchTerm                      string, default ""; such as coffee
 *  @input latitude                        number, default 37.86906; degrees
 *  @input longitude                       number, default -122.27046; degrees
 *  @output response                       any; the businesses found, as the service describes them
 *  @output status                         string; such as 200: OK
 *  @output headers                        any; by names in lower case
 *  @output ready                          boolean, spontaneous; true when the key is there
 *  @output semanticObservation            string; the results in Turtle
 *  @parameter timeout                     int, default 5000; ms without a sign of the server; 0: any time
 *  @parameter outputCompleteResponseOnly  boolean, default true; false: send every part as it comes
 *  @parameter getAPIKeySynchronously      boolean, default true; false: read the key while the swarmlet runs on
 *  @parameter expirationPeriod            number, default 30000
 *  @error initialize throws: use services/YelpSearch, and utilities/Template for statements in a vocabulary of your own
 *  @example
 *  const search = this.instantiate('search', 'services/SemanticYelpSearch');
 *  this.connect(search, 'semanticObservation', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.extend('services/YelpSearch');
  this.output('response', { visibility: 'expert' });
  this.output('semanticObservation', { type: 'string' });
  this.parameter('expirationPeriod', { type: 'number', value: 30000 });
}

export function initialize(this: AccessorContext): void {
  new Writer();
}

export function handleResponse(this: AccessorContext): void {}
