import { randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { isServiceError } from '../errors.ts';
import { type Answer, json, text } from './answer.ts';
import { type Assets, pageHeaders } from './assets.ts';
import type { Feed } from './feed.ts';
import type { PageBox } from './page-box.ts';
import type { PageRefusal } from './page-messages.ts';
import type { AdminRequest, Route } from './router.ts';

/** A statement with its files inline, in base64. */
const STATEMENT_BYTES = 2 * 1024 * 1024;
/** Statements of pages that are under way. */
const MOST_STATEMENTS = 4;
/** Records of the audit that one answer has. */
const MOST_RECORDS = 500;

const name = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/);
const statement = z.strictObject({ envelope: z.unknown() });

export interface PageParts {
  /** Undefined until it is open. */
  readonly box: () => PageBox | undefined;
  readonly feed: Feed;
  readonly assets: Assets;
  /** Classes of the library, and the text of one; undefined: there is none of that name. */
  readonly library: { list(): readonly string[]; text(accessorClass: string): string | undefined };
}

/**
 * The page at `/`, its files below `/page/`, and what it reads and sends below `/api/`. All of it is for whoever is on this
 * machine. What stands below `/api/` also takes a token that only the page itself can read, since it is of the same
 * origin: no other page can make a browser ask (THREATS D01, D03), and a program asks for the page first.
 */
export function pageRoutes(parts: PageParts): Route[] {
  const { assets, feed, library } = parts;
  const token = randomBytes(24).toString('base64url');
  let statements = 0;
  const api = (path: string, answer: (request: AdminRequest, box: PageBox) => Answer | Promise<Answer>): Route => ({
    method: 'GET',
    path: `/api/${path}`,
    answer: (request) => guarded(request, token, parts, (box) => answer(request, box)),
  });
  const local = (path: string, answer: (request: AdminRequest) => Answer | Promise<Answer>): Route => ({
    method: 'GET',
    path,
    answer: (request) => (request.isLocal ? answer(request) : elsewhere()),
  });
  return [
    local('/', () => {
      const body = assets.text('index.html').replace('%TOKEN%', token);
      return { kind: 'whole', status: 200, type: 'text/html; charset=utf-8', body, headers: pageHeaders };
    }),
    local('/page/*', async ({ rest }) => (await assets.answer(rest)) ?? text(404, 'There is nothing here')),
    api('events', ({ query }, box) => {
      const wanted = (key: string): string | undefined => name.safeParse(query.get(key)).data;
      if (feed.full) return refusal(503, 'BUSY', 'Too many pages of this box are open: close one');
      const had = z.coerce.number().int().nonnegative().catch(0).parse(query.get('had'));
      const wants = { logs: wanted('logs'), graph: wanted('graph'), had };
      return { kind: 'stream', type: 'text/event-stream', begin: (out) => feed.open(box, wants, out) };
    }),
    api('status/*', ({ rest }, box) => {
      const found = box.status(rest);
      return found ? json(found) : refusal(404, 'NOT_FOUND', 'There is no swarmlet of that name');
    }),
    api('history/*', ({ rest }, box) => json({ versions: box.history(rest) })),
    api('deployment/*', async ({ rest, query }, box) => {
      const found = await box.deployment(rest, query.get('digest') ?? '');
      return found ? json(found) : refusal(404, 'NOT_FOUND', 'That version is not kept any more');
    }),
    api('audit', async (_, box) => json({ records: await box.audit(MOST_RECORDS) })),
    api('peers', (_, box) => json({ peers: box.peers() })),
    api('library', () => json({ classes: library.list() })),
    api('library/*', ({ rest }) => {
      const found = library.text(rest);
      return found === undefined ? refusal(404, 'NOT_FOUND', 'There is no such class in the library') : json({ text: found });
    }),
    {
      method: 'POST',
      path: '/api/statements',
      answer: (request) =>
        guarded(request, token, parts, async (box) => {
          if (!/^application\/json(?:;|$)/.test(request.headers['content-type'] ?? '')) {
            return refusal(415, 'MALFORMED', 'A statement comes as application/json');
          }
          if (statements >= MOST_STATEMENTS) return refusal(503, 'BUSY', 'Other statements are under way: try again');
          statements++;
          try {
            return await submitted(await request.body(STATEMENT_BYTES), box);
          } finally {
            statements--;
          }
        }),
    },
  ];
}

function guarded(
  request: AdminRequest,
  token: string,
  { box }: PageParts,
  answer: (box: PageBox) => Answer | Promise<Answer>,
): Answer | Promise<Answer> {
  if (!request.isLocal) return elsewhere();
  if (!isSame(String(request.headers['x-page-token'] ?? ''), token)) {
    return refusal(403, 'UNAUTHENTICATED', 'This box was started anew, or the page is another one: load it again');
  }
  const open = box();
  return open ? answer(open) : refusal(503, 'BUSY', 'The box is starting');
}

/** In a time that tells nothing. */
function isSame(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}

async function submitted(body: Uint8Array, box: PageBox): Promise<Answer> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return refusal(400, 'MALFORMED', 'The body is no JSON');
  }
  const parsed = statement.safeParse(value);
  if (!parsed.success) return refusal(400, 'MALFORMED', 'Expected {envelope}');
  try {
    return json(await box.submit(parsed.data.envelope));
  } catch (error) {
    if (!isServiceError(error)) throw error;
    return refusal(422, error.code, error.message, error.detail);
  }
}

function refusal(status: number, code: string, message: string, detail?: unknown): Answer {
  const body: PageRefusal = { code, message, ...(detail !== undefined && { detail }) };
  return json(body, status);
}

function elsewhere(): Answer {
  return text(403, 'The page of a box is shown on its own machine. From another one: ssh -L 7928:127.0.0.1:7928 BOX');
}
