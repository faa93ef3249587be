import { shapes } from '../calls.ts';
import { boxMessages } from '../client/index.ts';
import { type ErrorCode, errors } from '../errors.ts';
import { rpcCodes, subprotocol } from '../gateway/index.ts';
import { packageVersion } from '../package-version.ts';
import { envelopeSchema, jsonSchemaOf } from './statement.ts';

interface Call {
  readonly summary: string;
  readonly params: object;
  readonly result: object;
}

const { authenticated, auditRecords, deployed, hello, history, lacking, logLines, notifications, status, statuses } = boxMessages;
const envelope = (): object => ({
  type: 'object',
  properties: { envelope: { $ref: '#/components/schemas/envelope' } },
  required: ['envelope'],
  additionalProperties: false,
});
const nothing = { type: 'object', additionalProperties: false };

/** Every call of the protocol, with the schemas that box and client check it with. */
function calls(): Readonly<Record<string, Call>> {
  const changing = (summary: string, result = jsonSchemaOf(status)): Call => ({ summary, params: envelope(), result });
  const reading = (summary: string, shape: keyof typeof shapes, result: object): Call => ({
    summary,
    params: jsonSchemaOf(shapes[shape]),
    result,
  });
  return {
    authenticate: changing('Proves who the caller is, by a statement over the nonce of hello', jsonSchemaOf(authenticated)),
    deploy: changing('Runs a version; asks for the files that the box lacks, which follow as binary frames', {
      anyOf: [jsonSchemaOf(lacking), jsonSchemaOf(deployed)],
    }),
    undeploy: changing('Stops a swarmlet'),
    restart: changing('Starts a swarmlet anew'),
    rollback: changing('Runs a stored version again'),
    input: changing('Gives a value to an input'),
    list: reading('The swarmlets that the caller may observe', 'nothing', jsonSchemaOf(statuses)),
    status: reading('One swarmlet', 'swarmlet', jsonSchemaOf(status)),
    history: reading('The versions of a swarmlet, newest first', 'swarmlet', jsonSchemaOf(history)),
    logs: reading('What a swarmlet printed; with follow later lines come as notifications', 'logs', jsonSchemaOf(logLines)),
    subscribe: reading('Asks for outputs and states of a swarmlet, as long as the connection lasts', 'subscribe', nothing),
    unsubscribe: reading('Ends that', 'swarmlet', nothing),
    audit: reading('Records of the audit, oldest first', 'audit', jsonSchemaOf(auditRecords)),
  };
}

/** What a box says by itself. */
function told(): Readonly<Record<string, Omit<Call, 'result'>>> {
  return {
    hello: { summary: 'The first frame of a connection: who the box is, and the nonce to authenticate over', params: jsonSchemaOf(hello) },
    state: { summary: 'A swarmlet changed its state', params: jsonSchemaOf(notifications.state) },
    output: { summary: 'A value left a swarmlet', params: jsonSchemaOf(notifications.output) },
    log: { summary: 'A line that a swarmlet printed', params: jsonSchemaOf(notifications.log) },
    dropped: { summary: 'So many notifications were left out, as the reader is slow', params: jsonSchemaOf(notifications.dropped) },
  };
}

const channel = { $ref: '#/channels/v1' };
const messageRef = (name: string): object => ({ $ref: `#/channels/v1/messages/${name}` });

/** AsyncAPI 3.0 of the deployment port, as a box implements it. Frames that a box sends may have fields that a newer one adds. */
export function protocolDocument(): object {
  const called = calls();
  const said = told();
  const messages = {
    ...Object.fromEntries(
      Object.entries(called).flatMap(([name, call]) => [
        [name, { summary: call.summary, payload: callFrame(name, call.params) }],
        [`${name}.result`, { summary: `The answer to ${name}`, payload: resultFrame(call.result) }],
      ]),
    ),
    ...Object.fromEntries(
      Object.entries(said).map(([name, { summary, params }]) => [name, { summary, payload: notificationFrame(name, params) }]),
    ),
    error: { summary: 'A call that failed or was refused', payload: errorFrame() },
    file: {
      summary: 'A file that the box asked for, by its digest',
      contentType: 'application/octet-stream',
      payload: { type: 'string', format: 'binary' },
    },
  };
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'swarmlet.v1',
      version: packageVersion(),
      description: 'How a swarmlet reaches a box: JSON-RPC 2.0 over WebSocket, files in binary frames',
    },
    defaultContentType: 'application/json',
    servers: { box: { host: 'localhost:7927', protocol: 'ws', description: 'wss where the box has a certificate' } },
    channels: {
      v1: {
        address: '/v1',
        servers: [{ $ref: '#/servers/box' }],
        messages: Object.fromEntries(Object.keys(messages).map((name) => [name, { $ref: `#/components/messages/${name}` }])),
        bindings: {
          ws: {
            method: 'GET',
            headers: {
              type: 'object',
              properties: { 'Sec-WebSocket-Protocol': { const: subprotocol } },
              required: ['Sec-WebSocket-Protocol'],
            },
          },
        },
      },
    },
    operations: {
      ...Object.fromEntries(
        Object.entries(called).map(([name, { summary }]) => [
          name,
          {
            action: 'receive',
            summary,
            channel,
            messages: [messageRef(name)],
            reply: { channel, messages: [messageRef(`${name}.result`), messageRef('error')] },
          },
        ]),
      ),
      ...Object.fromEntries(
        Object.entries(said).map(([name, { summary }]) => [name, { action: 'send', summary, channel, messages: [messageRef(name)] }]),
      ),
      file: { action: 'receive', summary: 'A file of a deployment', channel, messages: [messageRef('file')] },
    },
    components: { messages, schemas: { envelope: envelopeSchema() } },
  };
}

// ------------------------------------------------------------------------------------------------ frames

const jsonrpc = { const: '2.0' };
const id = { anyOf: [{ type: 'number' }, { type: 'string', maxLength: 256 }] };

function callFrame(method: string, params: object): object {
  return frame({ jsonrpc, id, method: { const: method }, params }, leftOut(params));
}

/** Parameters may be left out where none is required. */
function leftOut(params: object): readonly string[] {
  return (params as { readonly required?: readonly string[] }).required?.length ? [] : ['params'];
}

function notificationFrame(method: string, params: object): object {
  return frame({ jsonrpc, method: { const: method }, params });
}

function resultFrame(result: object): object {
  return frame({ jsonrpc, id, result });
}

function errorFrame(): object {
  const code = { enum: Object.keys(errors) as ErrorCode[] };
  const data = { type: 'object', properties: { code, detail: {} }, required: ['code'] };
  const error = {
    type: 'object',
    properties: { code: { enum: Object.values(rpcCodes) }, message: { type: 'string' }, data },
    required: ['code', 'message', 'data'],
  };
  return frame({ jsonrpc, id: { anyOf: [...id.anyOf, { type: 'null' }] }, error });
}

/** @param optional  members that may be missing */
function frame(properties: Readonly<Record<string, object>>, optional: readonly string[] = []): object {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', properties, required, additionalProperties: false };
}
