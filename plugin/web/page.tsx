import './page.css'

import { options, render } from 'preact'

import { Door } from './door.tsx'
import { showPlainly } from './plainly.ts'

const place = document.getElementById('page')
options.vnode = showPlainly
if (place) {
  place.replaceChildren()
  render(<Door />, place)
}
