/* plughold: { "name": "Clock", "version": "1.0.0", "description": "Ticks three times: timers, start and end" } */

let ticks = 0;
let timer;

// Called once when the plugin starts.
export function activate() {
  timer = setInterval(() => {
    ticks += 1;
    console.log(`tick ${ticks}`);
    if (ticks === 3) clearInterval(timer);
  }, 1000);
}

// Called once when the plugin is asked to stop. It has two seconds.
export function deactivate() {
  clearInterval(timer);
  console.log(`stopped after ${ticks} ticks`);
}
