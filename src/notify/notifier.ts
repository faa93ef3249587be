import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { errorText } from '../../hosts/common/index.ts';
import { printable } from '../errors.ts';

/** A program that takes longer has nobody at the other end. */
const SEND_MS = 5000;

/** How the box is, asked before every sign of life. */
export interface Life {
  /** Resolves when it is known: with undefined if the box lives, else with why only a start anew helps. May never resolve. */
  pulse(): Promise<string | undefined>;
  /** In a few words, for `systemctl status`. */
  status(): string;
}

/**
 * Tells the service manager how the box is, where there is one that wants to know: sd_notify(3), as systemd, podman and others
 * understand it. Node has no datagram sockets of the kind that it takes, so `systemd-notify` sends: a program that is there wherever
 * systemd is, needs nothing compiled, and is started a few times a minute at most. Messages arrive in the order of the calls.
 */
export class Notifier {
  readonly #socket: string;
  readonly #path: string | undefined;
  readonly #everyMs: number | undefined;
  readonly #warn: (message: string) => void;
  #last: Promise<void> = Promise.resolve();
  #told = false;
  #status = '';
  #timer: NodeJS.Timeout | undefined;

  /**
   * What the variables NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID ask of this process; undefined: nothing.
   * @param warn  told once when nothing can be sent
   */
  static of(env: NodeJS.ProcessEnv, warn: (message: string) => void): Notifier | undefined {
    const { NOTIFY_SOCKET: socket = '', WATCHDOG_USEC, WATCHDOG_PID } = env;
    if (!/^[@/]./.test(socket)) return undefined;
    const micros = Number(WATCHDOG_USEC);
    const isOurs = WATCHDOG_PID === undefined || WATCHDOG_PID === String(process.pid);
    return new Notifier(socket, env.PATH, isOurs && micros > 0 ? Math.max(1, micros / 2000) : undefined, warn);
  }

  private constructor(socket: string, path: string | undefined, everyMs: number | undefined, warn: (message: string) => void) {
    this.#socket = socket;
    this.#path = path;
    this.#everyMs = everyMs;
    this.#warn = warn;
  }

  /** It takes deployments; from now on it shows at half of the time allowed that it lives, while it does. */
  ready(life: Life): void {
    this.#send('READY=1', ...this.#changedStatus(life));
    if (this.#everyMs === undefined || this.#timer) return;
    let isAsked = false;
    this.#timer = setInterval(async () => {
      if (isAsked) return; // the last question has no answer yet: no sign of life
      isAsked = true;
      const ailment = await life.pulse();
      isAsked = false;
      if (ailment === undefined && this.#timer) this.#send('WATCHDOG=1', ...this.#changedStatus(life));
    }, this.#everyMs).unref();
  }

  /** It reads its settings again; `ready` says when it has. */
  reloading(): void {
    this.#send('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`);
  }

  /** Resolves when that is sent. */
  stopping(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#send('STOPPING=1', 'STATUS=stopping');
    return this.#last;
  }

  #changedStatus(life: Life): string[] {
    const status = `STATUS=${printable(life.status())}`;
    if (status === this.#status) return [];
    this.#status = status;
    return [status];
  }

  #send(...assignments: string[]): void {
    this.#last = this.#last.then(() => this.#sendNow(assignments));
  }

  async #sendNow(assignments: readonly string[]): Promise<void> {
    const env = { NOTIFY_SOCKET: this.#socket, ...(this.#path !== undefined && { PATH: this.#path }) };
    try {
      await promisify(execFile)('systemd-notify', ['--', ...assignments], { env, timeout: SEND_MS, killSignal: 'SIGKILL' });
    } catch (error) {
      if (this.#told) return;
      this.#told = true;
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      const why = missing ? 'systemd-notify is not installed' : errorText(error).trim().replaceAll('\n', ' ');
      this.#warn(`Whoever started this box is not told how it is: ${why}`);
    }
  }
}
