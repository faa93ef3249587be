/** The text of an error of the system, also of one for each address that was tried, which has none of its own. */
export function problem(error: Error): string {
  if (error instanceof AggregateError) return [...new Set(error.errors.map((one: Error) => problem(one)))].join(', ');
  return error.message || (error as NodeJS.ErrnoException).code || error.name;
}
