import type { AccessorContext } from '../../hosts/common/index.ts';
import type { Deployer, DeployerParameters } from '../../src/deployer.ts';
import type { Deployment } from '../../src/deployment.ts';

declare const require: (name: string) => unknown;

let deployment: Deployment | undefined;
let deployer: Deployer | undefined;

/** A box inside a swarmlet: takes signed statements by its listener or its input, and runs what they deploy. Its output
 *  error says why it does not work, or what is wrong with a file. Inside a swarmlet that was pushed to a box it is that box's own
 *  service, in the name of who pushed the swarmlet: listen, trustedKeys, revokedKeys, policy, state and tls stay empty.
 *  @input envelope         JSON; a signed statement that came some other way, as an object or as its text
 *  @input command          JSON; {action, swarmlet, ...} of the swarmlet around it, which needs no signature
 *  @input provide          JSON; {swarmlet, port, value}: gives a value to an input of a swarmlet
 *  @output deployed        JSON, spontaneous; {swarmlet, version, digest, sequence, state, principal, timeline}
 *  @output state           JSON, spontaneous; {swarmlet, digest, from, to, reason, at}
 *  @output rejected        JSON, spontaneous; {code, reason, principal}
 *  @output output          JSON, spontaneous; {swarmlet, port, value}
 *  @output swarmlets       JSON, spontaneous; status of each, after every change
 *  @parameter listen       string, default ""; HOST:PORT; '': no listener
 *  @parameter trustedKeys  string, default ""; file of the keys that may deploy, as OpenSSH's allowed_signers
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
 *  @error initialize throws if a file, a folder or a setting is wrong; what is refused comes out of `rejected`, failures out of `error`
 *  @example
 *  const deployer = this.instantiate('deployer', 'deployment/Deployer');
 *  deployer.setParameter('listen', '127.0.0.1:0');
 *  deployer.setParameter('trustedKeys', '/etc/swarmbox/trusted_keys');
 *  this.connect(deployer, 'swarmlets', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('envelope', { type: 'JSON' });
  this.input('command', { type: 'JSON' });
  this.input('provide', { type: 'JSON' });
  this.parameter('listen', { type: 'string', value: '' });
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
  for (const name of ['deployed', 'state', 'rejected', 'output', 'swarmlets']) this.output(name, { type: 'JSON', spontaneous: true });
  this.output('error', { type: 'string', spontaneous: true });
}

export function initialize(this: AccessorContext): void {
  deployment = require('deployment') as Deployment;
  const made = deployment.deployer(parametersOf(this));
  deployer = made;
  made.on('deployed', (value) => this.send('deployed', value));
  made.on('state', (value) => this.send('state', value));
  made.on('rejected', (value) => this.send('rejected', value));
  made.on('output', (value) => this.send('output', value));
  made.on('swarmlets', (value) => this.send('swarmlets', value));
  made.on('warning', (message) => this.send('error', message));
  made.on('failed', (error) => this.send('error', error.message));
  this.addInputHandler('envelope', () => made.envelope(this.get('envelope')));
  this.addInputHandler('command', () => made.command(this.get('command')));
  this.addInputHandler('provide', () => made.provide(this.get('provide')));
}

function parametersOf(accessor: AccessorContext): DeployerParameters {
  return Object.fromEntries(accessor.parameterList.map((name) => [name, accessor.getParameter(name)])) as unknown as DeployerParameters;
}

export function wrapup(this: AccessorContext): void {
  deployer?.removeAllListeners();
  if (deployer) deployment?.close(deployer);
  deployer = undefined;
}
