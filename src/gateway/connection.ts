import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { parseJson } from '../envelope/index.ts';
import { errors, isServiceError, type ServiceError, shown } from '../errors.ts';
import type { Backend, Method } from './backend.ts';
import { Incoming } from './incoming.ts';
import type { GatewayOptions } from './options.ts';
import { Outbox } from './outbox.ts';
import type { Pace } from './pace.ts';
import { Peer } from './peer.ts';
import { type Call, type CallId, CallRefusal, callOf, errorTextOf, notificationText, resultText, rpcCodes } from './rpc.ts';
import { TokenBucket } from './token-bucket.ts';

/** Close codes of PROTOCOL 4; 1011 and 1013 are WebSocket's own: a defect of this side, `try again later`. */
export const closeCodes = Object.freeze({
  size: 1009,
  defect: 1011,
  full: 1013,
  protocol: 4400,
  authentication: 4401,
  revoked: 4403,
  rate: 4429,
});

/** What a frame costs beside its payload, generously: header and mask. */
const FRAME_OVERHEAD = 64;
const PINGS = 50;
/** Statements that a connection may have refused at once, and a second, before it is read only now and then. */
const UNPACED = 20;
const UNPACED_PER_SECOND = 10;

interface Stranger {
  readonly kind: 'stranger';
  attempts: number;
  readonly timer: NodeJS.Timeout;
}
interface Known {
  readonly kind: 'known';
  readonly peer: Peer;
  readonly refusals: TokenBucket;
  readonly unpaced: TokenBucket;
  open: number;
}

/** Told to the gateway about one connection. */
export interface ConnectionEvents {
  authenticated(peer: Peer): boolean;
  closed(peer: Peer | undefined): void;
}

/** One WebSocket: who is at its other end, and the calls that come from there. */
export class Connection {
  readonly #ws: WebSocket;
  readonly #address: string;
  readonly #backend: Backend;
  readonly #options: GatewayOptions;
  readonly #pace: Pace;
  readonly #events: ConnectionEvents;
  readonly #outbox: Outbox;
  readonly #pings = new TokenBucket(PINGS, PINGS);
  #caller: Stranger | Known;
  /** Frames that came while a file before them was being stored; undefined when none is. */
  #behind: { readonly data: Buffer; readonly isBinary: boolean }[] | undefined;
  #isPaced = false;

