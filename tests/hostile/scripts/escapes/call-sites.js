// ends: settles [["escapes-call-sites.js","undefined","function"]]
// The calls below it are looked through for something of ours.
export const run = () => {
    Error.prepareStackTrace = (_, sites) => sites;
    const seen = new Error().stack.map((site) => [site.getFileName(), typeof site.getThis?.(), typeof site.getFunction?.()]);
    delete Error.prepareStackTrace;
    return seen;
};
