import type { DeployStatement } from '../envelope/index.ts';
import { isServiceError, ServiceError } from '../errors.ts';
import type { Version } from '../store/index.ts';

/** What two versions cannot have at the same time. */
const exclusive: ReadonlySet<string> = new Set(['serial', 'local-storage', 'exec']);

/** Whether the old version ends before the new one starts (PROTOCOL 3, defaults of `upgrade`). */
export function stopsFirst(old: DeployStatement, { upgrade, capabilities = [] }: DeployStatement): boolean {
  if (upgrade !== undefined) return upgrade === 'stop-first';
  return [...capabilities, ...(old.capabilities ?? [])].some((name) => exclusive.has(name));
}

const clauses = { kept: 'keeps its place', givenBack: 'has its place again' } as const;

/** The error of a version that did not start, with what became of the one before it. */
export function withOld(error: unknown, { statement, digest }: Version, old: keyof typeof clauses): unknown {
  if (!isServiceError(error)) return error;
  const message = `${error.message}; version ${statement.version} ${clauses[old]}`;
  return new ServiceError(error.code, { message, detail: { ...(error.detail as object | undefined), inPlace: digest }, cause: error });
}
