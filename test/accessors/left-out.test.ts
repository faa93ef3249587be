import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CodedError } from '../../hosts/common/index.ts';
import { retiredClasses } from '../../hosts/node/index.ts';
import { catalogue, classes, library, printed } from '../support/library.ts';
import { live } from '../support/live.ts';

const it = suite('accessors that cannot work here');

/** The interface of each is there; this is what its initialization says. */
const interfaceOnly: Readonly<Record<string, RegExp>> = {
  'audio/AudioCapture': /drives no sound card\. Run a program such as arecord, aplay or mpv in utilities\/Exec/,
  'audio/AudioPlayer': /drives no sound card/,
  'audio/ClipPlayer': /drives no sound card/,
  'audioIo/AudioIoCapture': /drives no sound card to record with\. Run the program arecord/,
  'audioIo/AudioIoPlay': /drives no sound card to play with/,
  'cameras/Camera': /no driver for the camera default camera\. .*cameras\/Foscam/,
  'cameras/demo/Capture': /no driver for the camera/,
  'cameras/demo/CaptureOpenLoop': /no driver for the camera/,
  'devices/DrDose': /never published\. Send what yours understands with net\/REST/,
  'devices/Moto360SensorListener': /never published\. Receive what your device sends with net\/UDPSocketListener/,
  'devices/test/auto/WatchEmulator': /never published/,
  'image/AprilTags': /needs a native library\. Run the program/,
  'image/FaceDetector': /needs a native library and a trained model/,
  'image/demo/TextFromCamera/TextFromCamera': /no driver for the camera/,
  'localization/Location': /never published\. Ask your server with net\/REST/,
  'net/SecureCommClient': /research prototype\. Use TLS: net\/TCPSocketClient with sslTls/,
  'net/SecureCommServer': /research prototype\. Use TLS/,
  'net/SecurePublisher': /research prototype\. Use TLS/,
  'net/SecureSubscriber': /research prototype\. Use TLS/,
  'net/XBee': /API mode of XBee radios.*use net\/SerialPort/,
  'services/HostCompatibility': /never published\. Ask with a query of your own by services\/SemanticRepositoryQuery/,
  'services/RedPinLocation': /maintained no more\. Use services\/FINDLocation/,
  'services/SemanticYelpSearch': /never published\. Use services\/YelpSearch/,
  'services/SpeechRecognition': /no engine that recognizes speech\. Run one such as vosk/,
};

for (const [accessorClass, message] of Object.entries(interfaceOnly)) {
  it(`${accessorClass} can be made, and says at initialization what is missing and what to do`, async () => {
    const { node } = live();
    await printed(() => {
      const accessor = node.instantiate('it', accessorClass);
      assert.throws(() => accessor.initialize(), message);
      try {
        accessor.wrapup(); // what was initialized before
      } catch (error) {
        assert.match((error as Error).message, /input handler of this accessor was never invoked/); // a test in it
      }
    });
  });
}

it('a retired accessor is named as such, with the nearest one that works', () => {
  const { node } = library();
  const living = classes();
  for (const name of retiredClasses) {
    assert.throws(
      () => node.instantiate('it', name),
      (error: unknown) => {
        assert.instance(error, CodedError);
        assert.is((error as CodedError).code, 'RETIRED');
        const instead = /^Accessor (\S+) is retired: .*\. The nearest that works is (\S+)$/.exec((error as Error).message);
        assert.is(instead?.[1], name);
        assert.ok(living.includes(instead?.[2] ?? '') && !((instead?.[2] ?? '') in interfaceOnly), `${name}: ${instead?.[2]}`);
        return true;
      },
    );
  }
  assert.throws(() => node.instantiate('it', 'net/VertxPublish.js'), /net\/VertxPublish is retired/);
});

const specified = catalogue();
if (specified) {
  it('retired are those that the catalogue calls dead', () => {
    assert.equal(
      [...retiredClasses].sort(),
      specified
        .filter(({ kind }) => kind === 'dead')
        .map((entry) => entry.class)
        .sort(),
    );
  });
}

it.run();
