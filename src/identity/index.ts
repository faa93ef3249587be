export { BoxIdentity } from './box-identity.ts';
export { openSealed } from './sealed.ts';
