import type { AccessorContext } from '../../hosts/common/index.ts';

declare function getResource(resource: string): unknown;
declare function httpRequest(url: string): unknown;
declare function readURL(url: string): unknown;

const url = 'http://localhost/';

/** Tries the functions that hosts may have, in every reaction; sends what they give, or `FAILED: ` and the error.
 *  @output getResource  string
 *  @output httpRequest  string
 *  @output readURL      string
 *  @error a function that this host does not offer gives FAILED: and why
 *  @example
 *  const functions = this.instantiate('functions', 'test/TestFunctions');
 *  this.connect(functions, 'getResource', display, 'input'); */
export function setup(this: AccessorContext): void {
  for (const name of ['getResource', 'httpRequest', 'readURL']) this.output(name, { type: 'string' });
}

export function fire(this: AccessorContext): void {
  this.send(
    'getResource',
    outcome(() => getResource(url)),
  );
  this.send(
    'httpRequest',
    outcome(() => httpRequest(url)),
  );
  this.send(
    'readURL',
    outcome(() => readURL(url)),
  );
}

function outcome(attempt: () => unknown): unknown {
  try {
    return attempt();
  } catch (error) {
    return `FAILED: ${error}`;
  }
}
