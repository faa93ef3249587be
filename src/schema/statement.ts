import { z } from 'zod';
import { payloadType, schemas, sizeLimits } from '../envelope/index.ts';

const dialect = 'https://json-schema.org/draft/2020-12/schema';

/** A schema of ours as JSON Schema, without the line that names the dialect. */
export function jsonSchemaOf(schema: z.ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }) as { $schema?: string };
  return rest;
}

/**
 * JSON Schema of a statement, made of the schemas that a box checks it with. A box checks more than it can tell: that times and names
 * are possible ones, that `main` is one of the files, that sealed values have a box each, and all that depends on the box.
 */
export function statementSchema(): object {
  return {
    $schema: dialect,
    $id: 'swarmlet.v1.statement',
    title: 'Statement of swarmlet.v1',
    description: `The payload of an envelope of type ${payloadType}, before it is encoded in base64`,
    oneOf: Object.entries(schemas).map(([action, schema]) => ({ title: action, ...jsonSchemaOf(schema) })),
  };
}

/** JSON Schema of a DSSE envelope as a box takes it. */
export function envelopeSchema(): object {
  const base64 = { type: 'string', contentEncoding: 'base64', pattern: '^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$' };
  const signature = {
    type: 'object',
    properties: {
      keyid: { type: 'string', pattern: '^SHA256:[A-Za-z0-9+/]{43}$', description: 'fingerprint of the key' },
      sig: { ...base64, minLength: 4, description: 'SSHSIG blob of the namespace swarmlet over the PAE of type and payload' },
    },
    required: ['keyid', 'sig'],
    additionalProperties: false,
  };
  return {
    type: 'object',
    properties: {
      payloadType: { const: payloadType },
      payload: { ...base64, contentMediaType: 'application/json', description: 'base64 of a statement (swarmlet.v1.schema.json)' },
      signatures: { type: 'array', items: signature, minItems: 1, maxItems: sizeLimits.signatures },
    },
    required: ['payloadType', 'payload', 'signatures'],
    additionalProperties: false,
  };
}
