import type { Panel } from '../../contract/panel.ts'

/** The host's own pages to show beside this one, as named by the host. */
export const panels: readonly Panel[] = [...document.querySelectorAll<HTMLMetaElement>('meta[name="panel"]')].map(
  ({ content, dataset }) => ({ path: content, title: dataset['title'] ?? content }),
)

/** The view name of a panel. */
export const viewNameOf = ({ path }: Panel): string => path.replace(/^\//, '')

/** A host's page in a frame. */
export function PanelFrame({ panel: { path, title } }: { panel: Panel }) {
  return <iframe class="panel" src={path} title={title} />
}
