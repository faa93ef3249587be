/** How the text of a flag or variable is read. Lists and maps may be repeated as flags, and have commas in a variable. */
export type Kind =
  | 'text'
  /** Counts from the file that names it, or from where the box is started. */
  | 'path'
  | 'number'
  /** A flag without a value; `true` or `false` in a variable. */
  | 'switch'
  | 'list'
  | 'texts by name'
  | 'numbers by name'
  /** YAML in the text itself, or `@FILE`. */
  | 'yaml';

/** One key of the file, which is also a flag and a variable. */
export interface Setting {
  /** Path in the file: `tls.cert`. */
  readonly key: string;
  readonly kind: Kind;
  /** What its value is called in the help; none for a switch. */
  readonly value?: string;
  readonly help: string;
}

export const configDefaults = Object.freeze({
  listen: '0.0.0.0:7927',
  admin: '127.0.0.1:7928',
  adminNames: Object.freeze([] as readonly string[]),
  adminReload: false,
  onRevoke: 'stop' as const,
  isolation: Object.freeze({ minimum: 'P2' as const }),
  swarmlets: 256,
  logLevel: 'info' as const,
  logFormat: 'auto' as const,
  plugins: Object.freeze([] as readonly string[]),
  discovery: Object.freeze({ 'dns-sd': Object.freeze({}) }),
});

/** Every setting of a box. A test holds it to the schema of the file, which says what is valid. */
export const settings: readonly Setting[] = [
  { key: 'listen', kind: 'text', value: 'HOST:PORT', help: 'where swarmlets are pushed to; port 0: any free one' },
  { key: 'admin', kind: 'text', value: 'HOST:PORT', help: "where the page, the metrics and the health checks are; '': nowhere" },
  { key: 'adminNames', kind: 'list', value: 'NAME', help: 'by which --admin may be asked, besides its addresses and localhost' },
  { key: 'adminReload', kind: 'switch', help: 'POST /-/reload at --admin does what SIGHUP does' },
  { key: 'state', kind: 'path', value: 'DIR', help: 'what the box keeps; default $XDG_STATE_HOME/accessors, of root /var/lib/swarmbox' },
  { key: 'trustedKeys', kind: 'path', value: 'FILE', help: 'who may push (OpenSSH allowed_signers); default DIR/trusted_keys' },
  { key: 'revokedKeys', kind: 'path', value: 'FILE', help: 'who may not any more; default DIR/revoked_keys' },
  { key: 'onRevoke', kind: 'text', value: 'WHAT', help: 'stop or keep what a revoked key deployed' },
  { key: 'name', kind: 'text', value: 'NAME', help: 'how the box calls itself; default the name of this machine' },
  { key: 'labels', kind: 'texts by name', value: 'KEY=VALUE', help: 'a label that a push may be addressed to' },
  { key: 'isolation.minimum', kind: 'text', value: 'LEVEL', help: 'run nothing behind a weaker wall: P1, P2 or P3' },
  {
    key: 'pool',
    kind: 'number',
    value: 'NUMBER',
    help: 'isolates that wait for a swarmlet; default one for each 512 MiB of memory, 2 to 20',
  },
  {
    key: 'swarmlets',
    kind: 'number',
    value: 'NUMBER',
    help: 'the most that it has at a time; a rule of the policy may say how many of one key',
  },
  { key: 'tls.cert', kind: 'path', value: 'FILE', help: 'certificate with its chain, PEM: then the box is reached by wss://' },
  { key: 'tls.key', kind: 'path', value: 'FILE', help: 'its key, PEM' },
  {
    key: 'limits',
    kind: 'numbers by name',
    value: 'NAME=NUMBER',
    help: 'what a swarmlet gets that asks for nothing, and the most it may ask',
  },
  { key: 'logLevel', kind: 'text', value: 'LEVEL', help: 'tell nothing less important in its log: info, warn or error' },
  { key: 'logFormat', kind: 'text', value: 'FORMAT', help: 'json, text, or auto: text where standard error is a terminal, else JSON' },
  { key: 'plugins', kind: 'list', value: 'PACKAGE', help: 'packages that bring plugins, or paths that begin with . or /' },
  { key: 'discovery', kind: 'yaml', value: 'PLUGINS|@FILE', help: 'how it finds other boxes: plugins by name, each with its options' },
  { key: 'sources', kind: 'yaml', value: 'PLUGINS|@FILE', help: 'where signed statements come from besides its listener: the same' },
  { key: 'sinks', kind: 'yaml', value: 'PLUGINS|@FILE', help: 'where its log goes besides standard error: the same' },
  { key: 'modules', kind: 'yaml', value: 'PLUGINS|@FILE', help: 'what swarmlets may require besides its own modules: the same' },
  { key: 'tiers', kind: 'yaml', value: 'PLUGINS|@FILE', help: 'how it isolates swarmlets instead of its own ways: the same' },
  { key: 'policy', kind: 'yaml', value: 'RULES|@FILE', help: 'who may do what: a list of rules in YAML or JSON' },
];

const prefix = 'SWARMBOX_';

/** The name behind `--`. */
export function flagOf({ key, kind }: Setting): string {
  const words = wordsOf(key).join('-');
  return isMany(kind) ? words.replace(/s$/, '') : words;
}

export function variableOf({ key }: Setting): string {
  return prefix + wordsOf(key).join('_').toUpperCase();
}

/** Of the environment, those that are meant for a box. */
export function isVariable(name: string): boolean {
  return name.startsWith(prefix);
}

export const configVariable = `${prefix}CONFIG`;

export function isMany(kind: Kind): boolean {
  return kind === 'list' || kind === 'texts by name' || kind === 'numbers by name';
}

/** What is used when nobody says anything, as far as it is the same everywhere. */
export function defaultOf({ key }: Setting): unknown {
  return key.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], configDefaults);
}

/** `tls.cert` and `trustedKeys` as words. */
function wordsOf(key: string): string[] {
  return key.split('.').flatMap((part) =>
    part
      .replace(/([a-z])([A-Z])/g, '$1 $2')
      .toLowerCase()
      .split(' '),
  );
}
