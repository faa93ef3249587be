import type { View } from '../../common/index.ts';
import type { EdgeEvent, EdgeRequest, Outside } from '../edge/index.ts';
import type { StartPhase } from './isolate.ts';
import { depthLimit, jsonProblem } from './json.ts';
import { isView } from './view.ts';

/** What the host tells a child. */
export type Command =
  /** Run a dummy swarmlet, so that the real one finds compiled code. */
  | { readonly type: 'warm' }
  /** One file of the swarmlet that is started next. */
  | { readonly type: 'file'; readonly name: string; readonly text: string }
  /** The code of a module that was granted to it. */
  | { readonly type: 'module'; readonly name: string; readonly text: string }
  | StartCommand
  /** What came with `start` runs now. */
  | { readonly type: 'go' }
  /** Answered by `taken` or `refused`, in the order of the inputs. */
  | { readonly type: 'input'; readonly port: string; readonly value: unknown }
  /** So much more may be sent (flow.ts). */
  | { readonly type: 'credit'; readonly weight: number }
  /** What a service of the host says (services.ts). */
  | { readonly type: 'service'; readonly name: string; readonly message: unknown }
  | { readonly type: 'edge'; readonly edge: EdgeEvent }
  | { readonly type: 'ping'; readonly id: number }
  /** Answered by `seen`; what happens inside is observed from then on. */
  | { readonly type: 'look'; readonly id: number; readonly known: number }
  /** Nobody looks any more. */
  | { readonly type: 'unlook' }
  | { readonly type: 'wrapup' };

/** What is to be started: the child makes everything ready for it, and none of its code runs before `go`. */
export interface StartCommand {
  readonly type: 'start';
  /** Repeated in every report on the life cycle; swarmlet code does not know it and so cannot forge one. */
  readonly token: string;
  readonly name: string;
  readonly main: string;
  readonly modules: readonly string[];
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly trusted: boolean;
  readonly outside: Outside;
  /** What is open at the end has so long for its last bytes, in ms. */
  readonly farewellMs: number;
  readonly logBytesPerSecond: number;
  /** Weight of outputs that may be sent before more is allowed. */
  readonly credit: number;
  /** Weight of outputs that may wait for credit; more is a flood. */
  readonly backlog: number;
}

/** What a child tells of the swarmlet's life. */
export type Ending = 'completed' | 'stopped' | 'exception' | 'memory' | 'messages';

/** What a child tells the host. */
export type Report =
  | { readonly type: 'loaded' }
  | { readonly type: 'warmed' }
  /** The start has come to this phase; `running` is the end of `initialize`. */
  | { readonly type: 'entered'; readonly token: string; readonly phase: 'initialize' | 'running' }
  | {
      readonly type: 'startFailed';
      readonly token: string;
      readonly phase: StartPhase;
      readonly reason: 'exception' | 'memory';
      readonly message: string;
    }
  | { readonly type: 'output'; readonly port: string; readonly value: unknown }
  /** To a service of the host (services.ts). */
  | { readonly type: 'service'; readonly name: string; readonly message: unknown }
  /** So many more inputs were taken. */
  | { readonly type: 'taken'; readonly count: number }
  /** The next input was not taken. */
  | { readonly type: 'refused'; readonly message: string }
  /** Of the outside; looked at by the gate. */
  | { readonly type: 'edge'; readonly edge: EdgeRequest }
  /** So far: console writes dropped, and reactions; now: outputs that wait for credit. */
  | { readonly type: 'pong'; readonly id: number; readonly dropped: number; readonly reactions: number; readonly waiting: number }
  | { readonly type: 'seen'; readonly id: number; readonly view: View }
  | { readonly type: 'ended'; readonly token: string; readonly ending: Ending; readonly message: string; readonly dropped: number };

/** Longer messages and names are cut by the runtime; a child that sends them is not ours. */
const textLimit = 65_536;

/**
 * Reads what came from a child.
 * @throws Error if it is no report
 */
export function parseReport(text: string): Report {
  const problem = jsonProblem(text, depthLimit + 1);
  if (problem) throw new Error(`a frame that is refused: ${problem}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('a frame that is no JSON');
  }
  if (typeof value !== 'object' || value === null || !isReport(value as Fields)) throw new Error('a frame that is no report');
  return value as Report;
}

type Fields = Readonly<Record<string, unknown>>;

function isReport(fields: Fields): boolean {
  switch (fields.type) {
    case 'output':
      return isText(fields.port) && fields.value !== undefined;
    case 'service':
      return isText(fields.name) && fields.message !== undefined;
    case 'pong':
      return isCount(fields.id) && isCount(fields.dropped) && isCount(fields.reactions) && isCount(fields.waiting);
    case 'seen':
      return isCount(fields.id) && isView(fields.view);
    case 'taken':
      return isCount(fields.count);
    case 'refused':
      return isText(fields.message);
    case 'loaded':
    case 'warmed':
    case 'edge':
      return true;
    case 'entered':
      return isText(fields.token) && isOneOf(fields.phase, ['initialize', 'running']);
    case 'startFailed':
      return (
        isText(fields.token) &&
        isOneOf(fields.phase, ['load', 'setup', 'initialize']) &&
        isOneOf(fields.reason, ['exception', 'memory']) &&
        isText(fields.message)
      );
    case 'ended':
      return (
        isText(fields.token) &&
        isOneOf(fields.ending, ['completed', 'stopped', 'exception', 'memory', 'messages']) &&
        isText(fields.message) &&
        isCount(fields.dropped)
      );
    default:
      return false;
  }
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.length <= textLimit;
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isOneOf(value: unknown, names: readonly string[]): boolean {
  return names.includes(value as string);
}
