import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type HttpPeer, httpPeer } from '../../support/http.ts';
import { give, type Live, live, Outputs, Reports } from '../../support/live.ts';

const it = suite('services by HTTP');
let host: Live;
let reports: Reports;
let peer: HttpPeer;
let answer: (path: string) => unknown = () => ({});
let status = 200;
const { HOME } = process.env;
const home = mkdtempSync(join(tmpdir(), 'home-'));

it.before(async () => {
  mkdirSync(join(home, '.ptKeystore'));
  process.env.HOME = home;
  peer = await httpPeer(({ url }, response) => {
    response.statusCode = status;
    return answer(url.pathname);
  });
});
it.before.each(() => {
  host = live();
  reports = new Reports();
  peer.calls.length = 0;
  status = 200;
});
it.after.each(() => {
  host.end();
  reports.restore();
});
it.after(() => {
  peer.close();
  process.env.HOME = HOME;
  rmSync(home, { recursive: true });
});

it('GeoCoder asks for an address with the key, and sends the coordinates of the first result', async () => {
  answer = () => ({ status: 'OK', results: [{ geometry: { location: { lat: 37.87, lng: -122.27 } } }, { geometry: {} }] });
  const coder = host.run('services/GeoCoder', {}, { options: { url: peer.url }, arguments: { address: '', key: 'k' } });
  const outputs = new Outputs(coder);
  give(coder, { address: 'Berkeley, CA' });
  assert.equal(await outputs.value('location'), { latitude: 37.87, longitude: -122.27 });
  const [{ url }] = peer.calls as [(typeof peer.calls)[0]];
  assert.is(url.pathname, '/maps/api/geocode/json');
  assert.equal(Object.fromEntries(url.searchParams), { address: 'Berkeley, CA', key: 'k' });
});

it('GeoCoder reports what the service refuses, and works on', async () => {
  answer = () => ({ status: 'REQUEST_DENIED', error_message: 'The key is wrong', results: [] });
  const coder = host.run('services/GeoCoder', {}, { options: { url: peer.url } });
  const outputs = new Outputs(coder);
  give(coder, { trigger: true });
  await reports.matching(/The key is wrong/);
  answer = () => ({ results: [{ geometry: { location: { lat: 1, lng: 2 } } }] });
  give(coder, { trigger: true });
  assert.equal(await outputs.value('location'), { latitude: 1, longitude: 2 });
});

it('ReverseGeoCoder sends the address of coordinates', async () => {
  answer = () => ({ status: 'OK', results: [{ formatted_address: 'Cory Hall, Berkeley' }] });
  const coder = host.run('services/ReverseGeoCoder', {}, { options: { url: peer.url }, arguments: { key: 'k' } });
  const outputs = new Outputs(coder);
  give(coder, { location: { latitude: 37.5, longitude: -122 } });
  assert.is(await outputs.value('address'), 'Cory Hall, Berkeley');
  assert.equal(Object.fromEntries(peer.calls[0]?.url.searchParams ?? []), { key: 'k', latlng: '37.5,-122' });
  give(coder, { location: { latitude: 'north' } });
  await reports.matching(/should have latitude and longitude, got \{"latitude":"north"\}/);
});

const weather = {
  name: 'Berkeley',
  main: { temp: 290.15, temp_min: 288.15, temp_max: 292.15, pressure: 1015, humidity: 70 },
  wind: { speed: 3, deg: 270 },
  clouds: { all: 20 },
  weather: [{ description: 'few clouds' }],
};

it('Weather sends the weather of a place in the unit asked for', async () => {
  answer = () => weather;
  const accessor = host.run(
    'services/Weather',
    { temperature: 'Celsius' },
    { options: { url: peer.url }, arguments: { key: 'mine', lang: 'en' } },
  );
  const outputs = new Outputs(accessor);
  give(accessor, { location: { latitude: 37.87, longitude: -122.27 } });
  assert.equal(await outputs.value('weather'), {
    place: 'Berkeley',
    description: 'few clouds',
    temperature: 17,
    minimum: 15,
    maximum: 19,
    humidity: 70,
    pressure: 1015,
    windSpeed: 3,
    windDirection: 270,
    clouds: 20,
  });
  const [{ url }] = peer.calls as [(typeof peer.calls)[0]];
  assert.is(url.pathname, '/data/2.5/weather');
  assert.equal(Object.fromEntries(url.searchParams), { lang: 'en', lat: '37.87', lon: '-122.27', appid: 'mine' });
});

it('Weather takes the key of the keystore if it has no other', async () => {
  answer = () => weather;
  writeFileSync(join(home, '.ptKeystore/weatherKey'), 'kept\n');
  const accessor = host.run('services/Weather', {}, { options: peer.url });
  const outputs = new Outputs(accessor);
  give(accessor, { trigger: true });
  assert.is(((await outputs.value('weather')) as { temperature: number }).temperature, 62.6);
  assert.is(peer.calls[0]?.url.searchParams.get('appid'), 'kept');
});

it('Weather reports what the service refuses', async () => {
  status = 401;
  answer = () => ({ cod: 401, message: 'Invalid API key' });
  give(host.run('services/Weather', {}, { options: peer.url }), { trigger: true });
  await reports.matching(/No weather: Invalid API key/);
});

for (const getAPIKeySynchronously of [true, false]) {
  it(`YelpSearch is ready with its key, read ${getAPIKeySynchronously ? 'at once' : 'while the swarmlet runs'}`, async () => {
    writeFileSync(join(home, '.ptKeystore/yelpKey'), 'secret\n');
    const accessor = host.run('services/YelpSearch', { getAPIKeySynchronously });
    assert.is(await new Outputs(accessor).value('ready'), true);
  });
}

