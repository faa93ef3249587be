import type { AccessorContext } from '../../hosts/common/index.ts';
import type { AdminServer } from '../../src/dashboard/index.ts';
import type { Deployment } from '../../src/deployment.ts';

declare const require: (name: string) => unknown;

let deployment: Deployment | undefined;
let deployer: AccessorContext;
let admin: Promise<AdminServer | undefined> | undefined;

/** A box: a Deployer and what surrounds it. It is what `accessors box` runs.
 *  @output ready           any, spontaneous; {deploy, admin, id, isolation, clock}, once; clock only where it cannot be right
 *  @output failed          any, spontaneous; the error that keeps it from working
 *  @output warning         string, spontaneous; what whoever runs it should know
 *  @output swarmlets       JSON, spontaneous; status of each, after every change
 *  @parameter listen       string, default "0.0.0.0:7927"; HOST:PORT of the deployment listener
 *  @parameter admin        string, default ""; HOST:PORT of the page and of health over HTTP; '': none
 *  @parameter adminNames   JSON; names by which it may be asked besides its addresses
 *  @parameter trustedKeys  string, default ""; file of the keys that may deploy
 *  @parameter revokedKeys  string, default ""; file of the keys that may not any more
 *  @parameter policy       JSON; array of rules; none: who is trusted may do everything
 *  @parameter state        string, default ""; folder of the box's key; '': memory only
 *  @parameter isolation    string, default "P2"; the weakest isolation level that will do
 *  @parameter limits       JSON; limits for what a statement leaves open
 *  @parameter name         string, default "box"
 *  @parameter labels       JSON; texts by name
 *  @parameter pool         int, default 2; isolates that wait for a swarmlet
 *  @parameter swarmlets    int, default 256; that it has at a time
 *  @parameter onRevoke     string, default "stop"; stop or keep what a revoked key deployed
 *  @parameter tls          JSON; {cert, key}, files in PEM; none: no TLS
 *  @error initialize throws if a file, a folder or a setting is wrong
 *  @example
 *  const box = this.instantiate('box', 'deployment/SwarmBox');
 *  box.setParameter('listen', '127.0.0.1:0');
 *  box.setParameter('trustedKeys', '/etc/swarmbox/trusted_keys'); */
export function setup(this: AccessorContext): void {
  this.parameter('listen', { type: 'string', value: '0.0.0.0:7927' });
  this.parameter('admin', { type: 'string', value: '' });
  this.parameter('adminNames', { type: 'JSON' });
  this.parameter('trustedKeys', { type: 'string', value: '' });
  this.parameter('revokedKeys', { type: 'string', value: '' });
  this.parameter('policy', { type: 'JSON' });
  this.parameter('state', { type: 'string', value: '' });
  this.parameter('isolation', { type: 'string', value: 'P2', options: ['P1', 'P2', 'P3'] });
  this.parameter('limits', { type: 'JSON' });
  this.parameter('name', { type: 'string', value: 'box' });
  this.parameter('labels', { type: 'JSON' });
  this.parameter('pool', { type: 'int', value: 2 });
  this.parameter('swarmlets', { type: 'int', value: 256 });
  this.parameter('onRevoke', { type: 'string', value: 'stop', options: ['stop', 'keep'] });
  this.parameter('tls', { type: 'JSON' });
  this.output('ready', { spontaneous: true });
  this.output('failed', { spontaneous: true });
  this.output('warning', { type: 'string', spontaneous: true });
  this.output('swarmlets', { type: 'JSON', spontaneous: true });
  deployer = this.instantiate('Deployer', 'deployment/Deployer');
  this.connect(deployer, 'swarmlets', 'swarmlets');
  // Contained accessors initialize before their container, and need their parameters by then.
  this.once('initializeStart', () => {
    for (const name of deployer.parameterList) deployer.setParameter(name, this.getParameter(name));
  });
}

export function initialize(this: AccessorContext): void {
  deployment = require('deployment') as Deployment;
  const [made] = deployment.deployers.slice(-1);
  const listen = String(this.getParameter('admin'));
  admin =
    listen === '' ? Promise.resolve(undefined) : deployment.admin(listen, (this.getParameter('adminNames') ?? []) as readonly string[]);
  admin.catch((error) => this.send('failed', error));
  made?.on('warning', (message) => this.send('warning', message));
  made?.on('failed', (error) => this.send('failed', error));
  made?.on('ready', ({ deploy, ...told }) => {
    admin?.then(
      (server) => this.send('ready', { deploy, admin: server?.url, ...told }),
      () => {}, // told above
    );
  });
}

export function wrapup(this: AccessorContext): void {
  const given = deployment;
  admin?.then(
    (server) => server && given?.closeAdmin(server),
    () => {},
  );
  admin = undefined;
}
