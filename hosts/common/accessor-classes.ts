/** The types of the values of an accessor's ports, by their names. */
export interface Ports {
  readonly inputs: object;
  readonly outputs: object;
  readonly parameters: object;
}

/** Of an accessor about whose ports nothing is known. It is `any` so that each accessor can stand where some accessor is asked for. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type AnyPorts = any;

/** The ports of the library's accessors by class; the package's build fills it in from the headers. */
// biome-ignore lint/suspicious/noEmptyInterface: filled in by the build
export interface AccessorClasses {}

/** The ports of a class; any, unless it is of the library and its name stands in the source. */
export type PortsOf<Class extends string> = Class extends keyof AccessorClasses ? AccessorClasses[Class] : AnyPorts;

/** What an output has sent last; nobody knows of what type, where nothing is known of the accessor. */
export type Latest<P extends Ports, Name extends keyof P['outputs']> = 0 extends 1 & P ? unknown : P['outputs'][Name] | null | undefined;
