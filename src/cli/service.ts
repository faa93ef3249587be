import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { CodedError } from '../../hosts/common/index.ts';
import { placesOf, readConfig } from '../config/index.ts';
import {
  Installation,
  type ManagerName,
  pm2,
  programHere,
  type ServiceManager,
  supervisord,
  systemd,
  thisMachine,
  userOfService,
} from '../service-manager/index.ts';
import { isVariable } from '../settings.ts';
import type { Arguments } from './arguments.ts';
import type { Action } from './command.ts';
import { exit, usageError } from './exit.ts';
import type { Io } from './io.ts';
import { jsonLine, plain } from './text.ts';

const managers: Readonly<Record<ManagerName, ServiceManager>> = { systemd, supervisord, pm2 };

export const install: Action = async (args, io) => {
  const manager = chosen(args) ?? usual(args.flag('print'));
  const settings = settingsFolder(args, io, manager);
  const installation = new Installation(manager, settings, thisMachine(io.env));
  const program = programFor(args, io, manager, settings);
  const text = manager.text(program);
  const { file } = installation;
  if (args.flag('print')) {
    io.print(args.flag('json') ? jsonLine({ manager: manager.name, file, text }) : text.trimEnd());
    return exit.done;
  }
  tellOfVariables(io);
  await installation.install(program, args.flag('force'));
  const { user = null, state } = program;
  if (args.flag('json')) io.print(jsonLine({ manager: manager.name, file, user, state, ...(await installation.standing()) }));
  else
    for (const line of [
      `Installed ${file}. The box runs${user === null ? '' : ` as user ${user}`}, and keeps its state in ${state}.`,
      ...nextSteps(manager, settings),
    ])
      io.print(plain(line));
  return exit.done;
};

function nextSteps(manager: ServiceManager, settings: string | undefined): string[] {
  const sudo = settings === undefined ? 'sudo ' : '';
  const stays = manager.name === 'systemd' ? 'loginctl enable-linger' : 'pm2 startup';
  return [
    `Say who may push: ${sudo}accessors trust add KEY.pub`,
    ...(settings === undefined ? [] : [`So that it runs while you are not logged in: ${stays}`]),
  ];
}

export const uninstall: Action = async (args, io) => {
  const installation = installed(args, io);
  await installation.uninstall();
  const { file, manager } = installation;
  if (args.flag('json')) io.print(jsonLine({ manager: manager.name, file, removed: true }));
  else io.print(plain(`Removed ${file}. What the box keeps, its settings and its user are still there.`));
  return exit.done;
};

export const status: Action = async (args, io) => {
  const installation = installed(args, io);
  const { manager, file } = installation;
  const { running, text } = await installation.standing();
  if (args.flag('json')) io.print(jsonLine({ manager: manager.name, file, running, text }));
  else io.print(plain(`${file}: ${text}`));
  return running ? exit.done : exit.failed;
};

function chosen(args: Arguments): ServiceManager | undefined {
  const given = Object.values(managers).filter(({ name }) => args.flag(name));
  if (given.length > 1) throw usageError(`--${given[0]?.name} and --${given[1]?.name} do not go together`);
  const [manager] = given;
  if (manager?.name === 'supervisord' && args.flag('user') && !args.flag('print')) {
    throw usageError('supervisord has no place for files of a user: take --print, and name the file in your supervisord.conf');
  }
  return manager;
}

function usual(print: boolean): ServiceManager {
  if (print || existsSync('/run/systemd/system')) return systemd;
  throw new CodedError(
    'NO_SERVICE_MANAGER',
    'systemd does not run on this machine: choose --supervisord or --pm2, or see the unit with --print',
  );
}

/** The one that is meant, or the one that is there. */
function installed(args: Arguments, io: Io): Installation {
  const given = chosen(args);
  const candidates = given ? [given] : Object.values(managers);
  const all = candidates.map((manager) => new Installation(manager, settingsFolder(args, io, manager), thisMachine(io.env)));
  return all.find(({ isThere }) => isThere) ?? (all[0] as Installation);
}

/** Of the one whose service it is; undefined: the machine's. What pm2 runs is always its user's. */
function settingsFolder(args: Arguments, { env }: Io, manager: ServiceManager): string | undefined {
  const ofUser = args.flag('user') || (manager.name === 'pm2' && process.geteuid?.() !== 0);
  return ofUser ? env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config') : undefined;
}

/** @throws CodedError for a file of settings with mistakes: the service would be started again and again */
function programFor(args: Arguments, { env }: Io, manager: ServiceManager, settings: string | undefined) {
  const given = args.text('config');
  const config = given === undefined ? undefined : resolve(given);
  const ofUser = settings !== undefined;
  const { HOME, XDG_CONFIG_HOME, XDG_STATE_HOME } = env;
  const places = ofUser ? placesOf({ HOME, XDG_CONFIG_HOME, XDG_STATE_HOME }) : placesOf({}, true);
  const { state } = readConfig({ flag: (name) => (name === 'config' && config !== undefined ? [config] : []), env: {}, places });
  const user = ofUser || manager.name === 'pm2' ? undefined : userOfService;
  return programHere({ user, config: places.config, state }, config);
}

/** What is set in this shell holds for what is started in it. */
function tellOfVariables({ env, tell }: Io): void {
  const names = Object.keys(env).filter(isVariable);
  if (names.length > 0)
    tell(
      plain(`accessors: ${names.join(', ')} ${names.length === 1 ? 'does' : 'do'} not reach a service: put it into the file of settings`),
    );
}