it('YelpSearch reports that there is no key', async () => {
  rmSync(join(home, '.ptKeystore/yelpKey'), { force: true });
  host.run('services/YelpSearch');
  await reports.matching(/There is no key of the directory: ENOENT/);
});

it('YelpSearch sends the businesses, and reports what the directory refuses', async () => {
  answer = () => ({ businesses: [{ name: 'Brewed Awakening' }] });
  const options = { url: peer.url, headers: { authorization: 'Bearer other' } };
  const accessor = host.run('services/YelpSearch', {}, { options, searchTerm: 'coffee' });
  const outputs = new Outputs(accessor);
  give(accessor, { trigger: true });
  assert.equal(await outputs.value('response'), [{ name: 'Brewed Awakening' }]);
  assert.is(peer.calls[0]?.headers.authorization, 'Bearer other');
  assert.is(peer.calls[0]?.url.searchParams.get('term'), 'coffee');
  status = 400;
  answer = () => ({ error: { code: 'TOKEN_INVALID', description: 'Invalid access token' } });
  give(accessor, { trigger: true });
  await reports.matching(/The directory answers 400: Invalid access token/);
});

it('FINDLocation sends a fingerprint, and the place that fits', async () => {
  answer = () => ({ success: true, location: 'kitchen' });
  const inputs = { server: '127.0.0.1', port: peer.port, group: 'lab', username: 'alice' };
  const accessor = host.run('services/FINDLocation', {}, inputs);
  const outputs = new Outputs(accessor);
  give(accessor, { wifiFingerprint: [{ mac: 'aa:bb:cc:dd:ee:ff', rssi: -40 }] });
  assert.is(await outputs.value('location'), 'kitchen');
  const [{ method, url, body }] = peer.calls as [(typeof peer.calls)[0]];
  assert.equal([method, url.pathname], ['POST', '/track']);
  const { time, ...sent } = JSON.parse(body);
  assert.equal(sent, { group: 'lab', username: 'alice', 'wifi-fingerprint': [{ mac: 'aa:bb:cc:dd:ee:ff', rssi: -40 }] });
  assert.type(time, 'number');
  answer = () => ({ success: false, message: 'nobody learned this group' });
  give(accessor, { wifiFingerprint: [] });
  await reports.matching(/nobody learned this group/);
});

it('FINDTracker asks where a user is', async () => {
  answer = () => ({ analysis: { guesses: [{ location: 'desk', probability: 0.9 }] }, success: true });
  const accessor = host.run('services/FINDTracker', {}, { server: `127.0.0.1:${peer.port}`, family: 'lab', user: 'alice b' });
  const outputs = new Outputs(accessor);
  give(accessor, { trigger: true });
  assert.is(await outputs.value('location'), 'desk');
  assert.is(peer.calls[0]?.url.pathname, '/api/v1/location/lab/alice%20b');
});

it('SemanticRepositoryQuery posts a query with the account, and sends results', async () => {
  answer = () => ({ head: { vars: ['s'] }, results: { bindings: [] } });
  const parameters = { host: '127.0.0.1', port: peer.port, repositoryName: 'lab', authenticate: true };
  const accessor = host.run('services/SemanticRepositoryQuery', parameters);
  const outputs = new Outputs(accessor);
  give(accessor, { query: 'SELECT ?s WHERE { ?s ?p ?o }' });
  assert.equal(await outputs.value('response'), { head: { vars: ['s'] }, results: { bindings: [] } });
  const [{ method, url, headers, body }] = peer.calls as [(typeof peer.calls)[0]];
  assert.equal([method, url.pathname, body], ['POST', '/repositories/lab', 'SELECT ?s WHERE { ?s ?p ?o }']);
  assert.is(headers['content-type'], 'application/sparql-query; charset=utf-8');
  assert.is(headers.authorization, `Basic ${Buffer.from('admin:root').toString('base64')}`);
  give(accessor, { trigger: true }); // the same query again
  await outputs.value('response', 2);
  assert.is(peer.calls[1]?.body, 'SELECT ?s WHERE { ?s ?p ?o }');
});

it('SemanticRepositoryUpdate posts updates, and graphs by their format', async () => {
  status = 204;
  answer = () => ({});
  const accessor = host.run('services/SemanticRepositoryUpdate', { host: '127.0.0.1', port: peer.port, repositoryName: 'lab' });
  const outputs = new Outputs(accessor);
  give(accessor, { update: 'INSERT DATA { <a:a> <a:b> 1 }' });
  assert.is(await outputs.value('status'), '204: No Content');
  accessor.setParameter('format', 'Turtle');
  give(accessor, { update: '<a:a> <a:b> 1 .' });
  await outputs.value('status', 2);
  assert.equal(
    peer.calls.map(({ url, headers, body }) => [url.pathname, headers['content-type'], body]),
    [
      ['/repositories/lab/statements', 'application/sparql-update; charset=utf-8', 'INSERT DATA { <a:a> <a:b> 1 }'],
      ['/repositories/lab/statements', 'text/turtle; charset=utf-8', '<a:a> <a:b> 1 .'],
    ],
  );
  status = 400;
  answer = () => ({ message: 'Malformed' });
  give(accessor, { update: 'nonsense' });
  await reports.matching(/The repository answers 400: .*Malformed/);
});

it.run();
