import type { PageRefusal } from '../page-messages.ts';

/** Only this page can read it: it is what tells its requests from those of other pages. */
const token = document.querySelector<HTMLMetaElement>('meta[name="token"]')?.content ?? '';

/** What the box answered instead of what was asked for; `code` as in the protocol. */
export class Refused extends Error {
  readonly code: string;
  readonly status: number;
  readonly detail: unknown;

  constructor({ code, message, detail }: PageRefusal, status: number) {
    super(message);
    this.code = code;
    this.status = status;
    this.detail = detail;
  }
}

/** @throws Refused; TypeError when the box is not reached */
export async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(`/api/${path}`, { ...init, headers: { ...init.headers, 'X-Page-Token': token } });
  if (response.ok) return response;
  const text = await response.text();
  let refusal: PageRefusal = { code: 'FAILED', message: text.trim() || `The box answered with ${response.status}` };
  if (response.headers.get('content-type')?.startsWith('application/json')) refusal = JSON.parse(text) as PageRefusal;
  throw new Refused(refusal, response.status);
}

export async function get<T>(path: string): Promise<T> {
  return (await ask(path)).json() as Promise<T>;
}

export async function submit(envelope: object): Promise<unknown> {
  const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ envelope }) };
  return (await ask('statements', init)).json();
}
