import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { AccessorApi } from '../../../hosts/common/index.ts';
import { library } from '../../support/library.ts';
import { bounded, give, type Live, live, Outputs, Reports } from '../../support/live.ts';

const it = suite('Exec');
let host: Live;
let reports: Reports;
const node = process.execPath;

it.before.each(() => {
  host = live();
  reports = new Reports();
});
it.after.each(() => {
  host.end();
  reports.restore();
});

function exec(command: string): { accessor: AccessorApi; outputs: Outputs } {
  const accessor = host.node.instantiate(host.node.uniqueName('Exec'), 'utilities/Exec');
  accessor.setDefault('command', command);
  const outputs = new Outputs(accessor);
  accessor.initialize();
  return { accessor, outputs };
}

it('runs a command and sends what it writes', async () => {
  const { outputs } = exec(`${node} -e 'console.log("a  b", process.argv[1])' "one word"`);
  assert.is(await outputs.value('stdout'), 'a  b one word\n');
});

it('gives text to its standard input, and ends it at wrapup', async () => {
  const { accessor, outputs } = exec(`${node} -e 'process.stdin.pipe(process.stdout); console.log(process.pid)'`);
  const pid = Number(await outputs.value('stdout'));
  give(accessor, { stdin: 'grün\n' });
  assert.is(await outputs.value('stdout', 2), 'grün\n');
  accessor.wrapup();
  const gone = (): boolean => {
    try {
      process.kill(pid, 0);
      return false;
    } catch {
      return true;
    }
  };
  await bounded(
    new Promise<void>((resolve) => {
      const look = (): unknown => (gone() ? resolve() : setImmediate(look));
      look();
    }),
    'the end of the process',
  );
});

it('ends a process that ignores being asked to', async () => {
  const { accessor, outputs } = exec(`${node} -e 'process.on("SIGTERM", () => {}); setInterval(() => {}, 9); console.log(process.pid)'`);
  const pid = Number(await outputs.value('stdout'));
  accessor.wrapup();
  await bounded(
    new Promise<void>((resolve) => {
      const look = (): void => {
        try {
          process.kill(pid, 0);
          setTimeout(look, 10);
        } catch {
          resolve();
        }
      };
      look();
    }),
    'the end of the process',
  );
});

it('reports what it writes as error, how it ends, and that it is missing', async () => {
  exec(`${node} -e 'console.error("trouble"); process.exit(3)'`);
  await reports.matching(/trouble/);
  await reports.matching(/The command ended with 3\./);
  exec('no-such-program');
  await reports.matching(/Cannot run no-such-program: .*ENOENT/);
});

for (const [command, message] of [
  ['ls | wc', /no shell that would make something of \| in: ls \| wc\. To pass it on as it is, put it in quotes/],
  ['echo $HOME', /something of \$/],
  ['echo "open', /A quote is not closed/],
  ['   ', /no command to run/],
] as const) {
  it(`refuses ${command}`, () => {
    assert.throws(() => exec(command), message);
  });
}

it('passes 10,000 lines through in order', async () => {
  const { accessor, outputs } = exec(`${node} -e 'process.stdin.pipe(process.stdout)'`);
  const lines = Array.from({ length: 10_000 }, (_, i) => `${i}\n`);
  for (const stdin of lines) give(accessor, { stdin });
  const all = lines.join('');
  for (let n = 1; outputs.of('stdout').join('').length < all.length; n++) await outputs.value('stdout', n);
  assert.is(outputs.of('stdout').join(''), all);
});

it('lets simulated time wait for the command', async () => {
  const { clock, node: simulated } = library();
  const accessor = simulated.instantiate('exec', 'utilities/Exec');
  accessor.setDefault('command', `${node} -e 'setTimeout(() => console.log("late"), 50)'`);
  const outputs = new Outputs(accessor);
  accessor.stopAt(10);
  accessor.initialize();
  await clock.run();
  assert.equal(outputs.of('stdout'), ['late\n']);
});

it.run();
