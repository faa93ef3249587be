/** The box of the push benchmark: pool size, trust list and state folder are its arguments; prints its port; ends with its input. */
import { Service } from '../../src/service.ts';

const [pool = '2', trustedKeys = '', state = ''] = process.argv.slice(2);
const listen = { host: '127.0.0.1', port: 0 };
const service = await Service.open({ listen, pool: Number(pool), trustedKeys, state, isolationMinimum: 'P1' });
console.log(service.address?.port);
process.stdin.resume().on('end', () => service.close());
