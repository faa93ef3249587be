/** Accessors that other hosts had and that need something which no longer exists: what that is, and what is nearest to them. */
const retired: Readonly<Record<string, { readonly missing: string; readonly instead: string }>> = {
  'contextAware/ContextAware': { missing: 'the sensor services that it chose from are gone', instead: 'net/REST' },
  'contextAware/ContextAwareTest': { missing: 'the sensor services that it chose from are gone', instead: 'net/REST' },
  'contextAware/FirebaseInterface': { missing: 'its database is gone', instead: 'net/REST' },
  'contextAware/GSNInterface': { missing: 'the GSN middleware is maintained no more', instead: 'net/REST' },
  'contextAware/GSNInterfaceTest': { missing: 'the GSN middleware is maintained no more', instead: 'net/REST' },
  'contextAware/ParaimpuInterface': { missing: 'the Paraimpu service is gone', instead: 'net/REST' },
  'devices/test/TestHue': { missing: 'an accessor that it contains is gone', instead: 'devices/Hue' },
  'net/VertxPublish': { missing: 'the event bus it spoke with has another protocol now', instead: 'net/MQTTPublisher' },
  'net/VertxSubscribe': { missing: 'the event bus it spoke with has another protocol now', instead: 'net/MQTTSubscriber' },
  'robotics/Scarab': { missing: 'its robot is gone', instead: 'robotics/RosPublisher' },
  'services/Heartbeat': { missing: 'the server it reported to is gone', instead: 'net/REST' },
  'services/NaturalLanguage': { missing: 'the language service it asked is gone', instead: 'net/REST' },
};

export const retiredClasses: readonly string[] = Object.keys(retired);

/** What to say of a class that is retired; undefined of any other. */
export function retirement(name: string): string | undefined {
  const known = Object.keys(retired).find((one) => name === one || name === `${one}.js` || name === `${one}.ts`);
  const { missing, instead } = (known !== undefined && retired[known]) || {};
  return missing && `Accessor ${known} is retired: ${missing}. The nearest that works is ${instead}`;
}
