export { Admission, type AdmissionOptions, clockSkewMs } from './admission.ts';
export { type AllowedSigners, parseAllowedSigners, type TrustedKey } from './allowed-signers.ts';
export type { BoxNonces, LastAccepted, OrderBook, UsedNonce } from './order-book.ts';
export { defaultLimits, type Isolation, type LimitName, Policy, type PolicyAction, type PolicyRule, ruleSchema } from './policy.ts';
export { type Admitted, readmit } from './readmit.ts';
export { parseRevokedKeys } from './revoked-keys.ts';
export { type TrustFiles, TrustList, type TrustListEvents } from './trust-list.ts';
export { isSignedBy, keysBehind, type Signer, type VerifiedAuthentication, type VerifiedStatement } from './verified.ts';
export { WatchedFile } from './watched-file.ts';
