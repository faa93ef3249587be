import type { AccessorContext } from '../../hosts/common/index.ts';

/** Values seen that were right, or in training mode all. */
let seen: unknown[] = [];
let invoked = false;

/** Compares the n-th input with the n-th of the correct values; a difference is an error, and at wrapup so are inputs
 *  that did not come. Numbers may differ by `tolerance`; text also equals the object whose JSON text it is.
 *  @input input              any
 *  @output output            boolean; false after each input, true after the last correct value and from then on
 *  @parameter correctValues  any, default [0]
 *  @parameter tolerance      number, default 1e-9
 *  @parameter trainingMode   boolean, default false; collect the inputs and make them `correctValues` at wrapup
 *  @error a value that differs throws in the handler; wrapup throws when values are missing
 *  @example
 *  const test = this.instantiate('test', 'test/TrainableTest');
 *  const once = this.instantiate('once', 'test/TestSpontaneousOnce');
 *  test.setParameter('correctValues', [true]);
 *  this.connect(once, 'output', test, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('input');
  this.output('output', { type: 'boolean' });
  this.parameter('correctValues', { value: [0] });
  this.parameter('tolerance', { type: 'number', value: 1e-9 });
  this.parameter('trainingMode', { type: 'boolean', value: false });
}

export function initialize(this: AccessorContext): void {
  seen = [];
  invoked = false;
  this.addInputHandler('input', () => {
    invoked = true;
    const value = this.get('input');
    if (this.getParameter('trainingMode')) {
      seen.push(value);
      this.send('output', false);
      return;
    }
    const correct = correctValues(this);
    if (seen.length < correct.length) {
      const expected = correct[seen.length];
      if (!matches(value, expected, Number(this.getParameter('tolerance')))) {
        throw new Error(`After seeing ${seen.length} tokens, the input is ${show(value)}, but ${show(expected)} was expected`);
      }
      seen.push(value);
    }
    this.send('output', seen.length >= correct.length);
  });
}

export function wrapup(this: AccessorContext): void {
  if (this.getParameter('trainingMode')) {
    this.setParameter('correctValues', seen);
    return;
  }
  if (!invoked) {
    throw new Error(
      'The input handler of this accessor was never invoked. ' +
        `Connect ${this.getName()}.input to what is tested, and let the model run long enough`,
    );
  }
  const expected = correctValues(this).length;
  if (seen.length < expected) {
    throw new Error(
      `The test produced only ${seen.length} tokens, yet the correctValues parameter was expecting ${expected} tokens (${this.getName()})`,
    );
  }
}

function correctValues(accessor: AccessorContext): readonly unknown[] {
  const values = accessor.getParameter('correctValues');
  if (!Array.isArray(values)) throw new Error(`correctValues should be an array, got ${show(values)}`);
  return values;
}

function matches(value: unknown, expected: unknown, tolerance: number): boolean {
  if (typeof value === 'number' && typeof expected === 'number' && Math.abs(value - expected) <= tolerance) return true;
  if (typeof value === 'string' && isObject(expected)) return equal(parsed(value), expected);
  if (typeof expected === 'string' && isObject(value)) return equal(value, parsed(expected));
  return equal(value, expected);
}

/** By own enumerable properties, at every depth; objects that say what their JSON is, such as dates, by that. */
function equal(a: unknown, b: unknown): boolean {
  if (!isObject(a) || !isObject(b)) return a === b || (Number.isNaN(a) && Number.isNaN(b));
  if (typeof a.toJSON === 'function' && typeof b.toJSON === 'function') return equal(a.toJSON(), b.toJSON());
  const keys = Object.keys(a);
  if (Array.isArray(a) !== Array.isArray(b) || keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function show(value: unknown): string {
  return `${JSON.stringify(value) ?? String(value)} (${Array.isArray(value) ? 'array' : typeof value})`;
}
