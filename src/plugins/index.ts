export { CrashGuard } from './crash-guard.ts';
export { inTime } from './in-time.ts';
export { LogFan } from './log-fan.ts';
export { Manager, type Wanted } from './manager.ts';
export { parser } from './options.ts';
export { loadPackages } from './packages.ts';
export type {
  BoxFacts,
  Discoverer,
  DiscoveryPlugin,
  IsolationPlugin,
  LogPlugin,
  LogRecord,
  LogSink,
  ModulePlugin,
  Plugin,
  PluginContext,
  PluginKind,
  PluginOf,
  SourcePlugin,
  StatementSource,
  ThingGroup,
} from './plugin.ts';
export { type Configured, Registry } from './registry.ts';
export { type Job, Task, type TaskHealth, type TaskTimes, taskTimes } from './task.ts';
