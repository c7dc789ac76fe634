/** A way to run a program without network, and with no files but those of its working folder. */
export type Sandbox = {
  readonly name: string
  /** The command that runs `file` with `given`, from the folder. */
  readonly command: (file: string, given: readonly string[]) => readonly string[]
}

const LIBRARIES = ['/lib', '/lib64', '/usr/lib', '/usr/lib64']

const BUBBLE = [
  'bwrap',
  '--unshare-all',
  '--die-with-parent',
  '--new-session',
  '--bind',
  '.',
  '/work',
  '--chdir',
  '/work',
]

const bubble = (libraries: readonly string[]): Sandbox['command'] => {
  const shared = libraries.flatMap(folder => ['--ro-bind-try', folder, folder])
  return (file, given) => [...BUBBLE, ...shared, '--ro-bind', file, '/program', '/program', ...given]
}

/** The folder becomes the root. Only the program sees what is mounted into it, and the mounts end with it. */
const ROOTED = `
program=$1 libraries=$2
shift 2
: > program
mount --bind "$program" program || exit
for folder in $libraries; do
  [ ! -d "$folder" ] || { mkdir -p ".$folder" && mount --bind "$folder" ".$folder"; } || exit
done
exec chroot . /program "$@"
`

const rooted = (libraries: readonly string[]): Sandbox['command'] => {
  const unshared = ['unshare', '--user', '--map-root-user', '--net', '--mount', '--', '/bin/sh', '-c', ROOTED, 'sh']
  return (file, given) => [...unshared, file, libraries.join(' '), ...given]
}

/** Best first. A dynamically linked program also gets the system's libraries. */
const SANDBOXES: readonly Sandbox[] = [
  { name: 'bwrap', command: bubble([]) },
  { name: 'bwrap, with libraries', command: bubble(LIBRARIES) },
  { name: 'unshare', command: rooted([]) },
  { name: 'unshare, with libraries', command: rooted(LIBRARIES) },
]

/** The first sandbox in which a program runs, as `runs` tries; null when the system offers none. */
export async function findSandbox(runs: (sandbox: Sandbox) => Promise<boolean>): Promise<Sandbox | null> {
  for (const sandbox of SANDBOXES) if (await runs(sandbox)) return sandbox
  return null
}
