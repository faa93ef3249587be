import { z } from 'zod';
import type { Source } from './audit/index.ts';
import type { Change } from './envelope/index.ts';
import { errors, printable, shown } from './errors.ts';
import { CallRefusal, type Method, type Peer, rpcCodes, type Subscriptions } from './gateway/index.ts';
import type { Service } from './service.ts';
import type { Transfers } from './transfers.ts';
import type { Signer } from './trust/index.ts';

/** Asks the policy whether a caller may read of a swarmlet; without a name, of any. */
type MayObserve = (signer: Signer, swarmlet?: string) => boolean;

const swarmlet = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'expected the name of a swarmlet');
const since = z.iso.datetime({ error: 'expected a time in RFC 3339, UTC' });
const outputs = z.union([z.literal(true), z.array(z.string().max(256)).max(256)], 'expected true or a list of outputs');

/** More would not fit into a frame. */
const mostRecords = 1000;

/** Parameters of the calls, as they are checked and as they are published. */
export const shapes = {
  envelope: z.strictObject({ envelope: z.unknown().refine((value) => typeof value !== 'string', 'expected an envelope, not its text') }),
  nothing: z.strictObject({}),
  swarmlet: z.strictObject({ swarmlet }),
  logs: z.strictObject({ swarmlet, since: since.optional(), follow: z.boolean().optional() }),
  subscribe: z.strictObject({ swarmlet, outputs: outputs.optional(), states: z.boolean().optional() }),
  audit: z.strictObject({ since: since.optional(), limit: z.int().min(1).optional() }),
};

/** The calls of PROTOCOL 4, 3. */
export function methodsOf(
  service: Service,
  subscriptions: Subscriptions,
  transfers: Transfers,
  mayObserve: MayObserve,
): ReadonlyMap<string, Method> {
  const change = (action: Change['action']): Method => ({
    signed: true,
    call: (peer, params) => service.take(parse(shapes.envelope, params).envelope, sourceOf(peer), action),
  });
  const deploy: Method = {
    signed: true,
    call: (peer, params) =>
      service.deploy(parse(shapes.envelope, params).envelope, sourceOf(peer), (needs) => {
        peer.charge();
        transfers.ask(peer, needs);
      }),
  };
  const observe = (peer: Peer, name?: string): void => {
    if (!mayObserve(peer.signer, name)) throw errors.FORBIDDEN(peer.signer.principal, name === undefined ? 'observe' : `observe ${name}`);
  };
  const read = <T extends z.ZodType>(shape: T, answer: (params: z.infer<T>, peer: Peer) => unknown): Method => ({
    signed: false,
    call: (peer, given) => {
      const params = parse(shape, given);
      observe(peer, (params as { readonly swarmlet?: string }).swarmlet);
      return answer(params, peer);
    },
  });
  return new Map<string, Method>([
    ['deploy', deploy],
    ...(['undeploy', 'restart', 'rollback', 'input'] as const).map((action) => [action, change(action)] as const),
    [
      'list',
      read(shapes.nothing, (_, peer) => ({ swarmlets: service.list().filter((status) => mayObserve(peer.signer, status.swarmlet)) })),
    ],
    ['status', read(shapes.swarmlet, (params) => service.status(params.swarmlet))],
    ['history', read(shapes.swarmlet, (params) => ({ versions: service.history(params.swarmlet) }))],
    [
      'logs',
      read(shapes.logs, (params, peer) => {
        const lines = service.logs(params.swarmlet, params.since === undefined ? 0 : Date.parse(params.since));
        if (params.follow) subscriptions.follow(peer, params.swarmlet);
        return { lines };
      }),
    ],
    [
      'subscribe',
      read(shapes.subscribe, (params, peer) => {
        const names = params.outputs === true ? true : params.outputs && new Set(params.outputs);
        subscriptions.watch(peer, params.swarmlet, { outputs: names, states: params.states ?? false });
        return {};
      }),
    ],
    [
      'unsubscribe',
      read(shapes.swarmlet, (params, peer) => {
        subscriptions.unwatch(peer, params.swarmlet);
        return {};
      }),
    ],
    [
      'audit',
      read(shapes.audit, async ({ since: from, limit = 100 }, peer) => {
        const records = await service.audit(from === undefined ? 0 : Date.parse(from), Math.min(limit, mostRecords));
        const mayRead = ({ swarmlet: name }: { readonly swarmlet?: string }): boolean =>
          name === undefined || mayObserve(peer.signer, name);
        return { records: records.filter(mayRead) };
      }),
    ],
  ]);
}

function sourceOf({ address, signer }: Peer): Source {
  return { address, caller: signer.principal, keyId: signer.keyId };
}

/** @throws CallRefusal that names the parameter */
function parse<T extends z.ZodType>(shape: T, params: unknown): z.infer<T> {
  const parsed = shape.safeParse(params);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const unknownName = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  if (unknownName !== undefined) throw new CallRefusal(null, rpcCodes.badParameters, 'params', `has no parameter ${shown(unknownName)}`);
  const field = ['params', ...(issue?.path ?? [])].join('.');
  throw new CallRefusal(null, rpcCodes.badParameters, field, printable(issue?.message ?? 'does not fit'));
}
