import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

const { filter } = require('@accessors-modules/face-detector') as { filter(image: unknown, transform: unknown, options: unknown): void };

/** Finds faces in pictures and marks them. Interface only: it needs a native library and a trained model.
 *  @input input          any
 *  @output output        any
 *  @output faceCount     int
 *  @output faces         any
 *  @parameter options    JSON, default "{\"MinFaceSize\": 50, \"MaxFaceSize\": 500}"
 *  @parameter transform  string, default "faces"
 *  @error initialize throws: see image/MotionDetector for what this host finds in pictures by itself
 *  @example
 *  const finder = this.instantiate('finder', 'image/FaceDetector');
 *  this.connect(camera, 'output', finder, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('input');
  this.output('output');
  this.output('faceCount', { type: 'int' });
  this.output('faces');
  this.parameter('options', { value: '{"MinFaceSize": 50, "MaxFaceSize": 500}', type: 'JSON' });
  this.parameter('transform', { type: 'string', value: 'faces' });
}

export function initialize(this: AccessorContext): void {
  filter(null, this.getParameter('transform'), this.getParameter('options'));
}
