/** Lets a command survive a reader of its output that ends early, such as `head`. */

/** What is written to a pipe that was closed is dropped; any other failure to write makes the exit code 1. */
export function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (code !== 'EPIPE') process.exitCode = 1
    })
}
