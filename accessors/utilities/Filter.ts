import type { AccessorContext } from '../../hosts/common/index.ts';

/** Sends those inputs on for which a condition holds. It is JavaScript that runs with the rights of the swarmlet, so
 *  its text must come from whoever writes the swarmlet, never from outside.
 *  @input input          any
 *  @output output        any
 *  @parameter condition  string, default "true"; expression of `value`, compiled at initialization
 *  @error initialize throws if `condition` does not compile; an input for which it throws is reported and not sent
 *  @example
 *  const filter = this.instantiate('filter', 'utilities/Filter');
 *  filter.setParameter('condition', 'value.battery < 20');
 *  this.connect(sensor, 'output', filter, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('input');
  this.output('output');
  this.parameter('condition', { type: 'string', value: 'true' });
}

export function initialize(this: AccessorContext): void {
  const text = String(this.getParameter('condition'));
  const holds = compiled(this, text);
  this.addInputHandler('input', () => {
    const value = this.get('input');
    let passes: unknown;
    try {
      passes = holds(value);
    } catch (error) {
      this.error(`The condition ${text} failed for ${JSON.stringify(value)}: ${error}`); // thrown, it would end the handler
    }
    if (passes) this.send('output', value);
  });
}

function compiled(accessor: AccessorContext, text: string): (value: unknown) => unknown {
  try {
    return new Function('value', `"use strict"; return (${text}\n);`) as (value: unknown) => unknown;
  } catch (cause) {
    throw new Error(`${accessor.getName()}: condition is no JavaScript expression of value: ${text}: ${cause}`, { cause });
  }
}
