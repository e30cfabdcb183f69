// `constants`, and those of `os` and `fs`: the numbers of Linux under the names of POSIX.
(function (kit) {
  'use strict';

  const { create, freeze, ownKeys, split, indexOf, slice, toNumber } = kit.primordials;

  // `NAME=number` by spaces, as an object.
  const numbers = (text) => {
    const table = {};
    const all = split(text, ' ');
    for (let i = 0; i < all.length; i += 1) {
      const at = indexOf(all[i], '=');
      table[slice(all[i], 0, at)] = toNumber(slice(all[i], at + 1));
    }
    return freeze(table);
  };

  const errno = numbers('E2BIG=7 EACCES=13 EADDRINUSE=98 EADDRNOTAVAIL=99 EAFNOSUPPORT=97 EAGAIN=11 EALREADY=114 EBADF=9 EBADMSG=74'
    + ' EBUSY=16 ECANCELED=125 ECHILD=10 ECONNABORTED=103 ECONNREFUSED=111 ECONNRESET=104 EDEADLK=35 EDESTADDRREQ=89 EDOM=33'
    + ' EDQUOT=122 EEXIST=17 EFAULT=14 EFBIG=27 EHOSTUNREACH=113 EIDRM=43 EILSEQ=84 EINPROGRESS=115 EINTR=4 EINVAL=22 EIO=5'
    + ' EISCONN=106 EISDIR=21 ELOOP=40 EMFILE=24 EMLINK=31 EMSGSIZE=90 ENAMETOOLONG=36 ENETDOWN=100 ENETRESET=102 ENETUNREACH=101'
    + ' ENFILE=23 ENOBUFS=105 ENODATA=61 ENODEV=19 ENOENT=2 ENOEXEC=8 ENOLCK=37 ENOMEM=12 ENOMSG=42 ENOPROTOOPT=92 ENOSPC=28'
    + ' ENOSYS=38 ENOTCONN=107 ENOTDIR=20 ENOTEMPTY=39 ENOTSOCK=88 ENOTSUP=95 ENOTTY=25 ENXIO=6 EOPNOTSUPP=95 EOVERFLOW=75 EPERM=1'
    + ' EPIPE=32 EPROTO=71 EPROTONOSUPPORT=93 EPROTOTYPE=91 ERANGE=34 EROFS=30 ESPIPE=29 ESRCH=3 ESTALE=116 ETIMEDOUT=110'
    + ' ETXTBSY=26 EWOULDBLOCK=11 EXDEV=18');
  const signals = numbers('SIGHUP=1 SIGINT=2 SIGQUIT=3 SIGILL=4 SIGTRAP=5 SIGABRT=6 SIGIOT=6 SIGBUS=7 SIGFPE=8 SIGKILL=9 SIGUSR1=10'
    + ' SIGSEGV=11 SIGUSR2=12 SIGPIPE=13 SIGALRM=14 SIGTERM=15 SIGCHLD=17 SIGSTKFLT=16 SIGCONT=18 SIGSTOP=19 SIGTSTP=20 SIGTTIN=21'
    + ' SIGTTOU=22 SIGURG=23 SIGXCPU=24 SIGXFSZ=25 SIGVTALRM=26 SIGPROF=27 SIGWINCH=28 SIGIO=29 SIGPOLL=29 SIGPWR=30 SIGSYS=31');
  const priority = numbers('PRIORITY_LOW=19 PRIORITY_BELOW_NORMAL=10 PRIORITY_NORMAL=0 PRIORITY_ABOVE_NORMAL=-7 PRIORITY_HIGH=-14'
    + ' PRIORITY_HIGHEST=-20');
  const dlopen = numbers('RTLD_LAZY=1 RTLD_NOW=2 RTLD_GLOBAL=256 RTLD_LOCAL=0 RTLD_DEEPBIND=8');
  const files = numbers('UV_FS_SYMLINK_DIR=1 UV_FS_SYMLINK_JUNCTION=2 O_RDONLY=0 O_WRONLY=1 O_RDWR=2 UV_DIRENT_UNKNOWN=0'
    + ' UV_DIRENT_FILE=1 UV_DIRENT_DIR=2 UV_DIRENT_LINK=3 UV_DIRENT_FIFO=4 UV_DIRENT_SOCKET=5 UV_DIRENT_CHAR=6 UV_DIRENT_BLOCK=7'
    + ' S_IFMT=61440 S_IFREG=32768 S_IFDIR=16384 S_IFCHR=8192 S_IFBLK=24576 S_IFIFO=4096 S_IFLNK=40960 S_IFSOCK=49152 O_CREAT=64'
    + ' O_EXCL=128 UV_FS_O_FILEMAP=0 O_NOCTTY=256 O_TRUNC=512 O_APPEND=1024 O_DIRECTORY=65536 O_NOATIME=262144 O_NOFOLLOW=131072'
    + ' O_SYNC=1052672 O_DSYNC=4096 O_DIRECT=16384 O_NONBLOCK=2048 S_IRWXU=448 S_IRUSR=256 S_IWUSR=128 S_IXUSR=64 S_IRWXG=56'
    + ' S_IRGRP=32 S_IWGRP=16 S_IXGRP=8 S_IRWXO=7 S_IROTH=4 S_IWOTH=2 S_IXOTH=1 F_OK=0 R_OK=4 W_OK=2 X_OK=1 UV_FS_COPYFILE_EXCL=1'
    + ' COPYFILE_EXCL=1 UV_FS_COPYFILE_FICLONE=2 COPYFILE_FICLONE=2 UV_FS_COPYFILE_FICLONE_FORCE=4 COPYFILE_FICLONE_FORCE=4');

  // Old programs ask it for `hasOwnProperty`.
  const exports = {};
  const tables = [dlopen, errno, priority, signals, files];
  for (let t = 0; t < tables.length; t += 1) {
    const names = ownKeys(tables[t]);
    for (let i = 0; i < names.length; i += 1) exports[names[i]] = tables[t][names[i]];
  }

  // By number; of two names for one number the first.
  const errorNames = create(null);
  const names = ownKeys(errno);
  for (let i = 0; i < names.length; i += 1) {
    if (errorNames[errno[names[i]]] === undefined) errorNames[errno[names[i]]] = names[i];
  }

  return {
    __proto__: null, exports: freeze(exports), errno, errorNames, files,
    os: freeze({ UV_UDP_REUSEADDR: 4, dlopen, errno, signals, priority }),
  };
})
