/**
 * A box with a state folder, to be killed: isolates are made up, so that it starts at once. Arguments: state folder, trust list,
 * revoked keys. Prints `{port, id}` as a line when it is ready, or the error; ends with its input.
 */
import { Service } from '../../src/service.ts';
import { FakeTier } from './fake-tier.ts';

const [state = '', trustedKeys = '', revokedKeys = ''] = process.argv.slice(2);
try {
  const service = await Service.open({
    listen: { host: '127.0.0.1', port: 0 },
    state,
    trustedKeys,
    revokedKeys,
    tier: new FakeTier(),
    selfTest: false,
  });
  service.on('warning', (message) => console.error(message));
  console.log(JSON.stringify({ port: service.address?.port, id: service.identity.id }));
  process.stdin.resume().on('end', () => service.close());
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
