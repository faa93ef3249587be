export { formatArmored, parseArmored } from './armor.ts';
export { decodeBase64 } from './base64.ts';
export { type Capability, modulesOf, parseCapability } from './capability.ts';
export { digestOf, type Envelope, type EnvelopeSignature, envelopeOf, pae, parseEnvelope, payloadType } from './envelope.ts';
export { checkFile, contentDigest, type FileEntry, fileEntry } from './files.ts';
export { parseJson } from './json.ts';
export { fingerprint, isKeyId, isKeyType, type KeyId, type KeyType, keyIdOf, type PublicKey, parsePublicKey } from './keys.ts';
export { formatPrivateKey, generateKeyPair, type KeyPair, parsePrivateKey, seedOf } from './private-key.ts';
export { greatestSequence, sequenceAfter } from './sequence.ts';
export { sizeLimits } from './size-limits.ts';
export { namespaces, parseSshSignature, type SshSignature, signSsh, verifySsh } from './ssh-signature.ts';
export {
  type Action,
  type Audience,
  type AuthenticateStatement,
  type Change,
  type DeployStatement,
  type InputStatement,
  parseStatement,
  type RestartStatement,
  type RollbackStatement,
  type Statement,
  timeMs,
  type UndeployStatement,
} from './statement.ts';
export { schemas } from './statement-schema.ts';
export { keyOf, leadsTo, type Succession, signSuccession, successionShape } from './succession.ts';
export { durationMs } from './times.ts';
