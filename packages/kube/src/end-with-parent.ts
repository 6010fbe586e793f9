/*
 * Loaded before a process's own code (`--import`): ends the process in an orderly way when the process that started it is gone, so
 * that a launcher that was killed leaves nobody behind who holds its ports.
 */
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
}, 1000).unref();
