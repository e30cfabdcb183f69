//! Objects by reference, of plugins that want more than a reference.

use crate::stage::play;
use expect_test::expect;

#[tokio::test]
async fn instances_of_strange_classes() {
    let rows = [
        "app.describe(new (class A { m() {} })())",
        "app.ask(new (class A { m(given) { return `m ${given}` } })(), 'm')",
        "app.read(new (class A { get a() { return 'got' } })(), 'a')",
        "app.read(new (class A { a = 'own' })(), 'a')",
        "app.ask(new (class A { m() { boom() } })(), 'm')",
        "app.read(new (class A { get a() { boom() } })(), 'a')",
        "app.ask(new (class A { m() {} })(), 'other')",
        "app.ask(new (class A { _m() {} })(), '_m')",
        "app.ask(new (class A { #m() {} m() {} })(), '#m')",
        "app.ask(new (class A {})(), 'constructor')",
        "app.ask(new (class A {})(), '__proto__')",
        "app.read(new (class A {})(), '__proto__')",
        "app.ask(new (class A {})(), 'hasOwnProperty')",
        "app.ask(new (class A {})(), '__defineGetter__')",
        "app.ask(new (class A { toString() { return 'own' } })(), 'toString')",
        "app.ask(new (class A { then(done) { done('thenable') } })(), 'then')",
        "app.describe(new (class A { then(done) { done('thenable') } })())",
        "app.echo([new (class A { then(done) { done('thenable') } })()])",
        "app.ask(new (class A { then() {} m() { return 1 } })(), 'm')",
        "app.ask(new (class A { m() { return this } })(), 'm')",
        "app.ask(new (class A { m() { return { deep: this } } })(), 'm')",
        "app.ask(new (class A { m() { delete A.prototype.m; return 'once' } })(), 'm')",
        "const a = new (class A { m() {} })(); a.m = () => 'replaced'; return app.ask(a, 'm')",
        "const a = new (class A { m() { return 'was there' } })(); const asked = app.ask(a, 'm'); Object.getPrototypeOf(a).m = boom; return asked",
        "app.ask(new (class A { [Symbol.iterator]() {} 'a b'() { return 'a b' } })(), 'a b')",
        "app.ask(new (class A { ''() { return 'empty' } })(), '')",
        "app.ask(new (class A { ['m'.repeat(2000)]() {} })(), 'm'.repeat(2000))",
        "class A {} for (let i = 0; i < 1000; i++) A.prototype[`m${i}`] = () => i; return app.ask(new A(), 'm999')",
        "class A {} for (let i = 0; i < 1000; i++) A.prototype[`m${i}`] = () => i; return app.ask(new A(), 'm7')",
        "let A = class { m() { return 'deep' } }; for (let i = 0; i < 1000; i++) A = class extends A {}; return app.ask(new A(), 'm')",
        "let p = { m() { return 'deep' } }; for (let i = 0; i < 10_000; i++) p = Object.create(p); return app.describe(p)",
        "class A { static get name() { boom() } } return app.describe(new A())",
        "class A { static name = 7 } return app.describe(new A())",
        "class A { static name = 'n'.repeat(5000) } return app.describe(new A())",
        "class A { static name = 'with \\u001b[31m and\\nlines' } return app.echo(new A())",
        "class A {} Object.defineProperty(A.prototype, 'constructor', { get: boom }); return app.describe(new A())",
        "class A { get [Symbol.toStringTag]() { boom() } } return app.describe(new A())",
        "const a = Object.create(new Proxy({}, { ownKeys: boom, get: boom, getPrototypeOf: boom })); return app.describe(a)",
        "const a = Object.create(new Proxy({}, { ownKeys: () => ['ghost'] })); return app.describe(a)",
        "const a = Object.create(new Proxy({}, { getPrototypeOf: () => a })); return app.describe(a)",
        "const a = new Proxy(new (class A { m() { return 1 } })(), { get: boom }); return app.ask(a, 'm')",
        "const a = new Proxy(new (class A { m() { return 1 } })(), {}); return app.ask(a, 'm')",
        "class A { m() { return 1 } } return app.describe(Array.from({ length: 100 }, () => new A())).then((text) => text.length)",
        "class A { m() { return 1 } } const a = new A(); return app.describe([a, a]).then(() => app.ask(a, 'm'))",
        "class A extends Function { m() { return 1 } } return app.describe(new A())",
        "class A extends Promise { m() { return 1 } } return app.describe([new A(() => {})])",
        "class A { dispose() { boom() } } return app.ask(new A(), 'dispose')",
        "throw new (class A { m() {} })()",
    ];
    expect![[r##"
        app.describe(new (class A { m() {} })()) -> "{\"$object\":true}"
        app.ask(new (class A { m(given) { return `m ${given}` } })(), 'm') -> "m 1"
        app.read(new (class A { get a() { return 'got' } })(), 'a') -> "got"
        app.read(new (class A { a = 'own' })(), 'a') -> "own"
        app.ask(new (class A { m() { boom() } })(), 'm') -> Error: boom
        app.read(new (class A { get a() { boom() } })(), 'a') -> Error: boom
        app.ask(new (class A { m() {} })(), 'other') -> TypeError: A has no method "other"
        app.ask(new (class A { _m() {} })(), '_m') -> TypeError: A has no method "_m"
        app.ask(new (class A { #m() {} m() {} })(), '#m') -> TypeError: A has no method "#m"
        app.ask(new (class A {})(), 'constructor') -> TypeError: A has no method "constructor"
        app.ask(new (class A {})(), '__proto__') -> TypeError: A has no method "__proto__"
        app.read(new (class A {})(), '__proto__') -> TypeError: A has no accessor "__proto__"
        app.ask(new (class A {})(), 'hasOwnProperty') -> TypeError: A has no method "hasOwnProperty"
        app.ask(new (class A {})(), '__defineGetter__') -> TypeError: A has no method "__defineGetter__"
        app.ask(new (class A { toString() { return 'own' } })(), 'toString') -> "own"
        app.ask(new (class A { then(done) { done('thenable') } })(), 'then') -> TypeError: A has no method "then"
        app.describe(new (class A { then(done) { done('thenable') } })()) -> "{\"$object\":true}"
        app.echo([new (class A { then(done) { done('thenable') } })()]) -> [{"$object":true}]
        app.ask(new (class A { then() {} m() { return 1 } })(), 'm') -> 1
        app.ask(new (class A { m() { return this } })(), 'm') -> {"$object":true}
        app.ask(new (class A { m() { return { deep: this } } })(), 'm') -> {"deep":{"$object":true}}
        app.ask(new (class A { m() { delete A.prototype.m; return 'once' } })(), 'm') -> "once"
        const a = new (class A { m() {} })(); a.m = () => 'replaced'; return app.ask(a, 'm') -> "replaced"
        const a = new (class A { m() { return 'was there' } })(); const asked = app.ask(a, 'm'); Object.getPrototypeOf(a).m = boom; return asked -> Error: boom
        app.ask(new (class A { [Symbol.iterator]() {} 'a b'() { return 'a b' } })(), 'a b') -> "a b"
        app.ask(new (class A { ''() { return 'empty' } })(), '') -> TypeError: A has no method ""
        app.ask(new (class A { ['m'.repeat(2000)]() {} })(), 'm'.repeat(2000)) -> Error: the arguments cannot be sent: a name of 2000 bytes
        class A {} for (let i = 0; i < 1000; i++) A.prototype[`m${i}`] = () => i; return app.ask(new A(), 'm999') -> 999
        class A {} for (let i = 0; i < 1000; i++) A.prototype[`m${i}`] = () => i; return app.ask(new A(), 'm7') -> 7
        let A = class { m() { return 'deep' } }; for (let i = 0; i < 1000; i++) A = class extends A {}; return app.ask(new A(), 'm') -> RangeError: Maximum call stack size exceeded
        let p = { m() { return 'deep' } }; for (let i = 0; i < 10_000; i++) p = Object.create(p); return app.describe(p) -> "{\"$object\":true}"
        class A { static get name() { boom() } } return app.describe(new A()) -> "{\"$object\":true}"
        class A { static name = 7 } return app.describe(new A()) -> "{\"$object\":true}"
        class A { static name = 'n'.repeat(5000) } return app.describe(new A()) -> "{\"$object\":true}"
        class A { static name = 'with \u001b[31m and\nlines' } return app.echo(new A()) -> {"$object":true}
        class A {} Object.defineProperty(A.prototype, 'constructor', { get: boom }); return app.describe(new A()) -> "{\"$object\":true}"
        class A { get [Symbol.toStringTag]() { boom() } } return app.describe(new A()) -> "{\"$object\":true}"
        const a = Object.create(new Proxy({}, { ownKeys: boom, get: boom, getPrototypeOf: boom })); return app.describe(a) -> Error: boom
        const a = Object.create(new Proxy({}, { ownKeys: () => ['ghost'] })); return app.describe(a) -> "{\"$object\":true}"
        const a = Object.create(new Proxy({}, { getPrototypeOf: () => a })); return app.describe(a) -> "{\"$object\":true}"
        const a = new Proxy(new (class A { m() { return 1 } })(), { get: boom }); return app.ask(a, 'm') -> 1
        const a = new Proxy(new (class A { m() { return 1 } })(), {}); return app.ask(a, 'm') -> 1
        class A { m() { return 1 } } return app.describe(Array.from({ length: 100 }, () => new A())).then((text) => text.length) -> 1701
        class A { m() { return 1 } } const a = new A(); return app.describe([a, a]).then(() => app.ask(a, 'm')) -> 1
        class A extends Function { m() { return 1 } } return app.describe(new A()) -> "{\"$function\":true}"
        class A extends Promise { m() { return 1 } } return app.describe([new A(() => {})]) -> TypeError: cannot send arguments[0][0]: a promise has no copy: await it first
        class A { dispose() { boom() } } return app.ask(new A(), 'dispose') -> Error: boom
        throw new (class A { m() {} })() -> Error: thrown: A {}
    "##]].assert_eq(&play(&rows).await);
}

#[tokio::test]
async fn objects_of_the_application() {
    let rows = [
        "const c = await app.counter(); return [await c.add(1), await c.count]",
        "const c = await app.counter(); return [typeof c, c.constructor.name, Object.isFrozen(c), c instanceof Object]",
        "const c = await app.counter(); return c.add === c.add",
        "const c = await app.counter(); const { add } = c; return add(1)",
        "const c = await app.counter(); return c.add.call({ add: boom }, 1)",
        "const c = await app.counter(); return c.add.apply(new Proxy({}, { get: boom }), [1])",
        "const c = await app.counter(); return attempt(() => new c.add(1))",
        "const c = await app.counter(); return attempt(() => new c.constructor())",
        "const c = await app.counter(); return attempt(() => { c.add = boom; return c.add(1) })",
        "const c = await app.counter(); return attempt(() => { c.count = 9; return c.count })",
        "const c = await app.counter(); return attempt(() => { c.more = 1; return c.more })",
        "const c = await app.counter(); return attempt(() => { Object.defineProperty(c, 'add', { value: boom }); return c.add(1) })",
        "const c = await app.counter(); return attempt(() => { Object.setPrototypeOf(c, null); return 'done' })",
        "const c = await app.counter(); return attempt(() => { Object.getPrototypeOf(c).add = boom; return c.add(1) })",
        "const c = await app.counter(); return attempt(() => { delete c.add; return typeof c.add })",
        "const c = await app.counter(); return attempt(() => c.nothing())",
        "const c = await app.counter(); return attempt(() => c.add('text'))",
        "const c = await app.counter(); return attempt(() => c.add(Symbol('s')))",
        "const c = await app.counter(); return attempt(() => c.toString(1))",
        "const c = await app.counter(); return attempt(() => `${c}`)",
        "const c = await app.counter(); return attempt(() => JSON.stringify(c))",
        "const c = await app.counter(); return attempt(() => structuredClone(c))",
        "const c = await app.counter(); return attempt(() => ({ ...c }))",
        "const c = await app.counter(); return (await app.echo(c), 'sent back')",
        "const c = await app.counter(); return app.describe({ c, again: [c] })",
        "const c = await app.counter(); return app.describe(Object.create(c))",
        "const c = await app.counter(); return app.describe(new Proxy(c, {}))",
        "const c = await app.counter(); return attempt(() => app.ask(c, 'add'))",
        "const c = await app.counter(); return attempt(() => Object.create(c).count)",
        "const c = await app.counter(); return attempt(() => Reflect.get(c, 'count', {}))",
        "const c = await app.counter(); return attempt(() => Object.getOwnPropertyDescriptor(Object.getPrototypeOf(c), 'count')?.get.call({}))",
        "const f = await app.adder(); return [await f(1), f.name, f.length, typeof f.prototype]",
        "const f = await app.adder(); return [f.call(null, 1), f.apply({}, [1]), f.bind(null, 1)()].length",
        "const f = await app.adder(); return attempt(() => new f(1))",
        "const f = await app.adder(); return attempt(() => { f.add = 1; return f.add })",
        "const f = await app.adder(); return attempt(() => { f.__proto__ = null; return f(1) })",
        "const f = await app.adder(); return app.describe([f, { f }])",
        "const f = await app.adder(); return app.call(f, 1)",
        "const f = await app.adder(); return app.call(new Proxy(f, {}), 1)",
        "const f = await app.adder(); return (await app.echo({ then: f }), 'then is only a key')",
    ];
    expect![[r#"
        const c = await app.counter(); return [await c.add(1), await c.count] -> [8,7]
        const c = await app.counter(); return [typeof c, c.constructor.name, Object.isFrozen(c), c instanceof Object] -> ["object","Counter",true,true]
        const c = await app.counter(); return c.add === c.add -> true
        const c = await app.counter(); const { add } = c; return add(1) -> TypeError: add belongs to an object of the host, and was used without it
        const c = await app.counter(); return c.add.call({ add: boom }, 1) -> TypeError: add belongs to an object of the host, and was used without it
        const c = await app.counter(); return c.add.apply(new Proxy({}, { get: boom }), [1]) -> TypeError: add belongs to an object of the host, and was used without it
        const c = await app.counter(); return attempt(() => new c.add(1)) -> "TypeError: not a constructor"
        const c = await app.counter(); return attempt(() => new c.constructor()) -> "TypeError: Counter is a class of the host, which alone makes objects of it"
        const c = await app.counter(); return attempt(() => { c.add = boom; return c.add(1) }) -> "TypeError: 'add' is read-only"
        const c = await app.counter(); return attempt(() => { c.count = 9; return c.count }) -> "TypeError: cannot assign to Counter.count: it is an object of the host"
        const c = await app.counter(); return attempt(() => { c.more = 1; return c.more }) -> "TypeError: cannot assign to Counter.more: it is an object of the host"
        const c = await app.counter(); return attempt(() => { Object.defineProperty(c, 'add', { value: boom }); return c.add(1) }) -> "TypeError: object is not extensible"
        const c = await app.counter(); return attempt(() => { Object.setPrototypeOf(c, null); return 'done' }) -> "TypeError: object is not extensible"
        const c = await app.counter(); return attempt(() => { Object.getPrototypeOf(c).add = boom; return c.add(1) }) -> "TypeError: 'add' is read-only"
        const c = await app.counter(); return attempt(() => { delete c.add; return typeof c.add }) -> "function"
        const c = await app.counter(); return attempt(() => c.nothing()) -> "TypeError: not a function (Counter.nothing does not exist; did you mean Counter.toString?)"
        const c = await app.counter(); return attempt(() => c.add('text')) -> "TypeError: Counter.add: argument 1: expected a whole number (u32), found the string \"text\""
        const c = await app.counter(); return attempt(() => c.add(Symbol('s'))) -> "TypeError: cannot send arguments[0]: a symbol has no copy"
        const c = await app.counter(); return attempt(() => c.toString(1)) -> 8
        const c = await app.counter(); return attempt(() => `${c}`) -> "TypeError: toPrimitive"; uncaught: TypeError: Counter.toString: argument 1: missing
        const c = await app.counter(); return attempt(() => JSON.stringify(c)) -> "{}"
        const c = await app.counter(); return attempt(() => structuredClone(c)) -> "DataCloneError: an instance of Counter could not be cloned"
        const c = await app.counter(); return attempt(() => ({ ...c })) -> {}
        const c = await app.counter(); return (await app.echo(c), 'sent back') -> "sent back"
        const c = await app.counter(); return app.describe({ c, again: [c] }) -> "{\"again\":[{\"$home\":true}],\"c\":{\"$home\":true}}"
        const c = await app.counter(); return app.describe(Object.create(c)) -> "{\"$object\":true}"
        const c = await app.counter(); return app.describe(new Proxy(c, {})) -> "{\"$object\":true}"
        const c = await app.counter(); return attempt(() => app.ask(c, 'add')) -> "TypeError: ask: argument 1: expected an instance of a class (no plain object), found an object of the application"
        const c = await app.counter(); return attempt(() => Object.create(c).count) -> "TypeError: count belongs to an object of the host, and was used without it"
        const c = await app.counter(); return attempt(() => Reflect.get(c, 'count', {})) -> "TypeError: count belongs to an object of the host, and was used without it"
        const c = await app.counter(); return attempt(() => Object.getOwnPropertyDescriptor(Object.getPrototypeOf(c), 'count')?.get.call({})) -> "TypeError: count belongs to an object of the host, and was used without it"
        const f = await app.adder(); return [await f(1), f.name, f.length, typeof f.prototype] -> [8,"hostFunction",0,"undefined"]
        const f = await app.adder(); return [f.call(null, 1), f.apply({}, [1]), f.bind(null, 1)()].length -> 3
        const f = await app.adder(); return attempt(() => new f(1)) -> "TypeError: not a constructor"
        const f = await app.adder(); return attempt(() => { f.add = 1; return f.add }) -> "TypeError: object is not extensible"
        const f = await app.adder(); return attempt(() => { f.__proto__ = null; return f(1) }) -> "TypeError: object is not extensible"
        const f = await app.adder(); return app.describe([f, { f }]) -> "[{\"$home\":true},{\"f\":{\"$home\":true}}]"
        const f = await app.adder(); return app.call(f, 1) -> TypeError: call: argument 1: expected a function of a plugin, found a function of the application
        const f = await app.adder(); return app.call(new Proxy(f, {}), 1) -> 8
        const f = await app.adder(); return (await app.echo({ then: f }), 'then is only a key') -> "then is only a key"
    "#]].assert_eq(&play(&rows).await);
}
