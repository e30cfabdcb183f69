// ends: thrown Error: as it is
// How many calls are noted is asked of the plugin, which loops.
Object.defineProperty(Error, 'stackTraceLimit', { get: () => { for (;;); } });
export const run = () => {
    throw new Error('as it is');
};