  constructor(
    ws: WebSocket,
    socket: Socket,
    address: string,
    backend: Backend,
    options: GatewayOptions,
    pace: Pace,
    events: ConnectionEvents,
  ) {
    this.#ws = ws;
    this.#address = address;
    this.#backend = backend;
    this.#options = options;
    this.#pace = pace;
    this.#events = events;
    this.#outbox = new Outbox(ws, socket, options);
    const timer = setTimeout(() => this.close(closeCodes.authentication, 'no authentication in time'), options.handshakeMs);
    this.#caller = { kind: 'stranger', attempts: 0, timer };
    const late = (): void => this.close(closeCodes.rate, `a message was not whole after ${options.messageMs / 1000} s`);
    new Incoming(ws, socket, options.messageMs, late, (bytes) => this.#grown(bytes));
    ws.on('message', (data, isBinary) => this.#message(data as Buffer, isBinary));
    ws.on('ping', (data) => this.#ping(data));
    ws.on('error', () => {}); // bad frames: the library closes the connection with the code that fits
    ws.on('close', () => {
      clearTimeout(timer);
      events.closed(this.#caller.kind === 'known' ? this.#caller.peer : undefined);
    });
    this.#outbox.reply(notificationText('hello', backend.hello()));
  }

  /**
   * @param reason   at most 123 bytes
   * @param graceMs  for the answer that closing has; after it the connection is cut
   */
  close(code: number, reason: string, graceMs = 1000): void {
    this.#ws.close(code, reason);
    setTimeout(() => this.#ws.terminate(), graceMs).unref();
  }

  /** The library's limit is the one for those who are known; to strangers less is allowed, whatever they send. */
  #grown(bytes: number): void {
    if (this.#caller.kind === 'known' || bytes <= this.#options.strangerBytes + FRAME_OVERHEAD) return;
    if (this.#ws.readyState === this.#ws.OPEN) this.#tooLarge();
  }

  #tooLarge(): void {
    this.#backend.countRefusal(this.#address, 'TOO_LARGE');
    this.close(closeCodes.size, 'too large before authentication');
  }

  #ping(data: Buffer): void {
    if (!this.#pings.take()) this.close(closeCodes.rate, 'too many pings');
    else if (!this.#outbox.full) this.#ws.pong(data);
  }

  #message(data: Buffer, isBinary: boolean): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return; // what came behind the reason for closing
    if (this.#behind) this.#behind.push({ data, isBinary });
    else if (isBinary) this.#blob(data);
    else this.#text(data);
  }

  /** Frames are dealt with in order: a call that comes behind a file finds it stored. */
  #blob(bytes: Buffer): void {
    const stored = this.#caller.kind === 'known' ? this.#backend.blob(this.#caller.peer, bytes) : undefined;
    if (!stored) {
      this.close(closeCodes.protocol, 'no binary frame was asked for');
      return;
    }
    this.#behind = [];
    this.#outbox.holdReading();
    stored.then(
      () => this.#stored(),
      (error) => {
        this.#backend.defect(error);
        this.close(closeCodes.defect, 'the file could not be stored');
      },
    );
  }

  #stored(): void {
    const behind = this.#behind ?? [];
    this.#behind = undefined;
    this.#outbox.letRead();
    for (const { data, isBinary } of behind) this.#message(data, isBinary);
  }

  #text(data: Buffer): void {
    if (this.#caller.kind === 'stranger' && data.length > this.#options.strangerBytes) {
      this.#tooLarge();
      return;
    }
    const call = this.#callOf(data);
    if (!call) return;
    if (this.#caller.kind === 'stranger') this.#fromStranger(call, this.#caller);
    else this.#fromKnown(call, this.#caller);
  }

  /** Undefined when the message is no call; that is answered here. */
  #callOf(data: Buffer): Call | undefined {
    try {
      return callOf(parseJson(data, 'The message'));
    } catch (error) {
      if (error instanceof CallRefusal) this.#refuse(error.id, error.rpcCode, errors.MALFORMED(error.field, error.message));
      else this.#refuse(null, rpcCodes.notJson, this.#serviceError(error));
      this.#charge('MALFORMED');
      return undefined;
    }
  }

  #charge(code: string): void {
    const caller = this.#caller;
    this.#backend.countRefusal(this.#address, code);
    if (caller.kind === 'stranger') this.#wrongAttempt(caller);
    else if (!caller.refusals.take()) this.close(closeCodes.rate, 'too many messages that are no calls');
  }

  #wrongAttempt(stranger: Stranger): void {
    stranger.attempts++;
    if (stranger.attempts >= this.#options.attempts) this.close(closeCodes.authentication, 'too many wrong attempts');
  }

  #fromStranger(call: Call, stranger: Stranger): void {
    if (call.method !== 'authenticate') {
      this.#refuse(call.id, rpcCodes.refused, errors.UNAUTHENTICATED(`The call ${shown(call.method)}`));
      this.#charge('UNAUTHENTICATED');
      return;
    }
    try {
      const { identity, result } = this.#backend.authenticate(call.params, this.#address);
      const peer = new Peer(identity, this.#address, this.#outbox, {
        charge: () => this.#refusedOne(known),
        close: (code, reason) => this.close(code, reason),
      });
      const refusals = new TokenBucket(this.#options.refusals, this.#options.refusalsPerSecond);
      const known: Known = { kind: 'known', peer, refusals, unpaced: new TokenBucket(UNPACED, UNPACED_PER_SECOND), open: 0 };
      if (!this.#events.authenticated(peer)) {
        this.#refuse(call.id, rpcCodes.refused, errors.BUSY(`serving ${this.#options.peers} connections already`));
        this.close(closeCodes.full, 'too many connections');
        return;
      }
      clearTimeout(stranger.timer);
      this.#caller = known;
      this.#outbox.reply(resultText(call.id, result));
    } catch (error) {
      this.#refuse(call.id, rpcCodes.refused, this.#serviceError(error));
      this.#wrongAttempt(stranger);
    }
  }

  #fromKnown(call: Call, caller: Known): void {
    const method = this.#backend.methods.get(call.method);
    if (!method) {
      this.#refuse(call.id, rpcCodes.noSuchMethod, errors.UNSUPPORTED(`the call ${shown(call.method)}`));
      return;
    }
    if (caller.open >= this.#options.openCalls) {
      this.#refuse(call.id, rpcCodes.refused, errors.BUSY(`still answering ${caller.open} calls of this connection`));
      return;
    }
    if (method.signed && caller.refusals.empty) {
      this.#backend.countRefusal(this.#address, 'RATE_LIMITED');
      this.#refuse(call.id, rpcCodes.refused, errors.RATE_LIMITED('refused statements'));
      this.#refusedOne(caller);
      return;
    }
    this.#carryOut(call, method, caller);
  }

  #carryOut(call: Call, method: Method, caller: Known): void {
    let result: unknown;
    try {
      result = method.call(caller.peer, call.params);
    } catch (error) {
      this.#notTaken(call, method, caller, error);
      return;
    }
    if (result instanceof Promise) this.#answerLater(call, result, caller);
    else if (isServiceError(result)) this.#notTaken(call, method, caller, result);
    else this.#outbox.reply(resultText(call.id, result));
  }

  #notTaken(call: Call, method: Method, caller: Known, error: unknown): void {
    if (method.signed) this.#refusedOne(caller);
    this.#failed(call.id, error);
  }

  #refusedOne({ refusals, unpaced }: Known): void {
    refusals.take();
    if (unpaced.take() || this.#isPaced) return;
    this.#isPaced = true;
    this.#outbox.holdReading();
    this.#pace.hold(() => {
      this.#isPaced = false;
      this.#outbox.letRead();
    });
  }

  #answerLater(call: Call, result: Promise<unknown>, caller: Known): void {
    caller.open++;
    result
      .then(
        (value) => this.#outbox.reply(resultText(call.id, value)),
        (error) => this.#failed(call.id, error),
      )
      .finally(() => caller.open--);
  }

  #failed(id: CallId, error: unknown): void {
    const rpcCode = error instanceof CallRefusal ? error.rpcCode : rpcCodes.refused;
    this.#refuse(id, rpcCode, error instanceof CallRefusal ? errors.MALFORMED(error.field, error.message) : this.#serviceError(error));
  }

  #refuse(id: CallId, rpcCode: number, error: ServiceError): void {
    this.#outbox.reply(errorTextOf(id, rpcCode, error));
  }

  #serviceError(error: unknown): ServiceError {
    if (isServiceError(error)) return error;
    this.#backend.defect(error);
    return errors.INTERNAL(error);
  }
}
