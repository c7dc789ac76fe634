/** How a program is run so that it reaches no network, and of all files only those of the folder in which it runs. */
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

/** The folder becomes the root; what is mounted into it is seen by the program alone, and gone with it. */
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

/** Best first. A program that is not linked statically needs the libraries of the system, and nothing else of it. */
const SANDBOXES: readonly Sandbox[] = [
  { name: 'bwrap', command: bubble([]) },
  { name: 'bwrap, with libraries', command: bubble(LIBRARIES) },
  { name: 'unshare', command: rooted([]) },
  { name: 'unshare, with libraries', command: rooted(LIBRARIES) },
]

/** The first in which a program runs, as `runs` tries it; null where the system has none. */
export async function findSandbox(runs: (sandbox: Sandbox) => Promise<boolean>): Promise<Sandbox | null> {
  for (const sandbox of SANDBOXES) if (await runs(sandbox)) return sandbox
  return null
}
