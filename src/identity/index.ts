export { BoxIdentity } from './box-identity.ts';
