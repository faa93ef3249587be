import type { ServiceError } from '../errors.ts';

/** JSON-RPC 2.0, calls by name only; batches, positional parameters and calls without an id are refused. */
export interface Call {
  readonly id: CallId;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export type CallId = string | number | null;

/** The codes that JSON-RPC itself has; all others of ours are -32000. */
export const rpcCodes = Object.freeze({ notJson: -32700, notACall: -32600, noSuchMethod: -32601, badParameters: -32602, refused: -32000 });

/** A message that cannot be carried out as a call; `id` is null when it has none that can be read. */
export class CallRefusal extends Error {
  readonly id: CallId;
  readonly rpcCode: number;
  /** The part of the call that is at fault. */
  readonly field: string;

  constructor(id: CallId, rpcCode: number, field: string, problem: string) {
    super(problem);
    this.id = id;
    this.rpcCode = rpcCode;
    this.field = field;
  }
}

const LONGEST_ID = 256;
const members = new Set(['jsonrpc', 'id', 'method', 'params']);

/**
 * @param message  what the frame's JSON says
 * @throws CallRefusal
 */
export function callOf(message: unknown): Call {
  const refused = (id: CallId, field: string, problem: string, rpcCode: number = rpcCodes.notACall) =>
    new CallRefusal(id, rpcCode, field, problem);
  if (Array.isArray(message)) throw refused(null, 'call', 'batches are not supported; send one call in a frame');
  if (!isRecord(message)) throw refused(null, 'call', 'should be a JSON object');
  const id = idOf(message.id);
  if (id === null) throw refused(null, 'id', `should be a number, or a text of at most ${LONGEST_ID} characters`);
  if (message.jsonrpc !== '2.0') throw refused(id, 'jsonrpc', 'should be "2.0"');
  const extra = Object.keys(message).find((name) => !members.has(name));
  if (extra !== undefined) throw refused(id, extra, 'is no member of a call');
  if (typeof message.method !== 'string') throw refused(id, 'method', 'should be a text');
  const params = message.params ?? {};
  if (!isRecord(params)) throw refused(id, 'params', 'should be an object: parameters go by name', rpcCodes.badParameters);
  return { id, method: message.method, params };
}

function idOf(id: unknown): CallId {
  if (typeof id === 'string' && id.length <= LONGEST_ID) return id;
  return typeof id === 'number' && Number.isFinite(id) ? id : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function resultText(id: CallId, result: unknown): string {
  return JSON.stringify({ jsonrpc: '2.0', id, result });
}

/** @param rpcCode  -32000 unless JSON-RPC has a code of its own for it */
export function errorTextOf(id: CallId, rpcCode: number, error: ServiceError): string {
  const { code, detail } = error;
  const data = detail === undefined ? { code } : { code, detail };
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code: rpcCode, message: error.message, data } });
}

export function notificationText(method: string, params: object): string {
  return JSON.stringify({ jsonrpc: '2.0', method, params });
}
