/** Whether this run tries whole what `npm test` tries by a sample, as `.ci/run` does. */
export function isWholeRun(): boolean {
  return process.env['LETTA_TEST_WHOLE'] !== undefined
}
