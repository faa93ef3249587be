import { CodedError, errorText } from '../../hosts/common/index.ts';
import type { Machine } from './machine.ts';
import type { Program, ServiceManager, Standing } from './manager.ts';

/** A box that a service manager runs: its file, and whether the manager knows of it. */
export class Installation {
  readonly manager: ServiceManager;
  /** Where its file is, or would be. */
  readonly file: string;
  readonly #ofUser: boolean;
  readonly #machine: Machine;

  /** @param user  undefined: a service of the machine; else the folder of settings of the one whose it is */
  constructor(manager: ServiceManager, user: string | undefined, machine: Machine) {
    this.manager = manager;
    this.file = manager.file(user);
    this.#ofUser = user !== undefined;
    this.#machine = machine;
  }

  get isThere(): boolean {
    return this.#machine.read(this.file) !== undefined;
  }

  /**
   * Writes its file and has the manager start it; resolves when that says that it runs. An installation that is equal is only started.
   * @param force  replace another file that is there
   * @throws CodedError NOT_ROOT, ALREADY_INSTALLED, NO_SERVICE_MANAGER, COMMAND_FAILED
   */
  async install(program: Program, force: boolean): Promise<void> {
    this.#checkRoot();
    const text = this.manager.text(program);
    const there = this.#machine.read(this.file);
    if (there !== undefined && there !== text && !force) {
      throw new CodedError('ALREADY_INSTALLED', `${this.file} is there and is another one. Look at it, and replace it with --force`);
    }
    if (program.user !== undefined) await this.#makeUser(program.user, program);
    if (there !== text) this.#machine.write(this.file, text);
    try {
      for (const command of this.manager.begin(this.file, this.#ofUser)) await this.#machine.run(command);
    } catch (error) {
      const isMissing = error instanceof CodedError && error.code === 'NO_SERVICE_MANAGER';
      const next = isMissing ? 'Install it, or see the file with --print' : `See: ${this.manager.logs(this.#ofUser)}`;
      if (isMissing && there === undefined) this.#machine.remove(this.file);
      throw new CodedError((error as CodedError).code, `${errorText(error)}. ${next}`, { cause: error });
    }
  }

  /** With the folders that it needs: settings of root, and a state of its own. */
  async #makeUser(user: string, { config, state }: Program): Promise<void> {
    const { run } = this.#machine;
    const isThere = await run(['id', '-u', user]).then(
      () => true,
      () => false,
    );
    if (!isThere) {
      const folder = ['--home-dir', state, '--no-create-home', '--shell', '/usr/sbin/nologin'] as const;
      await run(['useradd', '--system', '--user-group', ...folder, user]);
    }
    await run(['install', '-d', '-m', '755', config]);
    const owner = await run(['stat', '-c', '%U', state]).catch(() => '');
    await run(['install', '-d', '-m', '700', '-o', user, '-g', user, state]);
    // Root may have said there who may push. Never in a folder of the user, who could put a link there.
    if (owner.trim() === 'root') await run(['chown', '-R', '-h', '-P', `${user}:${user}`, state]);
  }

  /**
   * Ends it and takes its file away; state, settings and user stay.
   * @throws CodedError NOT_FOUND, NOT_ROOT, COMMAND_FAILED
   */
  async uninstall(): Promise<void> {
    this.#checkThere();
    this.#checkRoot();
    // One that the manager has lost, or that does not run, is taken away all the same.
    for (const command of this.manager.end(this.file, this.#ofUser)) await this.#machine.run(command).catch(() => '');
    this.#machine.remove(this.file);
    for (const command of this.manager.forget(this.#ofUser)) await this.#machine.run(command);
  }

  /** @throws CodedError NOT_FOUND, NO_SERVICE_MANAGER */
  async standing(): Promise<Standing> {
    this.#checkThere();
    const command = this.manager.status(this.#ofUser);
    try {
      return this.manager.standing(await this.#machine.run(command));
    } catch (error) {
      if (error instanceof CodedError && error.code === 'NO_SERVICE_MANAGER') throw error;
      return { running: false, text: errorText(error) };
    }
  }

  #checkThere(): void {
    if (!this.isThere) throw new CodedError('NOT_FOUND', `No box is installed as a service: there is no ${this.file}`);
  }

  #checkRoot(): void {
    if (this.#ofUser || this.#machine.isRoot) return;
    throw new CodedError(
      'NOT_ROOT',
      `${this.file} belongs to root: use sudo, or --user for a service of your own, or --print to see the file`,
    );
  }
}
