const types: ReadonlySet<string> = new Set([
  'ssh-ed25519',
  'sk-ssh-ed25519@openssh.com',
  'ssh-rsa',
  'ssh-dss',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ecdsa-sha2-nistp256@openssh.com',
  'ssh-xmss@openssh.com',
]);

/** True for each type of public key, or of certificate, that OpenSSH knows. */
export function isSshKeyType(type: string): boolean {
  const certified = /^(.*)-cert-v01@openssh\.com$/.exec(type)?.[1];
  if (certified === undefined) return types.has(type);
  return types.has(certified) || types.has(`${certified}@openssh.com`);
}
