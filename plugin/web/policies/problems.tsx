import type { PolicyProblem } from '../../contract/policy.ts'
import { linkTo } from '../hooks/address.ts'
import { policyTexts as texts } from '../texts/policy-texts.ts'

type Shown = {
  readonly problems: readonly PolicyProblem[]
  /** The policy whose source is on the page; null if none is. */
  readonly open: string | null
  /** Moves to the place of a problem in that source. */
  readonly goTo?: (row: number, column: number) => void
}

const placeOf = ({ file, row, column }: PolicyProblem): string => {
  const place = [row === null ? null : texts.row(row), column === null ? null : texts.column(column)].filter(
    each => each !== null,
  )
  return [file === '' ? texts.allPolicies : file, ...place].join(', ')
}

function Place({ problem, open, goTo }: { problem: PolicyProblem } & Omit<Shown, 'problems'>) {
  const { file, row, column } = problem
  if (file === '') return <strong>{placeOf(problem)}</strong>
  if (file !== open) return <a href={linkTo('policies', 'edit', file)}>{placeOf(problem)}</a>
  if (row === null || !goTo) return <strong>{placeOf(problem)}</strong>
  return (
    <button type="button" class="place" onClick={() => goTo(row, column ?? 1)}>
      {placeOf(problem)}
    </button>
  )
}

/** The problems of policies and their places. */
export function Problems({ problems, open, goTo }: Shown) {
  if (problems.length === 0) return null
  return (
    <ul class="problems" aria-label={texts.problems}>
      {problems.map((problem, index) => (
        <li key={index}>
          <Place problem={problem} open={open} {...(goTo && { goTo })} />: {problem.message}
        </li>
      ))}
    </ul>
  )
}
