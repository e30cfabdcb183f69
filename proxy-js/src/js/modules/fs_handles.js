// Open files as `fs/promises` has them: `const file = await open(path)`.
(function (kit) {
  'use strict';

  const { FinalizationRegistry, Symbol, registerFinalizer } = kit.primordials;
  const { ask, runPromising } = kit.use('modules/fs_calls');
  const { failure, howOf, pathOf } = kit.use('modules/fs_values');
  const { ofOpen, readInto, readv, works, writeFrom, writev } = kit.use('modules/fs_works');

  // What nobody can close any more is closed: there are few open files.
  const lost = new FinalizationRegistry((fd) => {
    kit.use('modules/fs_calls').settle(runPromising(ofOpen.close, [fd]), () => {});
  });

  class FileHandle {
    #fd;

    constructor(fd) {
      this.#fd = fd;
      registerFinalizer(lost, this, fd, this);
    }

    // -1 once it is closed.
    get fd() {
      return this.#fd;
    }

    #run(work, args) {
      if (this.#fd < 0) return runPromising(closed, []);
      const all = [this.#fd];
      for (let i = 0; i < args.length; i += 1) all[i + 1] = args[i];
      return runPromising(work, all);
    }

    read(...args) { return this.#run(readInto, args); }
    readv(...args) { return this.#run(readv, args); }
    write(...args) { return this.#run(writeFrom, args); }
    writev(...args) { return this.#run(writev, args); }
    readFile(...args) { return this.#run(works.readFile, args); }
    writeFile(...args) { return this.#run(works.writeFile, args); }
    appendFile(...args) { return this.#run(works.appendFile, args); }
    stat(...args) { return this.#run(ofOpen.fstat, args); }
    truncate(...args) { return this.#run(ofOpen.ftruncate, args); }
    sync(...args) { return this.#run(ofOpen.fsync, args); }
    datasync(...args) { return this.#run(ofOpen.fsync, args); }
    chmod(...args) { return this.#run(ofOpen.fchmod, args); }
    chown(...args) { return this.#run(ofOpen.fchmod, args); }
    utimes(...args) { return this.#run(ofOpen.futimes, args); }

    async close() {
      const fd = this.#fd;
      if (fd < 0) return;
      this.#fd = -1;
      await runPromising(ofOpen.close, [fd]);
    }

    createReadStream(options) {
      return kit.use('modules/fs_streams').createReadStream(null, { ...options, fd: this });
    }

    createWriteStream(options) {
      return kit.use('modules/fs_streams').createWriteStream(null, { ...options, fd: this });
    }
  }
  if (Symbol.asyncDispose !== undefined) FileHandle.prototype[Symbol.asyncDispose] = FileHandle.prototype.close;

  function* closed() {
    throw failure('EBADF', -9, 'bad file descriptor', 'read');
  }

  function* open(path, flags) {
    return new FileHandle(yield ask('open', pathOf(path), howOf(flags, 'r')));
  }

  return { __proto__: null, FileHandle, open };
})
