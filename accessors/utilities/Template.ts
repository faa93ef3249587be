import type { AccessorContext } from '../../hosts/common/index.ts';

/** Fills a text with fields of its input. `{{a.b.0}}` stands for the own field a, in it b, in it the first element, and
 *  `{{}}` for the whole input; text is put in as it is, anything else as JSON, and what is not there as nothing.
 *  @input input         any
 *  @output output       string
 *  @parameter template  string, default "{{}}"
 *  @error none
 *  @example
 *  const template = this.instantiate('template', 'utilities/Template');
 *  template.setParameter('template', '{{room}} has {{air.temperature}} degrees');
 *  this.connect(sensor, 'output', template, 'input'); // {room: 'B3', air: {temperature: 21}} */
export function setup(this: AccessorContext): void {
  this.input('input');
  this.output('output', { type: 'string' });
  this.parameter('template', { type: 'string', value: '{{}}' });
}

export function initialize(this: AccessorContext): void {
  this.addInputHandler('input', () => {
    const input = this.get('input');
    const template = String(this.getParameter('template'));
    this.send(
      'output',
      template.replace(/\{\{\s*([^{}]*?)\s*\}\}/g, (_, path: string) => shown(field(input, path))),
    );
  });
}

function field(input: unknown, path: string): unknown {
  let value = input;
  for (const name of path === '' ? [] : path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
