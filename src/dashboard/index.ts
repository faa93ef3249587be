export { type AdminOptions, AdminServer } from './admin.ts';
export { type Answer, json, text } from './answer.ts';
export { Assets } from './assets.ts';
export { Feed } from './feed.ts';
export { healthRoutes, reloadRoute } from './health.ts';
export type { PageBox, PageBoxEvents } from './page-box.ts';
export type {
  PageBoxFacts,
  PageDeployment,
  PageEvents,
  PagePeer,
  PageRecord,
  PageStatus,
  PageVersion,
} from './page-messages.ts';
export { type PageParts, pageRoutes } from './page-routes.ts';
export type { AdminRequest, Route } from './router.ts';
