import './page.css'

import { options, render } from 'preact'

import { SessionGate } from './shell/session-gate.tsx'
import { showPlainly } from './shell/plainly.ts'

const place = document.getElementById('page')
options.vnode = showPlainly
if (place) {
  place.replaceChildren()
  render(<SessionGate />, place)
}
