import type { AccessorContext } from '../../hosts/common/index.ts';

let merged: Record<string, unknown> = {};
let changed = false;

/** Joins objects: keeps the latest value of each field of all objects that came, and sends them as one object, once in
 *  each reaction that brought any. Several outputs may be connected to `input`.
 *  @input input       any; object
 *  @output output     any; object with all fields so far
 *  @parameter fields  JSON, default []; names of fields; nothing is sent before all of them have come
 *  @error an input that is no object is reported and ignored; initialize throws if `fields` is no array
 *  @example
 *  const merge = this.instantiate('merge', 'utilities/Merge');
 *  merge.setParameter('fields', ['temperature', 'humidity']);
 *  this.connect(thermometer, 'output', merge, 'input'); // {temperature: 21}
 *  this.connect(hygrometer, 'output', merge, 'input'); // {humidity: 40} */
export function setup(this: AccessorContext): void {
  this.input('input');
  this.output('output');
  this.parameter('fields', { type: 'JSON', value: [] });
}

export function initialize(this: AccessorContext): void {
  const fields = this.getParameter('fields');
  if (!Array.isArray(fields)) throw new Error(`${this.getName()}: fields should be an array of names, got ${JSON.stringify(fields)}`);
  merged = {};
  changed = false;
  this.addInputHandler('input', () => {
    const value = this.get('input');
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.error(`The input should be an object, got ${JSON.stringify(value)}`);
      return;
    }
    merged = { ...merged, ...value };
    changed = true;
  });
}

export function fire(this: AccessorContext): void {
  const fields = this.getParameter('fields') as readonly string[];
  if (!changed || !fields.every((field) => Object.hasOwn(merged, field))) return;
  changed = false;
  this.send('output', { ...merged });
}
