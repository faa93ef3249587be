export { protocolDocument } from './protocol.ts';
export { envelopeSchema, statementSchema } from './statement.ts';
