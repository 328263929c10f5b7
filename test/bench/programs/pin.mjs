import { spawnSync } from 'node:child_process'

/**
 * Keeps this process on the first CPU, with all its threads. Client and server take turns there, as they do anyway in
 * calls one after the other. On two CPUs each wakes the other one for every message, which takes longer than what is
 * measured, and longer still after a while of computing. Without `taskset` (util-linux) nothing is done.
 */
export function pinToFirstCpu() {
  const parameters = ['--all-tasks', '--pid', '--cpu-list', '0', String(process.pid)]
  spawnSync('taskset', parameters, { stdio: 'ignore' })
}
