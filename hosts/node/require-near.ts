/** Taken before an isolate takes it away from swarmlets. */
const { getBuiltinModule } = process;

/** What `require` is in a file, given by its path or URL. `node:module` is loaded here: who runs a file that requires nothing does not wait for it. */
export function requireNear(file: string): NodeJS.Require {
  return getBuiltinModule('node:module').createRequire(file);
}
