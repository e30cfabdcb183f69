//! Files of plugins: `fs`, `fs/promises` and `fs-extra` on the data folder, the package and the machine.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use plughold::{Api, Grant, Plugin};
use plughold_tests::{TestHost, eventually, patiently};
use std::path::PathBuf;

/// A host that gives plugins a place for data beside their packages.
fn host() -> (TestHost, tempfile::TempDir) {
    let data = tempfile::tempdir().unwrap();
    let path = data.path().join("data");
    (TestHost::built(Api::new(()), |builder| builder.data(path)), data)
}

async fn text(plugin: &Plugin, export: &str) -> String {
    let called = patiently(export, plugin.call::<_, String>(export, ())).await;
    called.unwrap_or_else(|error| format!("{error:?}"))
}

/// Runs scripts that give `ok` or what is wrong.
async fn check(name: &str, source: &str) {
    let (mut host, _data) = host();
    let lib = [("main.js", source), ("lib/words.txt", "one two\n"), ("lib/more/a.json", "{\"a\":1}")];
    let package = host.package(name, &lib);
    let plugin = host.load_package(package).await.unwrap();
    assert_eq!(text(&plugin, "go").await, "ok");
    host.finish().await;
}

const TOOLS: &str = "
const assert = (is, words) => { if (!is) throw new Error(words || 'not so'); };
const same = (found, expected) => {
  const [one, other] = [JSON.stringify(found), JSON.stringify(expected)];
  if (one !== other) throw new Error(`expected ${other}, found ${one}`);
};
const fails = (work, expected) => {
  try { work(); } catch (error) { return same([error.code, error.message], expected); }
  throw new Error(`expected ${expected[0]}`);
};
const rejects = async (work, expected) => {
  try { await work(); } catch (error) { return same([error.code, error.message], expected); }
  throw new Error(`expected ${expected[0]}`);
};
";

