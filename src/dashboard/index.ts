export { type AdminOptions, AdminServer } from './admin.ts';
