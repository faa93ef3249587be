import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { library, react } from '../support/library.ts';

const it = suite('FFT');

interface Complex {
  real: number;
  imag: number;
}

function transform(signal: readonly number[]): Complex[] {
  return react(library().run('signals/FFT'), { signalIn: signal }).fftOutput as Complex[];
}

/** The definition of the transform. */
function slow(signal: readonly number[]): Complex[] {
  const n = signal.length;
  return signal.map((_, k) =>
    signal.reduce(
      (sum, x, i) => {
        const angle = (-2 * Math.PI * ((k * i) % n)) / n;
        return { real: sum.real + x * Math.cos(angle), imag: sum.imag + x * Math.sin(angle) };
      },
      { real: 0, imag: 0 },
    ),
  );
}

for (const length of [0, 1, 2, 3, 4, 5, 7, 8, 12, 31, 64, 100, 257]) {
  it(`transforms ${length} samples as the definition does`, () => {
    const signal = Array.from({ length }, (_, i) => Math.sin(i * i) + (i % 3));
    const fast = transform(signal);
    assert.is(fast.length, length);
    slow(signal).forEach(({ real, imag }, k) => {
      assert.ok(Math.hypot(real - (fast[k]?.real ?? 0), imag - (fast[k]?.imag ?? 0)) < 1e-9 * (length + 1), `output ${k}`);
    });
  });
}

it('an impulse has all frequencies alike', () => {
  assert.equal(transform([1, 0, 0, 0]), Array(4).fill({ real: 1, imag: 0 }));
});

it('says what it wants when it gets no array', () => {
  const fft = library().run('signals/FFT');
  fft.provideInput('signalIn', 5);
  assert.throws(() => fft.react(), /array of numbers/);
});

it.run();
