import type { AccessorContext, AccessorExports } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;
declare const exports: AccessorExports;

const { stringify } = require('querystring') as { stringify(fields: object): string };

/** Numbers of the camera's decoder_control.cgi. */
const moves: Readonly<Record<string, number>> = {
  up: 0,
  'stop up': 1,
  down: 2,
  'stop down': 3,
  left: 4,
  'stop left': 5,
  right: 6,
  'stop right': 7,
  center: 25,
  'vertical patrol': 26,
  'stop vertical patrol': 27,
  'horizontal patrol': 28,
  'stop horizontal patrol': 29,
};

/** Moves and reads a network camera of Foscam's MJPEG series over HTTP.
 *  @input options                         JSON, default ""; URL of the camera, or as in net/REST
 *  @input command                         string, default "snapshot"; a movement, snapshot, videostream, or another of its CGI programs, such as get_status
 *  @input arguments                       JSON, default ""; more fields of the query, such as {"onestep": 1, "degree": 5}
 *  @input trigger                         any; sends the command
 *  @input body                            any; of the request
 *  @output response                       any; of a snapshot: a Buffer with a JPEG image; of a video: parts of it
 *  @output status                         string; such as 200: OK
 *  @output headers                        any; by names in lower case
 *  @parameter timeout                     int, default 5000; ms without a sign of the server; 0: any time
 *  @parameter outputCompleteResponseOnly  boolean, default true; false: send every part as it comes
 *  @parameter username                    string, default "admin"
 *  @parameter password                    string, default ""
 *  @error failures are reported as in net/REST; a wrong password comes as status 401
 *  @example
 *  const camera = this.instantiate('camera', 'cameras/Foscam');
 *  camera.setDefault('options', 'http://camera.local');
 *  camera.setParameter('password', 'secret');
 *  this.connect(button, 'output', camera, 'trigger'); // a snapshot each time */
export function setup(this: AccessorContext): void {
  this.extend('net/REST');
  this.input('command', {
    value: 'snapshot',
    options: [
      'snapshot',
      'videostream',
      'center',
      'down',
      'left',
      'right',
      'up',
      'stop down',
      'stop left',
      'stop right',
      'stop up',
      'horizontal patrol',
      'vertical patrol',
      'stop vertical patrol',
      'stop horizontal patrol',
    ],
  });
  this.parameter('username', { value: 'admin', type: 'string' });
  this.parameter('password', { value: '', type: 'string' });
}

/** The CGI program with the account and the fields of its query. */
export function encodePath(this: AccessorContext): string {
  const command = String(this.get('command') ?? '').trim();
  const given = this.get('arguments');
  const move = moves[command];
  const fields = {
    ...(move === undefined ? {} : { command: move }),
    ...(typeof given === 'object' ? given : {}),
    user: this.getParameter('username'),
    pwd: this.getParameter('password'),
  };
  const program = move === undefined ? command.replace(/\.cgi$/, '') : 'decoder_control';
  return `${program}.cgi?${stringify(fields)}`;
}

/** Ends a video too. */
export function wrapup(this: AccessorContext): void {
  exports.ssuper?.wrapup?.call(this);
}
