import { execFile } from 'node:child_process'
import { mkdtemp, mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A file system of its own whose power can be cut: what was not forced to the disk is gone then. */
export interface LoopDisk extends AsyncDisposable {
  /** Where it is mounted. */
  readonly path: string
  /** Cuts the power: from now on every write fails, and nothing in memory reaches the disk any more. */
  cutPower(): Promise<void>
  /** Mounts what the disk really holds. */
  powerUp(): Promise<void>
}

/**
 * Shuts a file system down without flushing its log: EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH
 * (include/uapi/linux/ext4.h). Node has no ioctl.
 */
const shutdown = `
import fcntl, os, struct, sys
place = os.open(sys.argv[1], os.O_RDONLY)
fcntl.ioctl(place, 0x8004587d, struct.pack("I", 2))
`

/** Makes a {@link LoopDisk} of 256 MB; rejects where this machine does not let one. */
export async function createLoopDisk(): Promise<LoopDisk> {
  const folder = await mkdtemp(join(tmpdir(), 'letta-disk-'))
  const image = join(folder, 'image')
  const path = join(folder, 'mounted')
  let isMounted = false
  async function mount(): Promise<void> {
    await run('mount', ['-o', 'loop', image, path])
    isMounted = true
  }
  async function unmount(): Promise<void> {
    if (isMounted) await run('umount', [path])
    isMounted = false
  }
  const cutPower = async (): Promise<void> => void (await run('python3', ['-c', shutdown, path]))
  try {
    await mkdir(path)
    await run('truncate', ['-s', '256M', image])
    await run('mkfs.ext4', ['-q', '-F', image])
    await mount()
    // Whether it can be cut is found out now, while nothing is on it.
    await cutPower()
    await unmount()
    await mount()
  } catch (error) {
    await unmount()
    await rm(folder, { recursive: true, force: true })
    throw error
  }
  return {
    path,
    cutPower,
    async powerUp() {
      await unmount()
      await mount()
    },
    async [Symbol.asyncDispose]() {
      await unmount()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
