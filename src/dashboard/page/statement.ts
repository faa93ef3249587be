import { base64, bytes, concat, type SigningKey, signSsh } from './ssh-key.ts';

const payloadType = 'application/vnd.swarmlet.statement.v1+json';
const GOOD_FOR_MS = 5 * 60_000;

/** What every statement has besides its own fields. */
export interface For {
  /** Id of the box. */
  readonly box: string;
  /** Of the box's clock, Unix milliseconds. */
  readonly nowMs: number;
}

/** A statement in its envelope (PROTOCOL 2): what is signed is its DSSE encoding. */
export function signed(key: SigningKey, { box, nowMs }: For, fields: Readonly<Record<string, unknown>>): object {
  const time = (ms: number): string => new Date(ms).toISOString();
  const statement = {
    ...fields,
    audience: [box],
    issuedAt: time(nowMs),
    expires: time(nowMs + GOOD_FOR_MS),
    nonce: base64(crypto.getRandomValues(new Uint8Array(16))),
  };
  const payload = bytes(JSON.stringify(statement));
  const head = bytes(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `);
  const sig = signSsh(key, concat(head, payload));
  return { payloadType, payload: base64(payload), signatures: [{ keyid: key.id, sig }] };
}

export interface DeployFile {
  readonly name: string;
  readonly text: string;
}

/** The files of a deployment, inline. */
export async function filesOf(files: readonly DeployFile[]): Promise<Record<string, { sha256: string; size: number; text: string }>> {
  const entries = files.map(async ({ name, text }) => {
    const data = bytes(text);
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', data));
    const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    return [name, { sha256, size: data.length, text }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** A patch above, for SemVer; else the first. */
export function nextVersion(last: string | undefined): string {
  const [, head, patch] = /^(\d+\.\d+\.)(\d+)/.exec(last ?? '') ?? [];
  return head === undefined ? '1.0.0' : `${head}${Number(patch) + 1}`;
}

/** What a box takes as a name: `RampJSTest.js` -> `rampjstest`. */
export function nameOf(file: string): string {
  const base = file.slice(file.lastIndexOf('/') + 1).replace(/\.js$/, '');
  return base
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '')
    .slice(0, 64);
}
