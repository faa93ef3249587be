import type { EdgeScope } from '../edge/index.ts';
import { wavChannels } from './audio-io/wav.ts';

/** Sound files are read; microphones and loudspeakers are not reached. */
export function create(edge: EdgeScope): unknown {
  const noDriver = (what: string): never => {
    throw new Error(`audio-io: this host drives no sound card to ${what}. Run the program arecord or aplay in utilities/Exec.`);
  };
  return {
    /** Calls back with the samples of each channel, from -1 to 1. */
    readWavFile(path: string, callback: (error: Error | null, channels?: number[][]) => void): void {
      edge
        .readFile(path)
        .then(wavChannels)
        .then(
          (channels) => callback(null, channels),
          (error: Error) => callback(error),
        );
    },
    AudioInput: class {
      constructor() {
        noDriver('record with');
      }
    },
    AudioOutput: class {
      constructor() {
        noDriver('play with');
      }
    },
  };
}
