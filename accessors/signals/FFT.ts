import type { AccessorContext } from '../../hosts/common/index.ts';

/** Complex numbers, real and imaginary parts side by side. */
interface Samples {
  readonly real: Float64Array;
  readonly imag: Float64Array;
}

let handle: number | undefined;

/** Fourier transform of a block of samples of any length: output k is the sum of x[n] exp(-2 pi i k n / N).
 *  @input signalIn    any; array of numbers
 *  @output fftOutput  any; array of {real, imag}, as long as the input
 *  @error what is no array of numbers is reported
 *  @example
 *  const fft = this.instantiate('fft', 'signals/FFT');
 *  this.connect(source, 'output', fft, 'signalIn'); // [1, 0, -1, 0]
 *  this.connect(fft, 'fftOutput', display, 'input'); */
export function setup(this: AccessorContext): void {
  this.input('signalIn');
  this.output('fftOutput');
}

export function initialize(this: AccessorContext): void {
  handle = this.addInputHandler('signalIn', () => {
    const signal = this.get('signalIn');
    if (!Array.isArray(signal)) throw new Error(`signalIn should be an array of numbers, got a ${typeof signal}`);
    const { real, imag } = transform({ real: Float64Array.from(signal, Number), imag: new Float64Array(signal.length) });
    this.send(
      'fftOutput',
      Array.from(real, (value, k) => ({ real: value, imag: imag[k] })),
    );
  });
}

export function wrapup(this: AccessorContext): void {
  if (handle !== undefined) this.removeInputHandler(handle);
}

function zeros(length: number): Samples {
  return { real: new Float64Array(length), imag: new Float64Array(length) };
}

/** The products of the first `count` numbers of `a` and `b`, followed by zeros up to `length`. */
function multiply(a: Samples, b: Samples, count: number, length = count): Samples {
  const product = zeros(length);
  for (let k = 0; k < count; k++) {
    const [ar, ai, br, bi] = [at(a.real, k), at(a.imag, k), at(b.real, k), at(b.imag, k)];
    product.real[k] = ar * br - ai * bi;
    product.imag[k] = ar * bi + ai * br;
  }
  return product;
}

/** The compiler cannot know that the index is in range. */
function at(values: Float64Array, index: number): number {
  return values[index] as number;
}

/** exp(-pi i m / n) for m = 0 ... count - 1, where `square` takes m² for m. */
function rotations(n: number, count: number, square = false): Samples {
  const table = zeros(count);
  for (let m = 0; m < count; m++) {
    // Reduced first: the square soon exceeds what a sine is exact for.
    const angle = (Math.PI * ((square ? m * m : m) % (2 * n))) / n;
    table.real[m] = Math.cos(angle);
    table.imag[m] = -Math.sin(angle);
  }
  return table;
}

function transform(x: Samples): Samples {
  const length = x.real.length;
  return (length & (length - 1)) === 0 ? powerOfTwo(x) : anyLength(x);
}

/** Cooley and Tukey: the even and the odd samples by themselves, combined. */
function powerOfTwo(x: Samples): Samples {
  const length = x.real.length;
  if (length < 2) return x;
  const half = length / 2;
  const everySecond = (values: Float64Array, from: number): Float64Array =>
    Float64Array.from({ length: half }, (_, i) => at(values, 2 * i + from));
  const even = powerOfTwo({ real: everySecond(x.real, 0), imag: everySecond(x.imag, 0) });
  const odd = powerOfTwo({ real: everySecond(x.real, 1), imag: everySecond(x.imag, 1) });
  const turned = multiply(odd, rotations(half, half), half);
  const combine = (a: Float64Array, b: Float64Array): Float64Array =>
    Float64Array.from({ length }, (_, k) => (k < half ? at(a, k) + at(b, k) : at(a, k - half) - at(b, k - half)));
  return { real: combine(even.real, turned.real), imag: combine(even.imag, turned.imag) };
}

/** Bluestein: 2kn = k² + n² - (k - n)² makes a convolution of the sum, and that has room in a power of two. */
function anyLength(x: Samples): Samples {
  const n = x.real.length;
  let size = 1;
  while (size < 2 * n - 1) size *= 2;
  const chirp = rotations(n, n, true);
  const kernel = zeros(size);
  for (let m = 0; m < n; m++) {
    for (const place of [m, (size - m) % size]) {
      kernel.real[place] = at(chirp.real, m);
      kernel.imag[place] = -at(chirp.imag, m);
    }
  }
  const product = multiply(powerOfTwo(multiply(x, chirp, n, size)), powerOfTwo(kernel), size);
  // The inverse transform is the transform with real and imaginary parts exchanged, before and after.
  const exchanged = powerOfTwo({ real: product.imag, imag: product.real });
  const sum = multiply({ real: exchanged.imag, imag: exchanged.real }, chirp, n);
  return { real: sum.real.map((value) => value / size), imag: sum.imag.map((value) => value / size) };
}
