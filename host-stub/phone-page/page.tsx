import './page.css'

import { render } from 'preact'

import { Phones } from './phones.tsx'

const place = document.getElementById('page')
if (place) {
  place.replaceChildren()
  render(<Phones />, place)
}
