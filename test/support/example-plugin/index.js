import { appendFile, readFile, watch } from 'node:fs/promises';
import { join } from 'node:path';

/** Finds boxes in a file with a line for each, `ROOM HOST:PORT`: `rooms: {file}`. */
const rooms = {
  kind: 'discovery',
  name: 'rooms',
  parse(raw) {
    if (typeof raw?.file !== 'string') throw new Error('{file: PATH}');
    return { file: raw.file };
  },
  create: ({ file }, { folder, log }) => ({
    async run(signal, publish) {
      const path = join(folder, file);
      let before = [];
      const look = async () => {
        const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
        const groups = lines.map((line) => {
          const [room, target] = line.split(' ');
          return { source: `${room} ${target}`, targets: [target], labels: { room } };
        });
        const gone = before.filter((source) => !groups.some((group) => group.source === source));
        before = groups.map(({ source }) => source);
        publish([...groups, ...gone.map((source) => ({ source, targets: [], labels: {} }))]);
        log('info', `${groups.length} boxes in ${path}`);
      };
      await look();
      try {
        for await (const _ of watch(path, { signal })) await look();
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
  }),
};

/** Submits every line of a file once, a signed statement each: `lines: {file}`. */
const lines = {
  kind: 'source',
  name: 'lines',
  parse: (raw) => ({ file: String(raw?.file) }),
  create: ({ file }, { folder, log }) => ({
    async run(_signal, submit) {
      for (const line of (await readFile(join(folder, file), 'utf8')).split('\n').filter(Boolean)) {
        try {
          const { swarmlet, state } = await submit(line);
          log('info', `${swarmlet} is ${state}`);
        } catch (error) {
          log('warn', `${error.code}: ${error.message}`);
        }
      }
    },
  }),
};

/** Writes the events of the log into a file: `events: {file}`. */
const events = {
  kind: 'log',
  name: 'events',
  parse: (raw) => ({ file: String(raw?.file) }),
  create: ({ file }, { folder }) => ({
    async run(_signal, records) {
      for await (const { event = 'text', plugin = '', message = '' } of records) {
        await appendFile(join(folder, file), `${event} ${plugin} ${message}\n`);
      }
    },
  }),
};

/** Throws from a timer again and again, as a careless plugin may: a box lives with it. */
const careless = {
  kind: 'discovery',
  name: 'careless',
  parse: () => ({}),
  create: () => ({
    run: () =>
      new Promise(() => {
        setTimeout(() => {
          throw new Error('careless');
        }, 1);
      }),
  }),
};

/** What swarmlets get that require `acme-greeter`: `acme-greeter: {greeting}`. It runs behind their wall. */
const greeter = {
  kind: 'module',
  name: 'acme-greeter',
  parse: (raw) => ({ greeting: String(raw?.greeting ?? 'hello') }),
  create: async ({ greeting }) => ({
    code: `exports.create = () => ({ greet: (name) => ${JSON.stringify(greeting)} + ' ' + name });`,
  }),
};

export const plugins = [rooms, lines, events, careless, greeter];
