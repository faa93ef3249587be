import { defaultOf, flagOf, isMany, type Setting, settings } from '../settings.ts';
import type { OptionSpec, OptionSpecs } from './arguments.ts';
import { type Command, command } from './command.ts';

const talking: OptionSpecs = {
  to: {
    value: 'BOX',
    multiple: true,
    help: 'a ws:// or wss:// URL, HOST:PORT, a name, or label:KEY=VALUE; default $ACCESSORS_BOX, else ws://127.0.0.1:7927',
  },
  local: { help: 'all boxes that announce themselves on this network' },
  all: { help: "all boxes that 'accessors boxes' finds" },
  identity: { value: 'FILE', short: 'i', help: "sign with this key; default the agent's first Ed25519 key, else ~/.ssh/id_ed25519" },
  'box-id': { value: 'SHA256:...', help: 'the box must have this id' },
  ca: { value: 'FILE', help: 'certificate in PEM that vouches for a box at wss://' },
  timeout: { value: 'TIME', help: 'give up after this time (30s, 5m), exit code 124' },
};
/** Every setting of a box, and where else they stand. */
const boxOptions: OptionSpecs = Object.fromEntries([
  ...settings.map((setting) => [flagOf(setting), optionOf(setting)]),
  [
    'config',
    {
      value: 'FILE',
      help: 'the same settings as YAML or JSON; default swarmbox.yaml in $XDG_CONFIG_HOME/accessors, of root in /etc/swarmbox',
    },
  ],
]);
function optionOf(setting: Setting): OptionSpec {
  const { kind, value, help } = setting;
  const usual = defaultOf(setting);
  return {
    ...(value !== undefined && { value }),
    ...(isMany(kind) && { multiple: true }),
    help: isMany(kind) || usual === undefined ? help : `${help}; default ${usual}`,
  };
}
/** Those settings that say which box on this machine is meant. */
const boxHere: OptionSpecs = pick('state', 'config');
const trustFile: OptionSpecs = pick('state', 'trusted-keys', 'config');
function pick(...names: readonly string[]): OptionSpecs {
  return Object.fromEntries(names.map((name) => [name, boxOptions[name] as OptionSpec]));
}
const one = { names: ['NAME'], required: 1 } as const;
const out: OptionSpec = { value: 'FILE', help: 'sign and write to this file instead of sending: for boxes that ask for more signatures' };

