/*
 * Loaded before a server whose memory is measured (`node --expose-gc --import`): it collects its garbage when it is told to, and gives back what it had
 * taken for garbage of a busier time, so that what is left is held.
 */
const collect: unknown = Reflect.get(globalThis, 'gc');
const fully = { type: 'major', execution: 'sync', flavor: 'last-resort' };
process.on('SIGUSR2', () => { if (typeof collect === 'function') for (let n = 0; n < 2; n += 1) Reflect.apply(collect, undefined, [fully]); });
