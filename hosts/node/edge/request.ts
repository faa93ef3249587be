import type { EdgeRequest } from './wire.ts';

type Fields = Readonly<Record<string, unknown>>;

const HOST = 255;
const PATH = 4096;
/** The system takes no more either, of most programs. */
const ARGUMENTS = 131_072;

/** Whether what came from a swarmlet is a request; numbers of the system, such as ports, are the system's to judge. */
export function isRequest(value: unknown): value is EdgeRequest {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Fields;
  if (!isId(fields.id)) return false;
  switch (fields.do) {
    case 'connect':
    case 'listen':
      return isPeer(fields) && isFlag(fields.noDelay) && isFlag(fields.keepAlive);
    case 'datagrams':
      return (
        isFamily(fields.family) &&
        (fields.bind === undefined || isPeer(fields.bind as Fields)) &&
        (fields.group === undefined || isText(fields.group, HOST)) &&
        isFlag(fields.broadcast)
      );
    case 'spawn':
      return isText(fields.command, PATH) && areArguments(fields.args);
    case 'serial':
      return isText(fields.path, PATH) && typeof fields.baudRate === 'number';
    case 'lookup':
      return isPeer(fields) && isFamily(fields.family);
    case 'readFile':
      return isText(fields.path, PATH);
    case 'more':
      return Number.isSafeInteger(fields.bytes) && (fields.bytes as number) > 0;
    case 'kill':
      return fields.signal === 'SIGTERM' || fields.signal === 'SIGKILL';
    case 'serialPorts':
    case 'end':
    case 'close':
      return true;
    default:
      return false;
  }
}

function isId(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) !== 0 && Math.abs(value as number) < 2 ** 31 - 1;
}

function isText(value: unknown, most: number): boolean {
  return typeof value === 'string' && value.length <= most;
}

function isPeer(value: Fields): boolean {
  return typeof value === 'object' && value !== null && isText(value.host, HOST) && typeof value.port === 'number';
}

function isFlag(value: unknown): boolean {
  return value === undefined || typeof value === 'boolean';
}

function isFamily(value: unknown): boolean {
  return value === 4 || value === 6;
}

function areArguments(value: unknown): boolean {
  if (!Array.isArray(value) || !value.every((one) => isText(one, ARGUMENTS))) return false;
  return value.reduce((sum: number, one: string) => sum + one.length, 0) <= ARGUMENTS;
}
