const prefix = 'accessors.';

/** What this browser keeps for the visitor, if it keeps anything: in private windows it may refuse. */
export function kept(name: string): string | undefined {
  try {
    return localStorage.getItem(prefix + name) ?? undefined;
  } catch {
    return undefined; // storage is off: everything is as new
  }
}

/** @param value  undefined: forget it. @returns  false: this browser keeps nothing */
export function keep(name: string, value: string | undefined): boolean {
  try {
    if (value === undefined) localStorage.removeItem(prefix + name);
    else localStorage.setItem(prefix + name, value);
    return true;
  } catch {
    return false;
  }
}
