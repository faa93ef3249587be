import type { KeyId } from '../envelope/index.ts';
import { type ConnectOptions, open } from './connect.ts';

/** What a box says of itself to whoever connects. Nothing of it is proved: that takes `connect`. */
export interface Greeting {
  readonly id: KeyId;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Of its software; undefined: an older one. */
  readonly version: string | undefined;
}

const mostText = 256;
const mostLabels = 64;

/**
 * Asks who is there, without a key.
 * @param url  ws or wss, with a path
 * @throws CodedError BOX_NOT_REACHED, BOX_UNPROVEN
 */
export async function greet(url: string, options: Pick<ConnectOptions, 'signal' | 'ca'> = {}): Promise<Greeting> {
  const { rpc, hello } = await open(url, options);
  rpc.close();
  const { id, name, labels, version } = hello.box;
  const short = Object.entries(labels).filter(([label, value]) => label.length <= mostText && value.length <= mostText);
  return {
    id,
    name: name.slice(0, mostText),
    labels: Object.fromEntries(short.slice(0, mostLabels)),
    version: version?.slice(0, mostText),
  };
}
