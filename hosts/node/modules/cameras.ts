/** This host reaches no cameras of its machine. The module is there so that accessors can be looked at. */
class Camera {
  constructor(name: unknown) {
    const elsewhere = 'One with a network address can be read with cameras/Foscam or net/REST.';
    throw new Error(`cameras: this host has no driver for the camera ${String(name)}. ${elsewhere}`);
  }
}

export function create(): unknown {
  return { Camera, cameras: () => [], defaultCamera: () => null };
}
