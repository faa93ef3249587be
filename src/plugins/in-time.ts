const patienceMs = 10_000;

/**
 * The same, but it rejects when it takes too long: nobody waits for ever for what somebody else wrote.
 * @param what  that it should have done, `loaded`
 */
export async function inTime<T>(work: Promise<T>, what: string, ms = patienceMs): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not ${what} within ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
