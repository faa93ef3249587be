import type { AccessorContext } from '../../hosts/common/index.ts';

/** Sends at most `count` values in any `interval`. Those above wait and are sent in their order, each as soon as it may;
 *  the one for which `waiting` has no room goes to `dropped`.
 *  @input input         any
 *  @output output       any
 *  @output dropped      any
 *  @parameter count     int, default 1; 1 or more
 *  @parameter interval  number, default 1000; ms, more than 0
 *  @parameter waiting   int, default 100; how many values may wait, 0 or more
 *  @error initialize, which reads the parameters, throws if one is out of range
 *  @example
 *  const limit = this.instantiate('limit', 'utilities/RateLimit');
 *  limit.setParameter('count', 60);
 *  limit.setParameter('interval', 60000);
 *  this.connect(question, 'output', limit, 'input'); // a service that takes 60 questions a minute */
export function setup(this: AccessorContext): void {
  this.input('input');
  this.output('output');
  this.output('dropped');
  this.parameter('count', { type: 'int', value: 1 });
  this.parameter('interval', { type: 'number', value: 1000 });
  this.parameter('waiting', { type: 'int', value: 100 });
}

export function initialize(this: AccessorContext): void {
  const interval = Number(this.getParameter('interval'));
  if (!(interval > 0)) throw new Error(`${this.getName()}: interval should be more than 0 ms, got ${interval}`);
  const room = whole(this, 'waiting', 0);
  /** How many more may be sent; each that was sent is given back an interval later. */
  let free = whole(this, 'count', 1);
  const queue: unknown[] = [];
  const send = (value: unknown): void => {
    free--;
    setTimeout(() => {
      free++;
      if (queue.length > 0) send(queue.shift());
    }, interval);
    this.send('output', value);
  };
  this.addInputHandler('input', () => {
    const value = this.get('input');
    if (free > 0) send(value);
    else if (queue.length < room) queue.push(value);
    else this.send('dropped', value);
  });
}

function whole(accessor: AccessorContext, name: string, least: number): number {
  const value = Number(accessor.getParameter(name));
  if (Number.isInteger(value) && value >= least) return value;
  throw new Error(`${accessor.getName()}: ${name} should be a whole number of ${least} or more, got ${value}`);
}
