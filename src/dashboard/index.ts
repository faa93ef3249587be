export { type AdminOptions, AdminServer } from './admin.ts';
export { type Answer, json, text } from './answer.ts';
export { healthRoutes } from './health.ts';
export type { AdminRequest, Route } from './router.ts';
