import type { Accessor } from './accessor.ts';
import { AccessorApi } from './accessor-api.ts';
import { connect, disconnect, enter, leave, uniqueContained } from './composite.ts';
import { errorText } from './errors.ts';
import type { Input, Output } from './port.ts';
import type { Source } from './source.ts';

/** What may be given to `reify` besides an instance, a class or a source text. */
export interface Reification {
  readonly accessor: AccessorApi | string;
  readonly parameterMap: Readonly<Record<string, unknown>>;
  readonly inputMap: Readonly<Record<string, unknown>>;
}

/** What makes an accessor mutable (spec section 13). */
export class MutableState {
  reifying: Accessor | undefined = undefined;
  /** Inputs and outputs of the mutable accessor to those of the reifying one, by name. */
  inputsMap: Record<string, string> = {};
  outputsMap: Record<string, string> = {};

  get state(): 'reified' | 'unreified' {
    return this.reifying ? 'reified' : 'unreified';
  }
}

export function reify(mutable: AccessorApi, given: AccessorApi | string | Reification | null | undefined): boolean {
  const state = mutable.core.mutable;
  if (!state) {
    mutable.error(`reify(): ${mutable.accessorName} is not mutable; call this.mutable(true) in setup`);
    return false;
  }
  if (given === null || given === undefined) {
    unreify(mutable);
    mutable.wrapup();
    mutable.ssuper?.initialize();
    return false;
  }
  const reification = asReification(given);
  const instance = reification && instanceOf(mutable, reification.accessor);
  if (!instance) {
    mutable.error(`reify(): ${describe(given)} is neither an accessor, nor a class, nor the source of an accessor`);
    return false;
  }
  unreify(mutable);
  const clash = outputClash(mutable.core, instance.core);
  if (clash) {
    mutable.error(`reify(): ${instance.accessorName} cannot reify ${mutable.accessorName}: ${clash}`);
    return false;
  }
  enter(mutable.core, instance.core);
  mutable.core.host.removeTopLevel(instance.core);
  state.reifying = instance.core;
  connectPorts(mutable.core, state, instance.core);
  mutable.core.contents?.order();
  for (const [name, value] of Object.entries(reification.parameterMap)) instance.setParameter(name, value);
  for (const [name, value] of Object.entries(reification.inputMap)) instance.setDefault(name, value);
  mutable.core.events.emit('reified');
  return true;
}

export function unreify(mutable: AccessorApi): boolean {
  const state = mutable.core.mutable;
  const reifying = state?.reifying;
  if (!state || !reifying) return false;
  for (const [own, inner] of Object.entries(state.inputsMap)) disconnect(mutable.core, [own, reifying.root, inner]);
  for (const [own, inner] of Object.entries(state.outputsMap)) disconnect(mutable.core, [reifying.root, inner, own]);
  state.inputsMap = {};
  state.outputsMap = {};
  state.reifying = undefined;
  leave(mutable.core, reifying);
  mutable.core.host.addTopLevel(reifying);
  reifying.root.wrapup();
  mutable.core.events.emit('unreified');
  return true;
}

/**
 * True if every input of `accessor` is an input of `mutable`, and every output of `mutable` one of `accessor`, with
 * equal types where both have one. What is no accessor reifies nothing.
 */
export function isReifiableBy(mutable: unknown, accessor: unknown): boolean {
  if (!(mutable instanceof AccessorApi) || !(accessor instanceof AccessorApi)) return false;
  const covers = (ports: readonly (Input | Output)[], find: (name: string) => Input | Output | undefined): boolean =>
    ports.every((port) => {
      const other = find(port.name);
      return other !== undefined && sameType(port, other);
    });
  return (
    covers(accessor.core.inputs.list, (name) => mutable.core.input(name)) &&
    covers(mutable.core.outputs.list, (name) => accessor.core.output(name))
  );
}

function asReification(given: AccessorApi | string | Reification): Reification | undefined {
  if (typeof given === 'string' || given instanceof AccessorApi) return { accessor: given, parameterMap: {}, inputMap: {} };
  if (typeof given !== 'object' || !('accessor' in given) || !('parameterMap' in given) || !('inputMap' in given)) return undefined;
  return { accessor: given.accessor, parameterMap: given.parameterMap ?? {}, inputMap: given.inputMap ?? {} };
}

/** The instance that is meant: a text is tried as a class first, then as source. */
function instanceOf(mutable: AccessorApi, given: AccessorApi | string): AccessorApi | undefined {
  if (given instanceof AccessorApi) return given.root;
  if (typeof given !== 'string') return undefined;
  const { host } = mutable.core;
  const from = mutable.scope.source;
  const name = uniqueContained(mutable.core, `${mutable.accessorName}.tempAccessorName`);
  const make = (accessorClass: string | undefined, source: Source): AccessorApi =>
    new AccessorApi(host, { name, class: accessorClass, source, bindings: mutable.getDefaultInsideBindings(accessorClass) });
  let source: Source;
  try {
    source = host.load(given, from);
  } catch {
    // No class of that name: it may be source. Text that declares no ports by `exports.setup` is no accessor.
    try {
      const made = make(undefined, { code: given, file: undefined, from });
      return typeof made.exports.setup === 'function' ? made : undefined;
    } catch (error) {
      mutable.error(`reify(): as source it fails: ${errorText(error)}`);
      return undefined;
    }
  }
  return make(given, source);
}

function outputClash(mutable: Accessor, accessor: Accessor): string | undefined {
  for (const output of mutable.outputs.list) {
    const inner = accessor.output(output.name);
    if (inner && !sameType(output, inner)) return `output ${output.name} has type ${inner.type}, not ${output.type}`;
  }
  return undefined;
}

function connectPorts(mutable: Accessor, state: MutableState, accessor: Accessor): void {
  for (const input of accessor.inputs.list) {
    const own = mutable.input(input.name);
    if (!own || !sameType(own, input)) continue;
    connect(mutable, [input.name, accessor.root, input.name]);
    state.inputsMap[input.name] = input.name;
  }
  for (const output of mutable.outputs.list) {
    if (!accessor.output(output.name)) continue;
    connect(mutable, [accessor.root, output.name, output.name]);
    state.outputsMap[output.name] = output.name;
  }
}

function sameType(a: Input | Output, b: Input | Output): boolean {
  return a.type === undefined || b.type === undefined || a.type === b.type;
}

function describe(given: unknown): string {
  return typeof given === 'string' ? JSON.stringify(given.slice(0, 60)) : `a value of type ${typeof given}`;
}
