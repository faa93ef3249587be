import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

interface Store {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  remove(key: string): void;
  /** All keys with their values. */
  entries(): [key: string, value: string][];
}
const { initSync } = require('@accessors-modules/local-storage') as { initSync(options: { dir: string }): Store };

/** Undefined: to be opened at the next trigger. */
let store: Store | undefined;

/** Stores, reads, removes and lists text values on disk, one action for each trigger: remove, else list, else store,
 *  else read.
 *  @input baseDirectory  string, default ""; folder of the stores
 *  @input storeLocation  string, default "http://localhost:8077/keyvalue"; names the subfolder; both empty: a temporary folder
 *  @input key            string, default ""
 *  @input list           boolean, default false; send an object of all keys and values
 *  @input remove         boolean, default false; remove the key and send it
 *  @input value          string; store this under the key and send it
 *  @input trigger        any
 *  @output notFound      string, spontaneous; true when there is no value to read
 *  @output result        string, spontaneous
 *  @output debug         string, spontaneous; says what was done
 *  @error a folder that cannot be written, and a quota that is used up, are reported
 *  @example
 *  const storage = this.instantiate('storage', 'utilities/LocalStorage');
 *  storage.setDefault('key', 'last');
 *  this.connect(source, 'output', storage, 'value');
 *  this.connect(source, 'output', storage, 'trigger');
 *  this.connect(storage, 'result', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('baseDirectory', { type: 'string', value: '' });
  this.input('storeLocation', { type: 'string', value: 'http://localhost:8077/keyvalue' });
  this.input('key', { type: 'string', value: '' });
  this.input('list', { type: 'boolean', value: false });
  this.input('remove', { type: 'boolean', value: false });
  this.input('value', { type: 'string' });
  this.input('trigger');
  this.output('notFound', { type: 'string', spontaneous: true });
  this.output('result', { type: 'string', spontaneous: true });
  this.output('debug', { type: 'string', spontaneous: true });
}

export function initialize(this: AccessorContext): void {
  const place = { baseDirectory: this.get('baseDirectory'), storeLocation: this.get('storeLocation') };
  store = undefined;
  for (const name of ['baseDirectory', 'storeLocation'] as const) {
    this.addInputHandler(name, () => {
      const value = this.get(name);
      if (value === place[name]) return;
      place[name] = value;
      store = undefined;
    });
  }
  this.addInputHandler('trigger', () => {
    store ??= initSync({ dir: folderOf(String(place.baseDirectory), String(place.storeLocation)) });
    this.send('debug', act.call(this, store));
  });
}

/** Does what the inputs ask for, and says so. */
function act(this: AccessorContext, store: Store): string {
  const key = String(this.get('key'));
  const value = this.get('value') as string | null;
  if (this.get('remove')) {
    if (key === '') return 'There is no key to remove.';
    store.remove(key);
    this.send('result', key);
    return `Removed the value of ${key}.`;
  }
  if (this.get('list')) {
    const entries = store.entries();
    this.send('result', JSON.stringify(Object.fromEntries(entries)));
    return `Listed ${entries.length} values.`;
  }
  if (value !== null && value !== '') {
    store.setItem(key, value);
    this.send('result', value);
    return `Stored a value for ${key}.`;
  }
  const found = store.getItem(key);
  if (found === null) {
    this.send('notFound', true);
    return `There is no value for ${key}.`;
  }
  this.send('result', found);
  return `Read the value of ${key}.`;
}

/** Empty for a temporary folder. */
function folderOf(base: string, location: string): string {
  const subfolder = location.replace(/[^A-Za-z0-9_-]/g, '_').toLowerCase();
  return base === '' || subfolder === '' ? base + subfolder : `${base}/${subfolder}`;
}
