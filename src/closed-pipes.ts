/**
 * Lets a command survive a reader of its output that ends early, such as `head`: what is written to a closed pipe is
 * dropped. Any other failure to write makes the exit code 1.
 */
export function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (code !== 'EPIPE') process.exitCode = 1
    })
}
