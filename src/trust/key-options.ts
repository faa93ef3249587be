import { shown } from '../errors.ts';
import { sshTimeMs } from './ssh-time.ts';

/** The options in front of a key in `allowed_signers`; times in Unix milliseconds. */
export interface KeyOptions {
  namespaces?: string;
  validAfter?: number;
  validBefore?: number;
  noTouchRequired?: true;
  certAuthority?: true;
}

const option = /([A-Za-z-]+)(?:="((?:\\"|(?!\\")[^"])*)")?/y;

/** The length of the word of options at the start of `text`; undefined if a quote in it does not end. */
export function optionsLength(text: string): number | undefined {
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    if (!quoted && ' \t\r'.includes(text.charAt(at))) return at;
    if (text.startsWith('\\"', at)) at += 1;
    else if (text[at] === '"') quoted = !quoted;
  }
  return quoted ? undefined : text.length;
}

/** The options, or a sentence that says what is wrong with them. */
export function parseKeyOptions(text: string): KeyOptions | string {
  const options: KeyOptions = {};
  let at = 0;
  while (true) {
    option.lastIndex = at;
    const found = option.exec(text);
    if (!found) return `expected an option, got ${shown(text.slice(at))}`;
    const fault = addOption(options, (found[1] ?? '').toLowerCase(), found[2]?.replaceAll('\\"', '"'));
    if (fault) return fault;
    at = option.lastIndex;
    if (at === text.length) break;
    if (text[at] !== ',') return `expected a comma after option ${found[1]}, got ${shown(text.slice(at))}`;
    at += 1;
  }
  if (options.validAfter !== undefined && options.validBefore !== undefined && options.validBefore <= options.validAfter) {
    return 'valid-before is not later than valid-after';
  }
  return options;
}

function addOption(options: KeyOptions, name: string, value: string | undefined): string | undefined {
  switch (name) {
    case 'namespaces':
      if (value === undefined) return 'option namespaces needs a value in quotes';
      if (options.namespaces !== undefined) return 'option namespaces stands twice';
      options.namespaces = value;
      return undefined;
    case 'valid-after':
    case 'valid-before':
      return addTime(options, name, value);
    case 'no-touch-required':
    case 'cert-authority':
      if (value !== undefined) return `option ${name} takes no value`;
      if (name === 'cert-authority') options.certAuthority = true;
      else options.noTouchRequired = true;
      return undefined;
    default:
      return `unknown option ${shown(name)}; known are namespaces, valid-after, valid-before, no-touch-required, cert-authority`;
  }
}

function addTime(options: KeyOptions, name: 'valid-after' | 'valid-before', value: string | undefined): string | undefined {
  const field = name === 'valid-after' ? 'validAfter' : 'validBefore';
  if (options[field] !== undefined) return `option ${name} stands twice`;
  const ms = value === undefined ? undefined : sshTimeMs(value);
  if (ms === undefined) return `option ${name} should be "YYYYMMDD[HHMM[SS]][Z]", got ${shown(value ?? '')}`;
  options[field] = ms;
  return undefined;
}
