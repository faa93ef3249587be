import type { AccessorContext } from '../../hosts/common/index.ts';

/** Calls a gRPC greeter at localhost:50051 once, and shows what it answers.
 */
export function setup(this: AccessorContext): void {
  const source = this.instantiate('GenerateRequest', 'grpc/GenerateRequest');
  const greeter = this.instantiate('Greeter', 'grpc/Greeter');
  const display = this.instantiate('TextDisplay', 'utilities/TextDisplay');
  this.connect(source, 'request', greeter, 'sayHello');
  this.connect(greeter, 'sayHelloResponse', display, 'input');
}
