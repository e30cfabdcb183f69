// `sqlite3`: databases on files in the plugin's data folder, or in memory, as the package of that name has them.
(function (kit, native) {
  'use strict';

  const { TypeError, apply, construct, isArray, parse, push, setPrototypeOf } = kit.primordials;
  const { whenSettled } = native;
  const { soon } = kit.use('modules/shared');
  const EventEmitter = kit.use('modules/events').exports;

  const OPEN_READONLY = 1;
  const OPEN_READWRITE = 2;
  const OPEN_CREATE = 4;

  const ask = (name, ...args) => {
    const call = ['databases.' + name, false];
    for (let i = 0; i < args.length; i += 1) push(call, args[i]);
    return apply(kit.callService, undefined, call);
  };

  // What stands behind the SQL: parameters, each by itself or all in one, and functions at the end.
  const taken = (args, from) => {
    const callbacks = [];
    const values = [];
    for (let i = from; i < args.length; i += 1) {
      if (typeof args[i] === 'function') push(callbacks, args[i]);
      else if (callbacks.length === 0) push(values, args[i]);
    }
    const only = values[0];
    if (values.length === 1 && only === undefined) values.length = 0;
    const isWhole = values.length === 1 && only !== null && typeof only === 'object'
      && (isArray(only) || native.className(only) === 'Object');
    return { __proto__: null, parameters: isWhole ? only : values, callbacks };
  };

  // The rows of an answer as objects.
  const rowsOf = ({ columns, rows, blobs }) => {
    const list = parse('[' + rows + ']');
    const { adopt } = blobs.length === 0 ? {} : kit.use('modules/buffer');
    for (let i = 0; i < list.length; i += 1) {
      const row = {};
      for (let k = 0; k < columns.length; k += 1) {
        const cell = list[i][k];
        row[columns[k]] = isArray(cell) ? adopt(blobs[cell[0]]) : cell;
      }
      list[i] = row;
    }
    return list;
  };

  class Database extends EventEmitter {
    #opened;
    #isOpen = false;

    constructor(filename, mode, callback) {
      super();
      if (typeof filename !== 'string') throw new TypeError('Argument 0 must be a string');
      const done = typeof mode === 'function' ? mode : callback;
      const bits = typeof mode === 'number' ? mode : OPEN_READWRITE | OPEN_CREATE;
      this.filename = filename;
      this.mode = bits;
      this.#opened = ask('open', filename, [(bits & OPEN_READONLY) === 0, (bits & OPEN_CREATE) !== 0]);
      native.handled(this.#opened);
      whenSettled(this.#opened, () => {
        this.#isOpen = true;
        soon(() => {
          if (typeof done === 'function') apply(done, this, [null]);
          this.emit('open');
        });
      }, (error) => this.#fail(error, done));
    }

    // An error goes to the callback, or to whoever listens.
    #fail(error, done) {
      soon(() => {
        if (typeof done === 'function') apply(done, this, [error]);
        else this.emit('error', error);
      });
    }

    // Does something once the database is open, in the order in which it was asked for.
    #ask(name, args, done, take) {
      const begin = (number) => {
        const all = [name, number];
        for (let i = 0; i < args.length; i += 1) push(all, args[i]);
        whenSettled(apply(ask, undefined, all), (value) => soon(() => take(value)), (error) => this.#fail(error, done));
      };
      whenSettled(this.#opened, begin, (error) => this.#fail(error, done));
      return this;
    }

    get open() {
      return this.#isOpen;
    }

    run(sql, ...args) {
      const { parameters, callbacks } = taken(args, 0);
      const done = callbacks[0];
      return this.#ask('run', [sql, parameters], done, ({ lastId, changes }) => {
        if (done !== undefined) apply(done, { sql, lastID: lastId, changes }, [null]);
      });
    }

    get(sql, ...args) {
      const { parameters, callbacks } = taken(args, 0);
      const done = callbacks[0];
      return this.#ask('query', [sql, parameters, 1], done, (answer) => {
        if (done !== undefined) apply(done, { sql }, [null, rowsOf(answer)[0]]);
      });
    }

    all(sql, ...args) {
      const { parameters, callbacks } = taken(args, 0);
      const done = callbacks[0];
      return this.#ask('query', [sql, parameters], done, (answer) => {
        if (done !== undefined) apply(done, { sql }, [null, rowsOf(answer)]);
      });
    }

    // Calls back for each row, and then with their number.
    each(sql, ...args) {
      const { parameters, callbacks } = taken(args, 0);
      const visit = callbacks[0];
      const done = callbacks[1];
      return this.#ask('query', [sql, parameters], done === undefined ? visit : done, (answer) => {
        const rows = rowsOf(answer);
        for (let i = 0; visit !== undefined && i < rows.length; i += 1) apply(visit, { sql }, [null, rows[i]]);
        if (done !== undefined) apply(done, { sql }, [null, rows.length]);
      });
    }

    exec(sql, done) {
      return this.#ask('execute', [sql], done, () => {
        if (typeof done === 'function') apply(done, this, [null]);
      });
    }

    close(done) {
      this.#ask('close', [], done, () => {
        this.#isOpen = false;
        if (typeof done === 'function') apply(done, this, [null]);
        this.emit('close');
      });
    }

    prepare(sql, ...args) {
      const { parameters, callbacks } = taken(args, 0);
      const statement = new Statement(this, sql, parameters);
      if (callbacks.length !== 0) soon(() => apply(callbacks[0], statement, [null]));
      return statement;
    }

    // Everything is done one after the other already.
    serialize(work) { if (typeof work === 'function') apply(work, this, []); }
    parallelize(work) { if (typeof work === 'function') apply(work, this, []); }
    configure() {}
    interrupt() {}
    wait(done) { return this.exec('', done); }

    loadExtension(path, done) {
      const error = kit.use('modules/errors').denied('sqlite3.loadExtension');
      if (typeof done !== 'function') throw error;
      this.#fail(error, done);
      return this;
    }
  }

  // A statement with its parameters. SQLite compiles it when it runs.
  class Statement extends EventEmitter {
    #database;
    #parameters;

    constructor(database, sql, parameters) {
      super();
      this.#database = database;
      this.sql = sql;
      this.#parameters = parameters;
    }

    #run(name, args) {
      const { parameters, callbacks } = taken(args, 0);
      if (!isArray(parameters) || parameters.length !== 0) this.#parameters = parameters;
      const all = [this.sql, this.#parameters];
      for (let i = 0; i < callbacks.length; i += 1) {
        const callback = callbacks[i];
        const statement = this;
        push(all, function (...values) {
          if (this !== null && typeof this === 'object' && this.lastID !== undefined) {
            statement.lastID = this.lastID;
            statement.changes = this.changes;
          }
          return apply(callback, statement, values);
        });
      }
      apply(this.#database[name], this.#database, all);
      return this;
    }

    bind(...args) {
      const { parameters, callbacks } = taken(args, 0);
      this.#parameters = parameters;
      if (callbacks.length !== 0) soon(() => apply(callbacks[0], this, [null]));
      return this;
    }

    run(...args) { return this.#run('run', args); }
    get(...args) { return this.#run('get', args); }
    all(...args) { return this.#run('all', args); }
    each(...args) { return this.#run('each', args); }

    reset(done) {
      if (typeof done === 'function') soon(() => apply(done, this, [null]));
      return this;
    }

    finalize(done) {
      if (typeof done === 'function') this.#database.wait(done);
      return this.#database;
    }
  }

  // Both can be called without `new`, as in the package.
  const callable = (Class) => {
    const made = function (...args) { return construct(Class, args); };
    made.prototype = Class.prototype;
    setPrototypeOf(made, Class);
    return made;
  };

  const exports = {
    Database: callable(Database),
    Statement: callable(Statement),
    OPEN_READONLY,
    OPEN_READWRITE,
    OPEN_CREATE,
    OPEN_FULLMUTEX: 0x10000,
    OPEN_URI: 0x40,
    OPEN_SHAREDCACHE: 0x20000,
    OPEN_PRIVATECACHE: 0x40000,
    VERSION: '3',
    verbose: () => exports,
  };
  exports.cached = { Database: exports.Database };

  return { __proto__: null, exports };
})
