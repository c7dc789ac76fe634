import type { Panel } from '../../contract/panel.ts'

/** The host's own pages that belong beside this one, as it named them. */
export const panels: readonly Panel[] = [...document.querySelectorAll<HTMLMetaElement>('meta[name="panel"]')].map(
  ({ content, dataset }) => ({ path: content, title: dataset['title'] ?? content }),
)

/** The name that a panel has as a view. */
export const viewNameOf = ({ path }: Panel): string => path.replace(/^\//, '')

/** Such a page, within this one. */
export function PanelFrame({ panel: { path, title } }: { panel: Panel }) {
  return <iframe class="panel" src={path} title={title} />
}
