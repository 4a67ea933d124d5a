/** JavaScript in place of the two native add-ons that the VS Code server imports: without them no compiler is needed. */

/** A logger to a file. The names are exported one by one, because VS Code imports this as an ES module. */
export const spdlog = `
const fs = require("fs"), path = require("path");
class Logger {
  constructor(file) { this.file = file; this.level = 2; this.raw = false; }
  write(level, name, text) {
    if (level < this.level) return;
    const line = this.raw ? text : new Date().toISOString() + " [" + name + "] " + text + "\\n";
    try { fs.appendFileSync(this.file, line); } catch { /* the folder is removed when the tests end */ }
  }
  trace(text) { this.write(0, "trace", text); }
  debug(text) { this.write(1, "debug", text); }
  info(text) { this.write(2, "info", text); }
  warn(text) { this.write(3, "warning", text); }
  error(text) { this.write(4, "error", text); }
  critical(text) { this.write(5, "critical", text); }
  getLevel() { return this.level; }
  setLevel(level) { this.level = level; }
  setPattern() {}
  clearFormatters() { this.raw = true; }
  flush() {}
  drop() {}
}
const create = async (_name, file) => {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  return new Logger(file);
};
exports.version = 0;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.Logger = Logger;
exports.createRotatingLogger = create;
exports.createAsyncRotatingLogger = create;
`;

/** Ends the process when the one that it watches is gone. */
export const nativeWatchdog = `
exports.start = (pid) => {
  setInterval(() => { try { process.kill(pid, 0); } catch { process.exit(87); } }, 1000).unref();
};
exports.exit = (code) => process.exit(code || 0);
`;
