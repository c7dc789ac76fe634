import type { TargetedSubmitEvent } from 'preact'

import { Field } from '../parts/field.tsx'
import { useQuery } from '../data/query.ts'
import { useChannel } from '../data/channel.ts'
import { accountTexts as texts } from '../texts/account-texts.ts'

/** A setting, as the OpenAPI document describes it. */
export type Setting = {
  readonly type?: string
  readonly description?: string
  readonly maxLength?: number
  readonly enum?: readonly string[]
}

/** Settings by name. */
export type Settings = Readonly<Record<string, Setting>>

type Described = {
  readonly properties?: { readonly fields?: { readonly properties?: Settings } }
}
type OpenApi = {
  readonly paths: Record<
    string,
    { readonly post?: { readonly requestBody?: { readonly content: Record<string, { readonly schema: Described }> } } }
  >
}

const JSON_TYPE = 'application/json'

/** The settings of a channel, read from the OpenAPI document, so that a new channel needs no new form. */
export function useSettings(name: string) {
  const channel = useChannel()
  return useQuery<Settings>(
    async signal => {
      const document = (await (await channel.get('/api/v1/openapi.json', signal)).json()) as OpenApi
      const body = document.paths[`/channels/${name}/configure`]?.post?.requestBody?.content[JSON_TYPE]
      return body?.schema.properties?.fields?.properties ?? {}
    },
    [name],
  )
}

const labelOf = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ')

function Input({ name, setting, value }: { name: string; setting: Setting; value: string }) {
  if (setting.enum) {
    return (
      <select name={name} defaultValue={value}>
        {setting.enum.map(each => (
          <option key={each}>{each}</option>
        ))}
      </select>
    )
  }
  const isNumber = setting.type === 'integer' || setting.type === 'number'
  if (isNumber) return <input name={name} type="number" defaultValue={value} />
  return <input name={name} maxLength={setting.maxLength} defaultValue={value} />
}

/** A form for settings. Leaves out empty fields. */
export function SchemaForm({
  settings,
  values,
  submit,
  busy,
}: {
  settings: Settings
  values: Readonly<Record<string, string | null>>
  submit: (fields: Record<string, string>) => void
  busy: boolean
}) {
  const given = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const fields = [...new FormData(event.currentTarget)].filter(([, value]) => value !== '')
    submit(Object.fromEntries(fields) as Record<string, string>)
  }
  return (
    <form onSubmit={given}>
      {Object.entries(settings).map(([name, setting]) => (
        <Field key={name} label={labelOf(name)} {...(setting.description && { hint: setting.description })}>
          <Input name={name} setting={setting} value={values[name] ?? ''} />
        </Field>
      ))}
      <button disabled={busy}>{texts.save}</button>
    </form>
  )
}
