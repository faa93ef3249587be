/** What stands for each module that this host does not have, so that accessors which name it can be looked at. */
const missing: Readonly<Record<string, string>> = {
  audio: 'this host drives no sound card. Run a program such as arecord, aplay or mpv in utilities/Exec.',
  xbee: 'this host has no driver for the API mode of XBee radios. One in transparent mode is a serial line: use net/SerialPort.',
  'speech-recognition': 'this host has no engine that recognizes speech. Run one such as vosk in utilities/Exec.',
  'iot-auth':
    'the authorization server it needs was a research prototype. Use TLS: net/TCPSocketClient with sslTls, or net/REST with https.',
  aprilTags: 'it needs a native library. Run the program of the AprilTag library in utilities/Exec.',
  'face-detector': 'it needs a native library and a trained model. image/MotionDetector finds what changed in pictures.',
  n3: 'the vocabulary of its statements was never published. Use services/YelpSearch, and utilities/Template for statements of your own.',
};

export const absentModules: readonly string[] = Object.keys(missing);

/** Whatever of the module is used says what is missing and what to do. */
export function absent(name: string): unknown {
  const complain = (): never => {
    throw new Error(`${name}: ${missing[name]}`);
  };
  return new Proxy(
    {},
    {
      get: () =>
        function unavailable() {
          return complain();
        },
    },
  );
}
