/** This host has no windows. The module is there so that accessors can be looked at; using it says what is missing. */
class ImageDisplay {
  constructor(name: unknown) {
    const elsewhere = 'Show images in a browser with utilities/UserInterface, whose input resources takes them.';
    throw new Error(`image-display: this host has no window to show ${String(name)} in. ${elsewhere}`);
  }
}

export function create(): unknown {
  return { ImageDisplay };
}
