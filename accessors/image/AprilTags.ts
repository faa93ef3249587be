import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

const { AprilTags } = require('aprilTags') as { AprilTags: new () => unknown };

/** Finds square fiducial tags in pictures. Interface only: it needs a native library.
 *  @input input    any
 *  @input options  JSON, default ""
 *  @output output  any
 *  @output tags    any
 *  @error initialize throws: run the program of the AprilTag library in utilities/Exec
 *  @example
 *  const finder = this.instantiate('finder', 'image/AprilTags');
 *  this.connect(camera, 'output', finder, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('input');
  this.input('options', { type: 'JSON', value: '' });
  this.output('output');
  this.output('tags');
}

export function initialize(this: AccessorContext): void {
  new AprilTags();
}

export function wrapup(this: AccessorContext): void {}
