/** A runtime that sends an output before anybody started it. */
import { Socket } from 'node:net';

const body = Buffer.from('{"type":"output","port":"out","value":1}');
const header = Buffer.alloc(4);
header.writeUInt32BE(body.length);
new Socket({ fd: 3, readable: true, writable: true }).write(Buffer.concat([header, body])); // and stays, as the pipe is open
