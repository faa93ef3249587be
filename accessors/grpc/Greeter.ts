import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

interface Client {
  call(path: string, message: Uint8Array, callback: (error: Error | null, reply?: Uint8Array) => void): void;
  close(): void;
}
const { Client, stringField, readStringField } = require('grpc') as {
  Client: new (address: unknown) => Client;
  stringField(number: number, text: string): Uint8Array;
  readStringField(message: Uint8Array, number: number): string;
};

let client: Client | undefined;

/** Calls SayHello of the gRPC service helloworld.Greeter, which many gRPC libraries have as their first example.
 *  @input sayHello           any; the name to be greeted, or {name}
 *  @output sayHelloResponse  any; {message}
 *  @parameter serverAddress  string, default "localhost:50051"; HOST:PORT, without TLS
 *  @error calls that fail are reported with their gRPC status
 *  @example
 *  const greeter = this.instantiate('greeter', 'grpc/Greeter');
 *  greeter.setParameter('serverAddress', 'greeter.local:50051');
 *  this.connect(source, 'output', greeter, 'sayHello'); // {name: 'world'}
 *  this.connect(greeter, 'sayHelloResponse', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('sayHello');
  this.output('sayHelloResponse');
  this.parameter('serverAddress', { value: 'localhost:50051', type: 'string' });
}

export function initialize(this: AccessorContext): void {
  const opened = new Client(this.getParameter('serverAddress'));
  client = opened;
  this.addInputHandler('sayHello', () => {
    const given = this.get('sayHello');
    const name = typeof given === 'object' ? (given as { readonly name?: unknown }).name : given;
    opened.call('/helloworld.Greeter/SayHello', stringField(1, String(name)), (error, reply = new Uint8Array()) => {
      if (client !== opened) return;
      if (error) this.error(error.message);
      else this.send('sayHelloResponse', { message: readStringField(reply, 1) });
    });
  });
}

export function wrapup(this: AccessorContext): void {
  client?.close();
  client = undefined;
}
