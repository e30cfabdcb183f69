/* plughold: {
  // All of this is optional. Without it the plugin's id is the file's name.
  "id": "hello",
  "name": "Hello",
  "version": "1.0.0",
  "description": "Adds one command: the smallest plugin that does something"
} */

// Everything that the application offers is below `app`, and everything gives a promise.
// Try it: plughold exec --dir examples/plugins hello.greet '"Ann"'
app.commands.register({
  name: 'hello.greet',
  label: 'Greet somebody',
  execute: (name = 'world') => {
    console.log('greeting', name);
    return `Hello ${name}!`;
  },
});

// What you log is shown with the file and line that logged it.
console.log('my top level has run');
