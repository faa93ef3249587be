import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Route, Router } from '../../../src/dashboard/router.ts';

const it = suite('router');
const route = (method: Route['method'], path: string): Route => ({
  method,
  path,
  answer: () => ({ kind: 'whole', status: 200, type: '', body: '' }),
});
const router = new Router([route('GET', '/*'), route('GET', '/a'), route('GET', '/a/*'), route('GET', '/a/b/*'), route('POST', '/a')]);

it('takes a whole path before a beginning, and a longer beginning before a shorter one', () => {
  const found = (path: string): unknown => {
    const one = router.find('GET', path);
    return one.kind === 'route' ? [one.route.path, one.rest] : one;
  };
  assert.equal(found('/a'), ['/a', '']);
  assert.equal(found('/a/'), ['/a/*', '']);
  assert.equal(found('/a/x/y'), ['/a/*', 'x/y']);
  assert.equal(found('/a/b/c'), ['/a/b/*', 'c']);
  assert.equal(found('/'), ['/*', '']);
});

it('answers HEAD with the route of GET, and tells which methods there are', () => {
  const head = router.find('HEAD', '/a');
  assert.is(head.kind === 'route' && head.route.method, 'GET');
  const post = router.find('POST', '/a');
  assert.is(post.kind === 'route' && post.route.method, 'POST');
  assert.equal(router.find('DELETE', '/a'), { kind: 'other method', allowed: ['GET', 'HEAD', 'POST'] });
  assert.equal(new Router([]).find('GET', '/a'), { kind: 'nothing' });
});

it.run();
