import { defaultOf, flagOf, isMany, type Setting, settings } from '../settings.ts';
import type { OptionSpec, OptionSpecs } from './arguments.ts';

/** Of every command that talks to a box. */
export const talking = {
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
} satisfies OptionSpecs;

/** Every setting of a box, and where else they stand. */
export const boxOptions: OptionSpecs = Object.fromEntries([
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
export const boxHere: OptionSpecs = pick('state', 'config');
export const trustFile: OptionSpecs = pick('state', 'trusted-keys', 'config');

/** Some of them. */
export function pick(...names: readonly string[]): OptionSpecs {
  return Object.fromEntries(names.map((name) => [name, boxOptions[name] as OptionSpec]));
}

/** Which service is meant. */
export const managed: OptionSpecs = {
  systemd: { help: 'a unit of systemd; the default' },
  supervisord: { help: 'a section of supervisord' },
  pm2: { help: 'an ecosystem file of pm2' },
  user: { help: 'of your own instead of the machine' },
};

/** A swarmlet. */
export const one = { names: ['NAME'], required: 1 } as const;
export const out: OptionSpec = {
  value: 'FILE',
  help: 'sign and write to this file instead of sending: for boxes that ask for more signatures',
};
