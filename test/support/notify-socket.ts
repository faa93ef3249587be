import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { on } from 'node:events';
import { createInterface } from 'node:readline';

export const canListen = ['python3', 'systemd-notify'].every((program) => spawnSync(program, ['--version']).status === 0);

const script = `
import json, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
name = sys.argv[1]
s.bind('\\0' + name[1:] if name[0] == '@' else name)
print('[]', flush=True)
while True:
    print(json.dumps(s.recv(4096).decode().split('\\n')), flush=True)
`;

/** The end of a service manager at which messages arrive. */
export class NotifySocket {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<[string]>;

  /** @param name  a path; or, beginning with `@`, a name that is no file */
  static async open(name: string): Promise<NotifySocket> {
    const opened = new NotifySocket(name);
    await opened.#lines.next(); // it is bound
    return opened;
  }

  private constructor(name: string) {
    this.name = name;
    this.#child = spawn('python3', ['-c', script, name], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#lines = on(createInterface({ input: this.#child.stdout as NodeJS.ReadableStream }), 'line')[
      Symbol.asyncIterator
    ]() as AsyncIterator<[string]>;
  }

  /** The next message, as its assignments. */
  async next(): Promise<string[]> {
    for (;;) {
      const { value } = await this.#lines.next();
      const assignments = JSON.parse(value[0]) as string[];
      if (assignments[0] !== 'BARRIER=1') return assignments; // who sent before waits there until it has arrived
    }
  }

  /** The next one that is no sign of life. */
  async nextNews(): Promise<string[]> {
    for (;;) {
      const message = await this.next();
      if (message[0] !== 'WATCHDOG=1') return message;
    }
  }

  close(): void {
    this.#child.kill();
  }
}
