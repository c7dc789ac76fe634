import { type ComponentChildren, Fragment } from 'preact'

import { type ShownLine, shownLines, type Stretch } from './shown-text.ts'

const TAGS = { bold: 'strong', italic: 'em', strike: 'del', code: 'code' } as const

const Styled = ({ text, styles }: Stretch) =>
  styles.reduceRight<ComponentChildren>((inner, style) => {
    const Tag = TAGS[style]
    return <Tag>{inner}</Tag>
  }, text)

function Line({ kind, stretches }: ShownLine) {
  const said = stretches.map((stretch, index) => <Styled key={index} {...stretch} />)
  if (kind === 'quote') return <span class="quoted">{said}</span>
  return kind === 'bullet' ? <>• {said}</> : <>{said}</>
}

/** The text of a message, formatted as WhatsApp's phones show it. */
export function MessageText({ text }: { text: string }) {
  return (
    <p>
      {shownLines(text).map((line, index) => (
        <Fragment key={index}>
          {index > 0 && '\n'}
          <Line {...line} />
        </Fragment>
      ))}
    </p>
  )
}
