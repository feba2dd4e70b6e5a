// What every page has in its head: the text size, restored before the first paint, kept when it
// changes, followed in other tabs, with the line that the reader was at where it was; then the app's
// coming, and what is said when it does not come.
(() => {
  const key = 'manchette:taille', root = document.documentElement
  const sizes = ['normale', 'grande', 'tres-grande', 'maximale']
  const kept = () => { try { return localStorage.getItem(key) } catch { return null } }
  const keep = size => { try { localStorage.setItem(key, size) } catch { /* forgotten, then */ } }
  // Radios come and go with the pages; each one that comes shows the size in force.
  const mark = () => {
    for (const radio of document.querySelectorAll('input[name=taille]')) {
      radio.checked = radio.value === root.dataset.taille
    }
  }
  const set = size => {
    root.dataset.taille = sizes.includes(size) ? size : sizes[0]
    mark()
  }
  // Where the reader's view begins: below the control, when that sticks to the top.
  const top = () => {
    const bar = document.querySelector('.text-size')?.getBoundingClientRect()
    return bar && bar.top < 1 && bar.bottom > 0 ? bar.bottom : 0
  }
  // The first character of the first line in view.
  const caret = (x, y) => {
    const at = document.caretPositionFromPoint?.(x, y)
    if (at) return [at.offsetNode, at.offset]
    const range = document.caretRangeFromPoint?.(x, y)
    return range ? [range.startContainer, range.startOffset] : []
  }
  const line = () => {
    for (let y = top() + 8; y < innerHeight; y += 4) {
      const block = document.elementFromPoint(innerWidth / 3, y)?.closest('p, li, h1, h2, h3, h4, td, th, figcaption')
      const [node, start] = block ? caret(block.getBoundingClientRect().left + 4, y) : []
      if (node?.nodeType !== 3 || start >= node.length) continue
      const range = document.createRange()
      range.setStart(node, start)
      range.setEnd(node, start + 1)
      const box = range.getBoundingClientRect()
      if (box.top <= y && box.bottom >= y) return range
    }
    return root
  }
  const distance = place => place.getBoundingClientRect().top - top()
  const height = place => place.getBoundingClientRect().height
  // The line that is kept, where it was, and how far the page was scrolled then: through several
  // changes it stays the same one, unless the reader scrolls between them.
  let held
  const change = size => {
    if (size === root.dataset.taille) return
    // A range whose text has left the page with it has collapsed.
    if (scrollY > 0 && (held?.scrolled !== scrollY || held.place.collapsed)) {
      const place = line()
      held = { place, distance: distance(place), height: height(place) }
    }
    set(size)
    if (scrollY > 0 && held) {
      // Twice: the first may be what makes the control stick, which then covers what was in view.
      for (let times = 0; times < 2; times++) {
        // Of a line that began above the view as large a part stays in it.
        const part = held.distance < 0 ? height(held.place) / held.height : 1
        scrollBy({ top: distance(held.place) - held.distance * part, behavior: 'instant' })
      }
      held.scrolled = scrollY
    }
  }
  set(kept())
  // What can keep an article is offered.
  if (navigator.serviceWorker) root.dataset.garde = ''
  addEventListener('change', event => {
    if (event.target.name !== 'taille') return
    change(event.target.value)
    keep(event.target.value)
  })
  addEventListener('storage', event => {
    if (event.key === key || event.key === null) change(sizes.includes(kept()) ? kept() : sizes[0])
  })
  // Back from the browser's own memory: another page may have changed the size meanwhile.
  addEventListener('pageshow', event => event.persisted && set(kept() ?? root.dataset.taille))
  // WebKit puts the radios back as they were in the HTML, after it has said that the page is there.
  for (const event of ['DOMContentLoaded', 'load', 'pageshow']) addEventListener(event, () => setTimeout(mark))
  // The app can't come, or an exception has passed through it, after which it is not to be called
  // again. A page that is still a shape says so, in the words of the template below. If the app's files
  // are gone, a newer build has taken their place: the page is loaded anew, once.
  addEventListener('error', async ({ target, error }) => {
    const broken = target === window && /\/assets\/manchette-/.test(error?.stack)
    if (!broken && target.dataset?.app === undefined) return
    if (document.querySelector('#app > .skeleton')) {
      document.querySelector('#app').replaceChildren(document.querySelector('#sans-app').content.cloneNode(true))
    } else if (broken) document.querySelector('#panne').hidden = false
    if (broken) return
    try {
      const { status } = await fetch(target.src, { cache: 'no-store' })
      if ((status === 404 || status === 410) && sessionStorage.getItem('manchette:gone') !== target.src) {
        sessionStorage.setItem('manchette:gone', target.src)
        location.reload()
      }
    } catch { /* no network, or nowhere to note it: the page stays as it is */ }
  }, true)
  new MutationObserver(mark).observe(root, { childList: true, subtree: true })
  // The app comes after the frame that paints the last picture: until then the line is the page's.
  const frame = requestAnimationFrame
  addEventListener('load', () => frame(() => frame(() => {
    document.head.append(document.querySelector('#ensuite')?.content ?? '')
  })))
})()
