import type { Format } from './exposition.ts';

/** @param accept  header `Accept`; a client that names both formats alike gets the newer one */
export function formatOf(accept: string | undefined): Format {
  const weights = weightsOf(accept);
  const [newer = 0, older = 0] = [weights.get('application/openmetrics-text'), weights.get('text/plain')];
  return newer > 0 && newer >= older ? 'openmetrics' : 'prometheus';
}

/** @param encoding  header `Accept-Encoding` */
export function takesGzip(encoding: string | undefined): boolean {
  return (weightsOf(encoding).get('gzip') ?? 0) > 0;
}

/** What a header lists, and how much each is wanted, 0 to 1 (RFC 9110 12.4.2). */
function weightsOf(header = ''): Map<string, number> {
  return new Map(
    header.split(',').map((item) => {
      const [name = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase());
      const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
      return [name, weight === undefined ? 1 : Number(weight) || 0];
    }),
  );
}
