export type { Backend, Identity, Method } from './backend.ts';
export { closeCodes } from './connection.ts';
export { Gateway, subprotocol } from './gateway.ts';
export { type GatewayOptions, gatewayDefaults } from './options.ts';
export type { Peer } from './peer.ts';
export { CallRefusal, rpcCodes } from './rpc.ts';
export { Subscriptions, type Watch } from './subscriptions.ts';
export { TokenBucket } from './token-bucket.ts';
