import type { AccessorContext } from '../../hosts/common/index.ts';

declare const require: (name: string) => unknown;

interface Placing {
  readonly scale: number;
  readonly rotation: number;
  readonly translate: unknown;
}
const { annotate } = require('imageFilters') as {
  annotate(image: unknown, svg: string, placing: Placing, callback: (error: Error | null, image?: Uint8Array) => void): void;
};

/** Draws a vector graphic over a picture.
 *  @input image       any; bytes of a PNG, JPEG, BMP or GIF picture
 *  @input graphic     string, default ""; SVG text; letters are drawn in DejaVu Sans, whatever font is asked for
 *  @input graphicURI  string, default ""; file or URL of the SVG text, if graphic is empty
 *  @input scale       number, default 1; of the graphic, about its upper left corner
 *  @input rotation    number, default 0; degrees clockwise, about the middle of the graphic
 *  @input translate   any; {x, y} in pixels, or [x, y]
 *  @input options     JSON, default ""; without effect
 *  @output output     any; the picture in the same format
 *  @error what is no picture or no SVG, and a graphic that cannot be read, are reported
 *  @example
 *  const annotate = this.instantiate('annotate', 'image/ImageAnnotate');
 *  annotate.setDefault('graphic', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle cx="4" cy="4" r="4" fill="red"/></svg>');
 *  this.connect(camera, 'output', annotate, 'image');
 *  this.connect(annotate, 'output', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('image');
  this.input('graphic', { value: '', type: 'string' });
  this.input('graphicURI', { value: '', type: 'string' });
  this.input('scale', { value: 1, type: 'number' });
  this.input('rotation', { value: 0, type: 'number' });
  this.input('translate');
  this.input('options', { value: '', type: 'JSON' });
  this.output('output');
}

export function initialize(this: AccessorContext): void {
  this.addInputHandler('image', () => {
    const image = this.get('image');
    const placing = { scale: Number(this.get('scale')), rotation: Number(this.get('rotation')), translate: this.get('translate') };
    const draw = (svg: string): void =>
      annotate(image, svg, placing, (error, annotated) => {
        if (!this.isInitialized()) return;
        if (error) this.error(error.message);
        else this.send('output', annotated);
      });
    const [graphic, uri] = [String(this.get('graphic')), String(this.get('graphicURI'))];
    if (graphic !== '' || uri === '') draw(graphic);
    else {
      this.getResource(uri, {}, (status: string | null, svg: unknown) => {
        if (status === null) draw(String(svg));
        else if (this.isInitialized()) this.error(status);
      });
    }
  });
}
