import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { plainEdge } from '../../../../hosts/node/edge/plain-edge.ts';
import { moduleOn } from '../../../support/edge.ts';
import { folderWith } from '../../../support/folder.ts';

interface Scanner {
  scan(callback: (error: Error | null, accessPoints?: readonly object[]) => void): void;
}

const it = suite('wifi-scanner');

/** With a program that stands for nmcli. */
async function scan(script: string): Promise<readonly object[] | undefined> {
  const folder = folderWith({ nmcli: `#!/bin/sh\n${script}\n` });
  const program = join(folder.path, 'nmcli');
  chmodSync(program, 0o755);
  const { module } = moduleOn('wifi-scanner', {
    spawn({ command, args }) {
      assert.is(command, 'nmcli');
      return plainEdge.spawn({ command: program, args });
    },
  });
  const points = new Promise<readonly object[] | undefined>((resolve, reject) => {
    (module as Scanner).scan((error, found) => (error ? reject(error) : resolve(found)));
  });
  return points.finally(folder.remove);
}

it('reads what nmcli lists, colons in names included, the strongest first', async () => {
  const lines = ['AA\\:BB\\:CC\\:DD\\:EE\\:01:Lab\\: 545:60:6', 'AA\\:BB\\:CC\\:DD\\:EE\\:02::90:11', 'nonsense'];
  assert.equal(await scan(`cat <<'END'\n${lines.join('\n')}\nEND`), [
    { mac: 'aa:bb:cc:dd:ee:02', ssid: '', signal: 90, rssi: -55, channel: 11 },
    { mac: 'aa:bb:cc:dd:ee:01', ssid: 'Lab: 545', signal: 60, rssi: -70, channel: 6 },
  ]);
});

it('says what may be missing when nmcli fails', async () => {
  await scan('exit 8').then(
    () => assert.unreachable(),
    (error: Error) => assert.match(error.message, /nmcli ended with 8\. Is there a WiFi device/),
  );
});

it.run();
