import type { AccessorContext } from '../../hosts/common/index.ts';

/** Sends what an expression makes of each input; undefined is not sent. It is JavaScript that runs with the rights of
 *  the swarmlet, so its text must come from whoever writes the swarmlet, never from outside.
 *  @input input           any
 *  @output output         any
 *  @parameter expression  string, default "value"; expression of `value`, compiled at initialization
 *  @error initialize throws if `expression` does not compile; an input for which it throws is reported and not sent
 *  @example
 *  const map = this.instantiate('map', 'utilities/Map');
 *  map.setParameter('expression', '({ celsius: (value.fahrenheit - 32) / 1.8 })');
 *  this.connect(sensor, 'output', map, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('input');
  this.output('output');
  this.parameter('expression', { type: 'string', value: 'value' });
}

export function initialize(this: AccessorContext): void {
  const text = String(this.getParameter('expression'));
  const apply = compiled(this, text);
  this.addInputHandler('input', () => {
    const value = this.get('input');
    let result: unknown;
    try {
      result = apply(value);
    } catch (error) {
      this.error(`The expression ${text} failed for ${JSON.stringify(value)}: ${error}`); // thrown, it would end the handler
    }
    if (result !== undefined) this.send('output', result);
  });
}

function compiled(accessor: AccessorContext, text: string): (value: unknown) => unknown {
  try {
    return new Function('value', `"use strict"; return (${text}\n);`) as (value: unknown) => unknown;
  } catch (cause) {
    throw new Error(`${accessor.getName()}: expression is no JavaScript expression of value: ${text}: ${cause}`, { cause });
  }
}
