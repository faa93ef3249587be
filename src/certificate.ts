import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { errorText } from '../hosts/common/index.ts';
import { errors } from './errors.ts';
import { WatchedFile } from './trust/index.ts';

export interface CertificateFiles {
  /** PEM, with its chain. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
}

/** What they hold. */
export interface CertificatePair {
  readonly cert: string;
  readonly key: string;
}

/** A certificate and its key, read again when they are renewed: then both files change, the one after the other. */
export class Certificate {
  readonly #files: CertificateFiles;
  readonly #renewed: (pair: CertificatePair) => void;
  readonly #warn: (message: string) => void;
  readonly #watched: readonly WatchedFile[];
  #pair: CertificatePair;

  /**
   * @param warn  told when what is new cannot be used; the pair in force stays
   * @throws BAD_FILE
   */
  constructor(files: CertificateFiles, renewed: (pair: CertificatePair) => void, warn: (message: string) => void) {
    this.#files = files;
    this.#renewed = renewed;
    this.#warn = warn;
    this.#pair = readPair(files);
    this.#watched = [files.cert, files.key].map((path) => new WatchedFile(path, () => this.reload()));
  }

  get pair(): CertificatePair {
    return this.#pair;
  }

  /** When it is over, Unix milliseconds. */
  get expiry(): number {
    return Date.parse(new X509Certificate(this.#pair.cert).validTo);
  }

  reload(): void {
    for (const file of this.#watched) file.reading();
    try {
      const pair = readPair(this.#files);
      if (pair.cert === this.#pair.cert && pair.key === this.#pair.key) return;
      this.#pair = pair;
      this.#renewed(pair);
    } catch (error) {
      this.#warn(`${errorText(error)}; the certificate in force stays`);
    }
  }

  close(): void {
    for (const file of this.#watched) file.close();
  }
}

function readPair(files: CertificateFiles): CertificatePair {
  const [cert, key] = [readPem(files.cert), readPem(files.key)];
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    throw errors.BAD_FILE(files.cert, `it and the key in ${files.key} cannot be used: ${errorText(error)}`, error);
  }
  return { cert, key };
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw errors.BAD_FILE(path, `cannot be read: ${errorText(error)}`, error);
  }
}
