export { Attempts } from './attempts.ts';
export { type Certificates, serverCertificates, trustedCertificates } from './certificates.ts';
export { contentTypes, type Data, decodeContent, encodeContent } from './content.ts';
export { HttpListener } from './http-listener.ts';
export { isNumeric, type NumericType, numbersOf, numericTypes, sizeOf, toNumbers } from './numbers.ts';
export { pacer } from './pace.ts';
export { problem } from './problem.ts';
export { run } from './run.ts';
export { type SecureDone, secure } from './secure.ts';