/** All commands. What they need beyond this file is loaded when they run. */
export const commands: readonly Command[] = [
  {
    name: 'run',
    summary: 'Runs accessors by file or class until they have wrapped up; takes the options of the classic host',
    usage: 'FILE|CLASS...',
    options: {
      simulate: { help: 'in logical time, as fast as the machine can' },
      watch: { help: 'start again at every save' },
      timeout: { value: 'MS', short: 't', help: 'wrap everything up after that time' },
    },
    examples: ['accessors run --simulate test/auto/RampJSTest'],
    run: async (argv, { signal }) => (await import('./classic.ts')).runClassic(argv, signal),
  },
  {
    name: 'shell',
    summary: 'Starts the interactive host',
    usage: '',
    options: {},
    examples: ['accessors shell'],
    run: async (argv) => (await import('./classic.ts')).runShell(argv),
  },
  command({
    name: 'test',
    summary: 'Runs a swarmlet in simulated time and shows where a test/TrainableTest in it got something else than it expected',
    words: { names: ['FILE'], required: 1 },
    options: { timeout: { value: 'MS', help: 'wrap it up after that simulated time; default 60000' } },
    examples: ['accessors test LampTest.js'],
    load: async () => (await import('./test.ts')).test,
  }),
  command({
    name: 'new',
    summary: 'Makes an accessor to start from, with a header, and beside it a swarmlet that tests it',
    words: { names: ['NAME'], required: 1 },
    options: { ts: { help: 'in TypeScript' } },
    examples: ['accessors new Lamp', 'accessors new lights/Lamp --ts'],
    load: async () => (await import('./new.ts')).create,
  }),
  command({
    name: 'list',
    summary: 'Lists the accessors of the library, or those whose class, purpose or ports have a text in them',
    words: { names: ['TEXT'], required: 0 },
    examples: ['accessors list', 'accessors list socket'],
    load: async () => (await import('./reference.ts')).list,
  }),
  command({
    name: 'describe',
    summary: 'Shows the header of an accessor: what it is for, its ports, its errors, an example',
    words: { names: ['CLASS|FILE'], required: 1 },
    examples: ['accessors describe utilities/Throttle', 'accessors describe ./Lamp.js --json'],
    load: async () => (await import('./reference.ts')).describe,
  }),
  command({
    name: 'graph',
    summary: 'Draws a swarmlet as SVG, as it is after setup; nothing of it is initialized',
    words: { names: ['FILE|CLASS'], required: 1 },
    options: {
      out: { value: 'FILE', short: 'o', help: 'write it to a file; default: standard output' },
      depth: { value: 'NUMBER', help: 'open composites down to this level; default: all' },
    },
    examples: ['accessors graph Plant.js --out plant.svg', 'accessors graph test/auto/RampJSTest --depth 1 > ramp.svg'],
    load: async () => (await import('./graph.ts')).graph,
  }),
  command({
    name: 'box',
    summary: 'Runs a box: a host that takes signed swarmlets',
    options: boxOptions,
    examples: ['accessors box --listen 127.0.0.1:7927 --state ./box'],
    load: async () => (await import('./box.ts')).box,
  }),
  command({
    name: 'push',
    summary: 'Signs a swarmlet with everything it needs, deploys it, and waits until it runs',
    words: { names: ['FILE'], required: 1 },
    options: {
      ...talking,
      name: { value: 'NAME', help: 'name of the swarmlet; default the file name in lower case' },
      version: { value: 'X.Y.Z', help: 'default: one patch above the version on the box, else 1.0.0' },
      'run-for': { value: 'TIME', help: 'forever (default), once, or how long: 90s, PT1H' },
      restart: { value: 'WHEN', help: 'always, on-failure (default) or never' },
      limit: { value: 'NAME=NUMBER', multiple: true, help: 'such as memoryMiB=64 or reactionMs=500' },
      param: { value: 'NAME=VALUE', multiple: true, help: 'set a parameter; JSON, else text' },
      secret: {
        value: 'NAME=@FILE',
        multiple: true,
        help: 'set a parameter that only the box can read, to the text of a file; NAME=-: of standard input',
      },
      input: { value: 'NAME=VALUE', multiple: true, help: 'give a value to an input once it is initialized; JSON, else text' },
      capability: { value: 'NAME', multiple: true, help: 'ask for a module or an access, such as http-client' },
      isolation: { value: 'TIER', help: 'process (default), thread or inline' },
      upgrade: {
        value: 'WAY',
        help: 'start-first, or stop-first: the old version ends before the new one starts (default with serial, local-storage or exec)',
      },
      replaces: { value: 'DIGEST', help: 'the version that this one follows; default: the one there when the push begins' },
      force: { help: 'take the place of whatever is there' },
      wait: { value: 'UNTIL', help: 'running (default), healthy (probation is over) or completed' },
      out,
      'dry-run': { help: 'show what would be pushed; nothing is signed or sent' },
      watch: { help: 'push again at every save' },
    },
    examples: [
      'accessors push RampJSTest.js --to ws://box.local:7927',
      'accessors push Lamp.ts --name lamp --param interval=500 --restart always --to box-a:7927 --to box-b:7927',
    ],
    load: async () => (await import('./push.ts')).push,
  }),
  command({
    name: 'sign',
    summary: 'Shows a statement that --out wrote, and adds your signature to it',
    words: { names: ['FILE'], required: 1 },
    options: { identity: talking.identity as OptionSpec },
    examples: ['accessors push Vault.js --out vault.json', 'accessors sign vault.json', 'accessors submit vault.json'],
    load: async () => (await import('./sign.ts')).sign,
  }),
  command({
    name: 'submit',
    summary: 'Sends a statement that was signed before to the boxes that it is for',
    words: { names: ['FILE'], required: 1 },
    options: talking,
    examples: ['accessors submit vault.json --to ws://box.local:7927'],
    load: async () => (await import('./sign.ts')).submit,
  }),
  command({
    name: 'ps',
    summary: 'Lists the swarmlets of a box',
    options: talking,
    examples: ['accessors ps --to ws://box.local:7927'],
    load: async () => (await import('./ps.ts')).ps,
  }),
  command({
    name: 'top',
    summary: 'Shows what runs and what it uses, again and again on a terminal; what uses most comes first',
    options: {
      ...talking,
      interval: { value: 'TIME', help: 'between two looks; default 2s' },
      count: { value: 'NUMBER', help: 'end after so many looks; default in a pipe: 1' },
    },
    examples: ['accessors top', 'accessors top --all --interval 5s'],
    load: async () => (await import('./top.ts')).top,
  }),
  command({
    name: 'status',
    summary: 'Shows one swarmlet in full',
    words: one,
    options: talking,
    examples: ['accessors status rampjstest'],
    load: async () => (await import('./status.ts')).status,
  }),
  command({
    name: 'logs',
    summary: 'Shows what a swarmlet printed',
    words: one,
    options: {
      ...talking,
      follow: { short: 'f', help: 'go on with what it prints from now on' },
      since: { value: 'TIME', help: 'from this time: 2026-11-22T18:44:29Z, or 10m ago' },
    },
    examples: ['accessors logs -f rampjstest'],
    load: async () => (await import('./logs.ts')).logs,
  }),
  command({
    name: 'watch',
    summary: 'Shows the outputs of a swarmlet as they come',
    words: { names: ['NAME', 'OUTPUT'], required: 1, rest: true },
    options: talking,
    examples: ['accessors watch rampjstest', 'accessors watch thermostat temperature'],
    load: async () => (await import('./watch.ts')).watch,
  }),
  command({
    name: 'send',
    summary: 'Gives a value to an input of a swarmlet',
    words: { names: ['NAME', 'INPUT', 'VALUE'], required: 3 },
    options: talking,
    examples: ['accessors send thermostat setpoint 21.5'],
    load: async () => (await import('./change.ts')).send,
  }),
  command({
    name: 'stop',
    summary: 'Stops a swarmlet and takes it off the box',
    words: one,
    options: { ...talking, out },
    examples: ['accessors stop rampjstest'],
    load: async () => (await import('./change.ts')).stop,
  }),
  command({
    name: 'restart',
    summary: 'Starts a swarmlet anew',
    words: one,
    options: { ...talking, out },
    examples: ['accessors restart rampjstest'],
    load: async () => (await import('./change.ts')).restart,
  }),
  command({
    name: 'history',
    summary: 'Lists the versions of a swarmlet, newest first',
    words: one,
    options: talking,
    examples: ['accessors history rampjstest'],
    load: async () => (await import('./history.ts')).history,
  }),
  command({
    name: 'rollback',
    summary: 'Runs an earlier version again: the one before, or the one that is named',
    words: { names: ['NAME', 'VERSION|DIGEST'], required: 1 },
    options: { ...talking, out },
    examples: ['accessors rollback rampjstest', 'accessors rollback rampjstest 1.0.3'],
    load: async () => (await import('./change.ts')).rollback,
  }),
  command({
    name: 'audit',
    summary: 'Lists what a box accepted, refused and did, the newest thousand records',
    options: { ...talking, since: { value: 'TIME', help: 'from this time: 2026-11-22T18:44:29Z, or 10m ago' } },
    examples: ['accessors audit --since 1h', 'accessors audit --json'],
    load: async () => (await import('./audit.ts')).audit,
  }),
  command({
    name: 'audit verify',
    summary: 'Looks for records that were changed, removed or put elsewhere in the audit of the box on this machine, or in a file',
    words: { names: ['FILE'], required: 0 },
    options: boxHere,
    examples: ['accessors audit verify --state ./box', 'accessors audit verify audit.jsonl'],
    load: async () => (await import('./audit.ts')).auditVerify,
  }),
  command({
    name: 'audit export',
    summary: 'Prints the audit of the box on this machine as JSON Lines, all segments that it keeps',
    options: { ...boxHere, since: { value: 'TIME', help: 'from this time: 2026-11-22T18:44:29Z, or 10m ago' } },
    examples: ['accessors audit export --state ./box > audit.jsonl'],
    load: async () => (await import('./audit.ts')).auditExport,
  }),
  command({
    name: 'reset-sequence',
    summary: 'Lets any sequence follow for a swarmlet of the box on this machine, which has to be stopped',
    words: one,
    options: boxHere,
    examples: ['accessors reset-sequence rampjstest --state ./box'],
    load: async () => (await import('./reset-sequence.ts')).resetSequence,
  }),
  command({
    name: 'state backup',
    summary: 'Copies the state of the box on this machine, which may be running, to a new folder',
    words: { names: ['DIR'], required: 1 },
    options: { ...boxHere, 'without-key': { help: 'leave the private key of the box out' } },
    examples: ['accessors state backup /backup/box-2026-11-22 --state ./box'],
    load: async () => (await import('./state.ts')).stateBackup,
  }),
  command({
    name: 'state verify',
    summary: 'Looks whether a backup is as it was made',
    words: { names: ['DIR'], required: 1 },
    examples: ['accessors state verify /backup/box-2026-11-22'],
    load: async () => (await import('./state.ts')).stateVerify,
  }),
  command({
    name: 'state restore',
    summary: 'Makes of a backup the state of a box on this machine, in an empty folder',
    words: { names: ['DIR'], required: 1 },
    options: boxHere,
    examples: ['accessors state restore /backup/box-2026-11-22 --state ./box'],
    load: async () => (await import('./state.ts')).stateRestore,
  }),
  command({
    name: 'boxes',
    summary: 'Lists the boxes out there: those on this network, those that you talked to, and where your settings say',
    options: {
      label: { value: 'KEY=VALUE', short: 'l', multiple: true, help: 'only those with this label' },
      ca: talking.ca as OptionSpecs[string],
      timeout: talking.timeout as OptionSpecs[string],
    },
    examples: ['accessors boxes', 'accessors boxes -l room=545 --json'],
    load: async () => (await import('./boxes.ts')).boxes,
  }),
  command({
    name: 'boxes forget',
    summary: 'Forgets the key of a box, so that the next one there is taken as new',
    words: { names: ['HOST:PORT|HOST|NAME'], required: 1 },
    examples: ['accessors boxes forget box.local:7927'],
    load: async () => (await import('./boxes.ts')).forget,
  }),
  command({
    name: 'key new',
    summary: 'Makes an Ed25519 key to sign with, by ssh-keygen',
    words: { names: ['FILE'], required: 0 },
    options: {
      comment: { value: 'WHO', help: 'who you are, such as alice@lab; default USER@HOST' },
      'no-passphrase': { help: 'do not ask for a passphrase' },
    },
    examples: ['accessors key new', 'accessors key new ./ci_key --comment ci@lab --no-passphrase'],
    load: async () => (await import('./key.ts')).keyNew,
  }),
  command({
    name: 'key show',
    summary: 'Shows the key that you sign with, and what the operator of a box does with it',
    options: { identity: talking.identity as OptionSpecs[string] },
    examples: ['accessors key show'],
    load: async () => (await import('./key.ts')).keyShow,
  }),
  command({
    name: 'trust add',
    summary: 'Lets somebody push to the box on this machine: a public key file, or the text of a public key',
    words: { names: ['KEY'], required: 1, rest: true },
    options: { ...trustFile, principal: { value: 'WHO', help: "whom the audit names; default the key's comment" } },
    examples: [
      'accessors trust add ~/.ssh/id_ed25519.pub',
      "accessors trust add 'ssh-ed25519 AAAAC3Nza... alice@lab'",
      'accessors trust add bob.keys --principal bob@lab --state ./box',
    ],
    load: async () => (await import('./trust.ts')).trustAdd,
  }),
  command({
    name: 'trust ls',
    summary: 'Lists who may push to the box on this machine',
    options: trustFile,
    examples: ['accessors trust ls'],
    load: async () => (await import('./trust.ts')).trustList,
  }),
  command({
    name: 'trust rm',
    summary: 'Takes keys off the trust list: by id, principal, public key file or text',
    words: { names: ['KEY'], required: 1, rest: true },
    options: trustFile,
    examples: ['accessors trust rm alice@lab', 'accessors trust rm SHA256:jBLVp0...'],
    load: async () => (await import('./trust.ts')).trustRemove,
  }),
  command({
    name: 'doctor',
    summary: 'Checks this machine, for pushing from it and for a box on it, and says how to mend what is wrong',
    options: pick('config', 'state', 'trusted-keys', 'listen', 'admin', 'isolation-minimum'),
    examples: ['accessors doctor', 'accessors doctor --config /etc/swarmbox/swarmbox.yaml --json'],
    load: async () => (await import('./doctor.ts')).doctor,
  }),
  command({
    name: 'config explain',
    summary: 'Shows every setting that a box started here would have, and where it comes from',
    options: boxOptions,
    examples: ['accessors config explain', 'accessors config explain --config /etc/swarmbox/swarmbox.yaml --json'],
    load: async () => (await import('./config.ts')).explain,
  }),
  command({
    name: 'config check',
    summary: 'Looks for mistakes in the file of a box, without starting one',
    words: { names: ['FILE'], required: 1 },
    examples: ['accessors config check swarmbox.yaml'],
    load: async () => (await import('./config.ts')).check,
  }),
  command({
    name: 'config schema',
    summary: 'Prints the JSON Schema of the file of a box, for editors',
    examples: ['accessors config schema > swarmbox.schema.json'],
    load: async () => (await import('./config.ts')).schema,
  }),
  command({
    name: 'schema statement',
    summary: 'Prints the JSON Schema of what is signed',
    examples: ['accessors schema statement > swarmlet.v1.schema.json'],
    load: async () => (await import('./schema.ts')).statement,
  }),
  command({
    name: 'schema protocol',
    summary: 'Prints the AsyncAPI document of the deployment port',
    examples: ['accessors schema protocol > swarmlet.v1.asyncapi.json'],
    load: async () => (await import('./schema.ts')).protocol,
  }),
  command({
    name: 'completion',
    summary: 'Prints what a shell needs to complete these commands',
    words: { names: ['bash|zsh|fish'], required: 1 },
    examples: ['eval "$(accessors completion bash)"', 'accessors completion fish > ~/.config/fish/completions/accessors.fish'],
    load: async () => (await import('./completion.ts')).completion,
  }),
];
