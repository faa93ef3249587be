import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { library, react } from '../support/library.ts';

const it = suite('geodesy');

/** Metres; far below what the ellipsoid is known to. */
const EXACT = 1e-6;

function near(actual: unknown, expected: number): void {
  assert.ok(Math.abs(Number(actual) - expected) < EXACT, `${actual} is not ${expected}`);
}

it('Lla2Ecef converts 45 degrees north, 45 east, 100 m', () => {
  const { x, y, z } = react(library().run('geodesy/Lla2Ecef'), { lat: 45, lon: 45, alt: 100 });
  near(x, 3194469.1450605714);
  near(y, 3194469.1450605704);
  near(z, 4487419.11954405);
});

it('Lla2Ecef reacts to any input and to none; what is missing counts as 0', () => {
  const place = library().run('geodesy/Lla2Ecef');
  near(react(place, {}).x, 6378137);
  near(react(place, { lon: 90 }).y, 6378137);
  near(react(place, { lat: 90 }).z, 6356752.314245179);
});

it('EuclideanDist measures the distance of two points', () => {
  assert.equal(react(library().run('geodesy/EuclideanDist'), { x1: 1, y1: 2, z1: 3, x2: 3, y2: 5, z2: 9 }), { dist: 7 });
});

it('EuclideanDist takes missing coordinates for 0', () => {
  assert.equal(react(library().run('geodesy/EuclideanDist'), { x1: 3, y2: 4 }), { dist: 5 });
});

it('LlaDist measures through the earth', () => {
  const dist = library().run('geodesy/LlaDist');
  near(react(dist, { lat1: 0, lon1: 0, alt1: 0, lat2: 0, lon2: 90, alt2: 0 }).dist, 9020047.848073645);
});

it('LlaDist of a place to itself is 0', () => {
  const dist = library().run('geodesy/LlaDist');
  near(react(dist, { lat1: 37.87, lon1: -122.26, alt1: 50, lat2: 37.87, lon2: -122.26, alt2: 50 }).dist, 0);
});

it.run();
