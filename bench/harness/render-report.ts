import { describeMachine } from './machine.ts'
import type { Figure, Report } from './report.ts'
import { formatNumber, renderTable } from './table.ts'

const header = ['figure', 'unit', 'median', 'p99', 'max', 'n', 'beside it', 'median', 'ratio']
const numbers = new Set([2, 3, 4, 5, 7, 8])

/** A report as text for people. */
export function renderReport(report: Report): string {
  const { figures, checks, notes, machine } = report
  const kind = report.quick ? ', quick' : ''
  return [
    `${report.benchmark}${kind}: ${report.seconds.toFixed(0)} s on ${describeMachine(machine)}`,
    '',
    renderTable([...header, 'target'], figures.map(toRow), numbers),
    ...checks.map(
      ({ name, passed, detail }) => `${passed ? 'ok    ' : 'FAILED'}  ${name}: ${detail}`,
    ),
    ...(notes.length > 0 ? ['', ...notes.map((note) => `- ${note}`)] : []),
    '',
    summaryOf(report),
    '',
  ].join('\n')
}

/** How many bars were reached and checks passed. */
function summaryOf({ figures, checks }: Report): string {
  const targets = figures.flatMap((figure) => figure.targets)
  const reached = targets.filter((target) => target.reached).length
  const passed = checks.filter((check) => check.passed).length
  const parts = [`${reached} of ${targets.length} targets reached`]
  if (checks.length > 0) parts.push(`${passed} of ${checks.length} checks passed`)
  return parts.join(', ')
}

function toRow(figure: Figure): string[] {
  const { ours, baseline } = figure
  const ratio = baseline === null ? null : ours.median / baseline.summary.median
  return [
    figure.name,
    figure.unit,
    formatNumber(ours.median),
    ours.count === 1 ? '' : formatNumber(ours.p99),
    ours.count === 1 ? '' : formatNumber(ours.max),
    String(ours.count),
    baseline?.name ?? '',
    baseline === null ? '' : formatNumber(baseline.summary.median),
    ratio === null ? '' : `${formatNumber(ratio)}x`,
    figure.targets.map(({ text, reached }) => `${reached ? 'yes' : 'NO '} ${text}`).join('; '),
  ]
}
