import './page.css'

import { render } from 'preact'

import { Door } from './door.tsx'

const place = document.getElementById('page')
if (place) {
  place.replaceChildren()
  render(<Door />, place)
}
