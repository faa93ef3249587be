/** `3 s`, `12 min`, `5 h`, `3 d`. */
export function age(at: string, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(at)) / 1000));
  if (!Number.isFinite(seconds)) return '';
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`;
}

/** `14:03:07`, and the day before it where that is another one. */
export function clock(at: string, nowMs: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const isToday = date.toDateString() === new Date(nowMs).toDateString();
  return isToday ? time : `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
}

/** A digest or fingerprint that people tell apart by its beginning. */
export function shortDigest(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 10);
}

/** Controls and marks that change how a line reads are shown as what they are. */
export function visible(text: string): string {
  // Colours of terminals say nothing here.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what they are made of
  const plain = text.replace(/\u001b\[[\d;]*m/g, '');
  return plain.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (mark) => {
    return mark === '\t' ? mark : `\\u${(mark.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
}

export function count(value: number): string {
  if (value < 1000) return String(Math.round(value * 10) / 10);
  if (value < 1_000_000) return `${(value / 1000).toFixed(value < 10_000 ? 1 : 0)} k`;
  return `${(value / 1_000_000).toFixed(1)} M`;
}

/** `340 B`, `1.2 MB`. */
export function amount(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** power;
  return `${power > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[power]}`;
}
