/** One number of a page, by its labels. */
export type Sample = {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** What a page holds; `types` by the name of the metric. */
export type Page = { readonly samples: readonly Sample[]; readonly types: ReadonlyMap<string, string> }

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const HELP = new RegExp(`^# HELP (${NAME}) (\\S.*)$`)
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram)$`)
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (-?[0-9]+(?:\\.[0-9]+)?(?:e[+-]?[0-9]+)?|\\+Inf|NaN)$`)
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/

function labelsOf(written: string): Record<string, string> {
  const labels: Record<string, string> = {}
  for (let rest = written; rest !== '';) {
    const [whole = '', name = '', value = ''] = LABEL.exec(rest) ?? fail(`no label: ${rest}`)
    if (Object.hasOwn(labels, name)) fail(`a label twice: ${written}`)
    labels[name] = value
    rest = rest.slice(whole.length)
  }
  return labels
}

function fail(why: string): never {
  throw new Error(`This is no text of Prometheus: ${why}`)
}

/** The same labels are the same text, in whichever order they are written. */
const canonical = (labels: Readonly<Record<string, string>>): string =>
  Object.keys(labels)
    .toSorted()
    .map(label => `${label}=${labels[label]}`)
    .join()

/** To which metric a sample belongs: those of a histogram have endings of their own. */
function metricOf(name: string, types: ReadonlyMap<string, string>): string {
  const base = name.replace(/_(bucket|sum|count)$/, '')
  return types.get(base) === 'histogram' ? base : name
}

/**
 * Reads the text format of Prometheus, version 0.0.4, strictly: each metric has its help and its type before its samples, all
 * of it in one place, no sample comes twice, and the last line ends.
 */
export function readPrometheus(text: string): Page {
  if (!text.endsWith('\n')) fail('the last line does not end')
  const types = new Map<string, string>()
  const samples: Sample[] = []
  const seen = new Set<string>()
  let helped: string | null = null
  let current: string | null = null
  for (const line of text.split('\n').slice(0, -1)) {
    if (line === '') continue
    const help = HELP.exec(line)
    const type = TYPE.exec(line)
    if (help) helped = help[1] ?? null
    else if (type) {
      const [, name = '', kind = ''] = type
      if (name !== helped || types.has(name)) fail(`a type without its help, or twice: ${line}`)
      types.set(name, kind)
      current = name
    } else {
      const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? fail(line)
      if (metricOf(name, types) !== current) fail(`a sample outside its metric: ${line}`)
      const sample = { name, labels: labelsOf(labels), value: value === '+Inf' ? Infinity : Number(value) }
      const identity = `${name}{${canonical(sample.labels)}}`
      if (seen.has(identity)) fail(`a sample twice: ${line}`)
      seen.add(identity)
      samples.push(sample)
    }
  }
  return { samples, types }
}

/** The one sample of that name whose labels are these; undefined when there is none. */
export function valueOf({ samples }: Page, name: string, labels: Record<string, string> = {}): number | undefined {
  const found = samples.find(each => each.name === name && canonical(each.labels) === canonical(labels))
  return found?.value
}

/** The sum over all samples of that name which have these labels, whatever others they have. */
export function sumOf({ samples }: Page, name: string, labels: Record<string, string> = {}): number {
  const fitting = samples.filter(
    each => each.name === name && Object.entries(labels).every(([label, value]) => each.labels[label] === value),
  )
  return fitting.reduce((sum, { value }) => sum + value, 0)
}
