import { parentPort, workerData } from 'node:worker_threads'
import { StorageWorker } from './storage-worker.ts'
import type { WorkerSettings } from './worker-protocol.ts'

// The entry of a worker thread; a bundle of its own in the built program.
if (parentPort !== null) new StorageWorker(parentPort, workerData as WorkerSettings).listen()
