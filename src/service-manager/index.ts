export { Installation } from './installation.ts';
export { type Machine, thisMachine } from './machine.ts';
export type { ManagerName, Program, ServiceManager, Standing } from './manager.ts';
export { pm2 } from './pm2.ts';
export { programHere, userOfService } from './program.ts';
export { supervisord } from './supervisord.ts';
export { systemd } from './systemd.ts';
