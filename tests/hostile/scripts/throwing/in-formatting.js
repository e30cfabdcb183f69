// ends: interrupted, thrown Error
// Asking for its words loops.
export const run = () => {
    throw Object.defineProperty(new Error(), 'message', { get() { for (;;); } });
};
