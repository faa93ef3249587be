// A function, so that it can be called and constructed.
// biome-ignore lint/complexity/useArrowFunction: an arrow function cannot be constructed
const target = function (): void {};

/**
 * Stands for a module that the sender does not have, while interfaces are looked at: whatever `setup` reads from it, calls
 * or constructs gives the same again, so that only what the box has decides whether the swarmlet runs.
 */
export const absentModule: unknown = new Proxy(target, {
  get: (_, key) => {
    if (key === Symbol.toPrimitive) return () => '';
    if (key === Symbol.iterator) return [][Symbol.iterator];
    return absentModule;
  },
  apply: () => absentModule,
  construct: () => absentModule as object,
});
