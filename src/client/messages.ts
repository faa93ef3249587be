import { z } from 'zod';
import { isKeyId, type KeyId, successionShape } from '../envelope/index.ts';

// What a box says, as far as the client relies on it; a newer box may say more.

const keyId = z.custom<KeyId>(isKeyId);
const text = z.string();
const maybeText = text.nullish();

export const hello = z.looseObject({
  protocol: z.literal('swarmlet.v1'),
  box: z.looseObject({
    id: keyId,
    name: text,
    labels: z.record(text, text),
    version: maybeText,
    publicKey: text,
    sealKey: text,
    successions: z.array(successionShape).nullish(),
  }),
  nonce: text,
  time: text,
  limits: z.looseObject({
    frameBytes: z.number(),
    statementBytes: z.number(),
    blobBytes: z.number(),
    swarmletBytes: z.number(),
    files: z.number(),
  }),
});
export type Hello = z.infer<typeof hello>;

export const authenticated = z.looseObject({ principal: text, signature: text });

export const status = z.looseObject({
  swarmlet: text,
  version: maybeText,
  digest: maybeText,
  content: maybeText,
  sequence: z.number(),
  state: text,
  reason: maybeText,
  principal: maybeText,
  since: maybeText,
  isolation: maybeText,
  level: maybeText,
  limits: z.record(text, z.unknown()).nullish(),
  usage: z
    .looseObject({
      memoryMiB: z.number().nullish(),
      cpuPercent: z.number().nullish(),
      messagesIn: z.number().nullish(),
      messagesOut: z.number().nullish(),
      droppedLogs: z.number().nullish(),
    })
    .nullish(),
});
export type Status = z.infer<typeof status>;
export const statuses = z.looseObject({ swarmlets: z.array(status) });

export const deployed = z.looseObject({
  swarmlet: text,
  version: text,
  digest: text,
  sequence: z.number(),
  state: text,
  principal: text,
  timeline: z.record(text, z.union([text, z.number()]).nullish()),
});
export type Deployed = z.infer<typeof deployed>;

/** The answer to a deployment whose files the box lacks. */
export const lacking = z.looseObject({ needs: z.array(text) });

/** What a box answers to a deployment; made once, since making it takes longer than sending one. */
export const deployAnswer = z.union([lacking, deployed]);

export const history = z.looseObject({
  versions: z.array(
    z.looseObject({
      version: text,
      digest: text,
      content: maybeText,
      sequence: z.number(),
      principal: maybeText,
      receivedAt: maybeText,
      state: text,
      reason: maybeText,
      /** Against the version before it that is kept; names of files, of each kind not more than a box tells. */
      changes: z.looseObject({ added: z.array(text), changed: z.array(text), removed: z.array(text) }).nullish(),
    }),
  ),
});
export type HistoryEntry = z.infer<typeof history>['versions'][number];

const auditRecord = z.looseObject({ seq: z.number(), at: text, event: text, swarmlet: maybeText, principal: maybeText });
export type AuditRecord = z.infer<typeof auditRecord>;
export const auditRecords = z.looseObject({ records: z.array(auditRecord) });

const logLine = z.looseObject({ level: text, line: text, at: text });
export type LogLine = z.infer<typeof logLine>;
export const logLines = z.looseObject({ lines: z.array(logLine) });

export const notifications = {
  state: z.looseObject({ swarmlet: text, digest: maybeText, from: maybeText, to: text, reason: maybeText, at: text }),
  output: z.looseObject({ swarmlet: text, port: text, value: z.unknown(), at: text }),
  log: logLine.extend({ swarmlet: text }),
  dropped: z.looseObject({ count: z.number() }),
};
export type StateChange = z.infer<typeof notifications.state>;
export type OutputValue = z.infer<typeof notifications.output>;
export type LogEvent = z.infer<typeof notifications.log>;
