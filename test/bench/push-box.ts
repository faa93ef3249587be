/** The box of the push benchmark: pool size and trust list are its arguments; prints its port; ends with its input. */
import { Service } from '../../src/service.ts';

const [pool = '2', trustedKeys = ''] = process.argv.slice(2);
const service = await Service.open({ listen: { host: '127.0.0.1', port: 0 }, pool: Number(pool), trustedKeys, isolationMinimum: 'P1' });
console.log(service.address?.port);
process.stdin.resume().on('end', () => service.close());
