// ends: thrown TypeError: ArrayBuffer is detached or resized
// A buffer is taken away while it is filled.
export const run = () => {
    const bytes = new Uint8Array(1_000);
    bytes.fill({ valueOf() { bytes.buffer.transfer(); return 1; } });
    return bytes.length;
};
