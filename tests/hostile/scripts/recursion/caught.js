// ends: interrupted
// At the bottom of the stack it catches the error and goes down again.
function again() {
    try {
        again();
    } catch {
        again();
    }
}
export const run = () => again();
