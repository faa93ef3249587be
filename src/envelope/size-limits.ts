const mebi = 1024 * 1024;

/** The limits of the box that bound what is read at all (PROTOCOL.md section 7); `hello` tells them to clients. */
export const sizeLimits = Object.freeze({
  frameBytes: 4 * mebi,
  statementBytes: mebi,
  blobBytes: 4 * mebi,
  /** Sum over the files of one swarmlet. */
  swarmletBytes: 64 * mebi,
  files: 4096,
  signatures: 8,
});
