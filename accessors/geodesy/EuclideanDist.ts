import type { AccessorContext } from '../../hosts/common/index.ts';

/** Straight-line distance of two points in space, at every reaction; a coordinate that is missing counts as 0.
 *  @input x1     any; a number, as all of them
 *  @input y1     any
 *  @input z1     any
 *  @input x2     any
 *  @input y2     any
 *  @input z2     any
 *  @output dist  any; a number in the unit of the coordinates
 *  @error none
 *  @example
 *  const distance = this.instantiate('distance', 'geodesy/EuclideanDist');
 *  this.connect(source, 'output', distance, 'x1'); // the other inputs count as 0
 *  this.connect(distance, 'dist', display, 'input'); */
export function setup(this: AccessorContext): void {
  for (const name of ['x1', 'y1', 'z1', 'x2', 'y2', 'z2']) this.input(name);
  this.output('dist');
}

export function initialize(this: AccessorContext): void {
  this.addInputHandler(() => {
    const difference = (axis: string): number => Number(this.get(`${axis}1`)) - Number(this.get(`${axis}2`));
    this.send('dist', Math.sqrt(difference('x') ** 2 + difference('y') ** 2 + difference('z') ** 2));
  });
}
