import type { Change, DeployStatement } from './envelope/index.ts';
import { errors } from './errors.ts';

type Field = (statement: DeployStatement) => string | undefined;

const limits: ReadonlySet<string> = new Set([
  'setupMs',
  'initializeMs',
  'reactionMs',
  'wrapupMs',
  'memoryMiB',
  'cpuPercent',
  'messagesPerSecond',
  'logBytesPerSecond',
  'probationMs',
  'restarts',
]);

const capabilities: ReadonlySet<string> = new Set(['files', 'local-storage']);

/** What of the protocol this box does not implement yet: each gives the name of what a statement asks for. */
const fields: readonly Field[] = [
  ({ capabilities = [] }) => absent(capabilities),
  ({ limits: asked = {} }) => named('limits', Object.keys(asked), limits),
];

function absent(asked: readonly string[]): string | undefined {
  const name = asked.find((one) => capabilities.has(one));
  return name === undefined ? undefined : `capability ${name}`;
}

function named(kind: string, asked: readonly string[], known: ReadonlySet<string>): string | undefined {
  const stranger = asked.find((name) => !known.has(name));
  return stranger === undefined ? undefined : `${kind} ${stranger}`;
}

/** @throws UNSUPPORTED that names the field: nothing that was signed is ever ignored */
export function refuseUnsupported(statement: Change): void {
  if (statement.action !== 'deploy') return;
  for (const field of fields) {
    const name = field(statement);
    if (name !== undefined) throw errors.UNSUPPORTED(name);
  }
}