#[tokio::test(flavor = "multi_thread")]
async fn files_by_calls_that_wait() {
    let source = "
const fs = require('fs');
exports.go = () => {
  fs.writeFileSync('a.txt', 'héllo');
  same(fs.readFileSync('/plugin-data/a.txt', 'utf8'), 'héllo');
  const bytes = fs.readFileSync('a.txt');
  assert(Buffer.isBuffer(bytes) && bytes.length === 6);
  fs.appendFileSync('a.txt', Buffer.from(' world'));
  same(fs.readFileSync('a.txt', { encoding: 'utf8' }), 'héllo world');
  same(fs.readFileSync(__dirname + 'lib/words.txt', 'utf8'), 'one two\\n');
  same(fs.readdirSync('/'), ['lib', 'main.js', 'plughold.json', 'plugin-data']);
  same(fs.readdirSync('/lib', { recursive: true }), ['more', 'words.txt', 'more/a.json']);
  const stats = fs.statSync('a.txt');
  assert(stats.isFile() && !stats.isDirectory() && stats.size === 12 && stats.mtime instanceof Date && 1e12 < stats.mtimeMs);
  assert(fs.statSync('/lib').isDirectory() && fs.statSync('/lib/words.txt').size === 8);
  same(fs.statSync('none', { throwIfNoEntry: false }), undefined);
  assert(fs.existsSync('a.txt') && !fs.existsSync('b.txt') && fs.existsSync('/main.js') && !fs.existsSync('/etc/passwd'));
  same(fs.mkdirSync('x/y/z', { recursive: true }), '/plugin-data/x');
  same(fs.mkdirSync('x/y/z', { recursive: true }), undefined);
  const entries = fs.readdirSync('.', { withFileTypes: true }).map((each) => [each.name, each.isDirectory(), each.parentPath]);
  same(entries, [['a.txt', false, '.'], ['tmp', true, '.'], ['x', true, '.']]);
  fs.renameSync('a.txt', 'x/b.txt');
  fs.copyFileSync('x/b.txt', 'c.txt');
  fails(() => fs.copyFileSync('x/b.txt', 'c.txt', fs.constants.COPYFILE_EXCL), ['EEXIST', \"EEXIST: file already exists, copyfile 'x/b.txt' -> 'c.txt'\"]);
  fs.accessSync('c.txt', fs.constants.W_OK);
  fails(() => fs.accessSync('/main.js', fs.constants.W_OK), ['EROFS', \"EROFS: read-only file system, access '/main.js'\"]);
  fs.unlinkSync('c.txt');
  fails(() => fs.unlinkSync('c.txt'), ['ENOENT', \"ENOENT: no such file or directory, unlink 'c.txt'\"]);
  fails(() => fs.rmdirSync('x'), ['ENOTEMPTY', \"ENOTEMPTY: directory not empty, rmdir 'x'\"]);
  fails(() => fs.rmSync('x'), ['ERR_FS_EISDIR', 'Path is a directory: rm returned EISDIR (is a directory) x']);
  fs.cpSync('x', 'copied', { recursive: true });
  same(fs.readdirSync('copied'), ['b.txt', 'y']);
  fs.rmSync('x', { recursive: true });
  fs.rmSync('x', { recursive: true, force: true });
  const made = fs.mkdtempSync(require('os').tmpdir() + '/made-');
  assert(/^\\/plugin-data\\/tmp\\/made-[a-z0-9]{6}$/.test(made), made);
  fails(() => fs.readFileSync('none'), ['ENOENT', \"ENOENT: no such file or directory, open 'none'\"]);
  try { fs.readFileSync('none'); } catch (error) {
    same([error.name, error.errno, error.syscall, error.path], ['Error', -2, 'open', 'none']);
    assert(error instanceof Error && error.stack.includes('main.js'), error.stack);
  }
  fails(() => fs.readFileSync('a\\0b'), ['ERR_INVALID_ARG_VALUE', \"The argument 'path' must be a string, Uint8Array, or URL without null bytes. Received 'a\\\\x00b'\"]);
  fails(() => fs.writeFileSync('a', 1), ['ERR_INVALID_ARG_TYPE', 'The \"data\" argument must be of type string or an instance of Buffer, TypedArray, or DataView. Received type number (1)']);
  fails(() => fs.symlinkSync('a', 'b'), ['EPERM', \"EPERM: operation not permitted, symlink 'a' -> 'b'\"]);
  fs.utimesSync('copied', 1, 2);
  same(fs.statSync('copied').mtimeMs, 2000);
  fs.truncateSync('copied/b.txt', 3);
  same(fs.readFileSync('copied/b.txt', 'latin1'), 'h\\u00c3\\u00a9');
  return 'ok';
};
";
    check("sync", &format!("{TOOLS}{source}")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn open_files_promises_callbacks_and_streams() {
    let source = "
const fs = require('node:fs');
const promises = require('fs/promises');
const called = (work, ...args) => new Promise((fulfil, reject) => {
  work(...args, (error, ...values) => (error ? reject(error) : fulfil(values)));
});
exports.go = async () => {
  assert(fs.promises === promises);
  const fd = fs.openSync('a', 'w+');
  same(fs.writeSync(fd, 'one two'), 7);
  same(fs.writeSync(fd, Buffer.from('TWO!'), 0, 3, 4), 3);
  const buffer = Buffer.alloc(10);
  same(fs.readSync(fd, buffer, 2, 8, 0), 7);
  same(buffer.toString('latin1', 2, 9), 'one TWO');
  same(fs.fstatSync(fd).size, 7);
  fs.ftruncateSync(fd, 3);
  same(fs.readFileSync('a', 'utf8'), 'one');
  fs.closeSync(fd);
  fails(() => fs.closeSync(fd), ['EBADF', 'EBADF: bad file descriptor, close']);

  await promises.writeFile('b', 'text');
  same(await promises.readFile('b', 'utf8'), 'text');
  await rejects(() => promises.readFile('none'), ['ENOENT', \"ENOENT: no such file or directory, open 'none'\"]);
  await rejects(() => promises.readFile(1.5), ['ERR_OUT_OF_RANGE', 'The value of \"fd\" is out of range. It must be >= 0 && <= 2147483647. Received 1.5']);
  const handle = await promises.open('b', 'r+');
  same((await handle.read(Buffer.alloc(4), 0, 4, 0)).bytesRead, 4);
  await handle.write('more', 4);
  same(await handle.readFile('utf8'), 'textmore');
  same((await handle.stat()).size, 8);
  await handle.close();
  await rejects(() => handle.stat(), ['EBADF', 'EBADF: bad file descriptor, read']);

  same(await called(fs.readFile, 'b', 'utf8'), ['textmore']);
  same(await called(fs.mkdir, 'folder'), []);
  same(await called(fs.readdir, 'folder'), [[]]);
  same(await new Promise((fulfil) => { fs.exists('b', fulfil); }), true);
  await rejects(() => called(fs.stat, 'none'), ['ENOENT', \"ENOENT: no such file or directory, stat 'none'\"]);
  fails(() => fs.readFile('b'), ['ERR_INVALID_ARG_TYPE', 'The \"cb\" argument must be of type function. Received type string (\\'b\\')']);
  const reading = fs.openSync('b');
  const [bytesRead, filled] = await called(fs.read, reading, Buffer.alloc(4), 0, 4, null);
  same([bytesRead, filled.toString()], [4, 'text']);
  await called(fs.close, reading);

  const writing = fs.createWriteStream('large');
  const piece = 'x'.repeat(99999) + '\\n';
  for (let i = 0; i < 20; i += 1) if (!writing.write(piece)) await new Promise((fulfil) => writing.once('drain', fulfil));
  await new Promise((fulfil, reject) => { writing.on('error', reject); writing.end('end', fulfil); });
  same(fs.statSync('large').size, 2000003);
  let length = 0;
  for await (const chunk of fs.createReadStream('large')) length += chunk.length;
  same(length, 2000003);
  const part = [];
  for await (const chunk of fs.createReadStream('large', { start: 1999999, end: 2000001, encoding: 'utf8' })) part.push(chunk);
  same(part.join(''), '\\nen');
  const error = await new Promise((fulfil) => { fs.createReadStream('none').on('error', fulfil); });
  same(error.code, 'ENOENT');
  return 'ok';
};
";
    check("open", &format!("{TOOLS}{source}")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fs_extra_adds() {
    let source = "
const fs = require('fs-extra');
exports.go = async () => {
  await fs.ensureDir('a/b');
  await fs.outputJson('a/b/c/d.json', { x: 1 }, { spaces: 2 });
  same(fs.readFileSync('a/b/c/d.json', 'utf8'), '{\\n  \"x\": 1\\n}\\n');
  same(await fs.readJson('a/b/c/d.json'), { x: 1 });
  same(fs.readJsonSync('/lib/more/a.json'), { a: 1 });
  await fs.copy('a', 'copy');
  same(fs.readJsonSync('copy/b/c/d.json'), { x: 1 });
  await fs.copy('/lib', 'library', { filter: (from) => !from.endsWith('.json') });
  same(fs.readdirSync('library', { recursive: true }), ['more', 'words.txt']);
  await rejects(() => fs.copy('a', 'a/b/e'), [undefined, \"Cannot copy 'a' to a subdirectory of itself, 'a/b/e'.\"]);
  await fs.move('copy', 'moved/here');
  same([await fs.pathExists('copy'), fs.pathExistsSync('moved/here/b')], [false, true]);
  await rejects(() => fs.move('a', 'moved/here'), [undefined, 'dest already exists.']);
  await fs.move('a', 'moved/here', { overwrite: true });
  await fs.emptyDir('moved');
  same(fs.readdirSync('moved'), []);
  fs.writeJsonSync('e.json', [1]);
  await fs.outputFile('f/g.txt', 'text');
  same(await fs.readFile('f/g.txt', 'utf8'), 'text');
  same(await new Promise((fulfil) => { fs.readFile('f/g.txt', 'utf8', (error, read) => fulfil([error, read])); }), [null, 'text']);
  await fs.remove('f');
  await fs.remove('f');
  fs.ensureFileSync('h/i');
  await rejects(() => fs.readJson('h/i'), [undefined, 'h/i: Unexpected end of JSON input']);
  same(await fs.readJson('h/i', { throws: false }), null);
  same(fs.readdirSync('.'), ['e.json', 'h', 'library', 'moved', 'tmp']);
  return 'ok';
};
";
    check("extra", &format!("{TOOLS}{source}")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn imported_by_a_module_and_read_from_an_archive() {
    let (mut host, _data) = host();
    let source = "
import fs, { readFileSync } from 'node:fs';
import { readFile } from 'fs/promises';
export const go = async () => [
  readFileSync('/plughold.json', 'utf8').length > 10,
  (await readFile('/lib/words.txt', 'utf8')),
  fs.readdirSync('/lib').join(),
  fs.statSync('/lib/words.txt').size,
].join(' ');
";
    let folder = host.package("archived", &[("main.mjs", source), ("lib/words.txt", "words")]);
    let manifest = r#"{ "id": "archived", "name": "a", "version": "1.0.0", "main": "main.mjs" }"#;
    host.write("archived/plughold.json", manifest);
    drop(folder);
    let folder = plughold::Package::open(host.folder().join("archived")).unwrap();
    let archive = host.write("archived.plug", folder.pack().unwrap());
    let package = plughold::Package::open(archive).unwrap();
    let plugin = host.load_package(package).await.unwrap();
    assert_eq!(text(&plugin, "go").await, "true words words.txt 5");
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_place_for_data_a_plugin_reads_its_package() {
    let mut host = TestHost::new(Api::new(()));
    let source = format!(
        "{TOOLS}
const fs = require('fs');
exports.go = () => {{
  same(fs.readdirSync('/'), ['main.js', 'plughold.json']);
  fails(() => fs.writeFileSync('a', ''), ['ENOENT', \"ENOENT: no such file or directory, open 'a': this application gives plugins no place for data\"]);
  assert(!fs.existsSync('a'));
  return 'ok';
}};"
    );
    let package = host.package("bare", &[("main.js", &source)]);
    let plugin = host.load_package(package).await.unwrap();
    assert_eq!(text(&plugin, "go").await, "ok");
    host.finish().await;
}

/// What of the machine is granted is reached, synchronously and with promises; the rest is refused with words that help.
#[tokio::test(flavor = "multi_thread")]
async fn the_machine_needs_permissions() {
    let data = tempfile::tempdir().unwrap();
    let root = data.path().canonicalize().unwrap();
    let (folder, words) = (root.join("words"), root.join("words/a.txt"));
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(&words, "machine").unwrap();
    std::fs::write(root.join("secret"), "secret").unwrap();
    let shown = |path: &PathBuf| path.to_str().unwrap().to_owned();
    let mut host = TestHost::built(Api::new(()), |builder| {
        builder.data(root.join("data")).grants(|_, permission| match permission.name.starts_with("fs.") {
            true => Grant::Allow,
            false => Grant::Deny,
        })
    });
    let source = format!(
        "{TOOLS}
const fs = require('fs');
const folder = {folder:?};
const denied = (work) => {{
  try {{ work(); return 'went on'; }} catch (error) {{ return [error.name, error.code, error.permission].join(' '); }}
}};
exports.go = async () => {{
  same(fs.readFileSync(folder + '/a.txt', 'utf8'), 'machine');
  same(await fs.promises.readFile(folder + '/../words/./a.txt', 'utf8'), 'machine');
  same(denied(() => fs.readFileSync(folder + '/../secret')), 'PermissionDenied E_DENIED fs.read:' + {secret:?});
  same(denied(() => fs.writeFileSync(folder + '/a.txt', '')), 'PermissionDenied E_DENIED fs.write:' + folder + '/a.txt');
  same(denied(() => fs.readFileSync('/etc/passwd')), 'PermissionDenied E_DENIED fs.read:/etc/passwd');
  same(denied(() => fs.readFileSync({data:?})), 'Error EACCES ');
  same(denied(() => fs.readFileSync('/proc/self/environ')), 'Error EACCES ');
  assert(!fs.existsSync('/etc/passwd'));
  fs.copyFileSync(folder + '/a.txt', 'mine');
  same(fs.readFileSync('mine', 'utf8'), 'machine');
  return 'ok';
}};
",
        folder = shown(&folder),
        secret = shown(&root.join("secret")),
        data = shown(&root.join("data/other/storage.sqlite")),
    );
    let permissions = format!(r#""permissions": ["fs.read:{0}/**"]"#, shown(&folder));
    let package = host.package_with("reader", &permissions, &[("main.js", &source)]);
    let plugin = host.load_package(package).await.unwrap();
    assert_eq!(text(&plugin, "go").await, "ok");
    host.finish().await;
}

/// A process that is killed with files open leaves none open.
#[tokio::test(flavor = "multi_thread")]
async fn open_files_are_closed_with_their_process() {
    let (mut host, data) = host();
    let source = "
const fs = require('fs');
exports.open = () => {
  let opened = 0;
  try { for (;;) { fs.openSync('file', 'w+'); opened += 1; } } catch (error) { return opened + ' ' + error.code; }
};
";
    let plugin = host.load("opener", source).await;
    let is_ours = |path: &std::path::Path| path.starts_with(data.path().join("data/opener/files/file"));
    let open = || {
        let links = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
        links.filter_map(|link| std::fs::read_link(link.path()).ok()).filter(|path| is_ours(path)).count()
    };
    assert_eq!(text(&plugin, "open").await, "64 EMFILE");
    assert_eq!(open(), 64);
    patiently("the end", plugin.kill()).await;
    eventually(0, open).await;
    let _report = host.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_plugins_share_nothing() {
    let (mut host, data) = host();
    let source = "
const fs = require('fs');
exports.write = (text) => { fs.writeFileSync('same.txt', text); };
exports.read = () => fs.readFileSync('same.txt', 'utf8');
exports.steal = (path) => { try { return fs.readFileSync(path, 'utf8'); } catch (error) { return error.code; } };
";
    let one = host.load("one", source).await;
    let two = host.load("two", source).await;
    for (plugin, words) in [(&one, "of one"), (&two, "of two")] {
        patiently("writing", plugin.call::<_, ()>("write", (words,))).await.unwrap();
    }
    assert_eq!(text(&one, "read").await, "of one");
    assert_eq!(text(&two, "read").await, "of two");
    let theirs = data.path().canonicalize().unwrap().join("data/one/files/same.txt");
    for path in
        [theirs.to_str().unwrap(), "../../one/files/same.txt", "/plugin-data/../../one/files/same.txt"]
    {
        let stolen = patiently("an answer", two.call::<_, String>("steal", (path,))).await.unwrap();
        assert!(["EACCES", "E_DENIED"].contains(&stolen.as_str()), "{path}: {stolen}");
    }
    host.finish().await;
}
