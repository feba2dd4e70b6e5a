// The site behind nginx as it is deployed, and beside it what it is compared with: the same page
// written by hand, and the app that makes the page itself.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nginx } from '../../tests/nginx.mjs'

export const repo = new URL('../..', import.meta.url).pathname.replace(/\/$/, '')
export const article = '/politique/le-role-des-regions/'
const work = join(repo, 'target/bench-reader')

// What one writes who knows the trade and has one page to write: the text, the pictures, the style
// sheet inlined. No data for an app, no app, no script.
function byHand (html) {
  return html
    .replace(/<template id="ensuite">[^]*?<\/template>/, '')
    .replace(/<script[^]*?<\/script>\n?/g, '')
    .replace(/<meta (property="og|name="(twitter|manchette))[^>]*>/g, '')
    .replace(/<link rel="(alternate|manifest|apple-touch-icon)"[^>]*>/g, '')
    .replaceAll('<!--app-->', '')
}

function compress (file) {
  execFileSync('brotli', ['-q', '11', '-f', '-k', file])
  execFileSync('gzip', ['-9', '-f', '-k', file])
}

// Returns the addresses of the three pages.
export async function serve () {
  rmSync(work, { recursive: true, force: true })
  mkdirSync(work, { recursive: true })
  const [pages, app] = ['pages', 'app'].map(name => join(work, name))
  cpSync(join(repo, 'dist'), pages, { recursive: true })
  const hand = join(pages, 'a-la-main')
  mkdirSync(hand)
  const html = readFileSync(join(pages, article, 'index.html'), 'utf8')
  writeFileSync(join(hand, 'index.html'), byHand(html))
  compress(join(hand, 'index.html'))
  for (const name of ['api', 'assets', 'media', '404.html', '404.html.br', '404.html.gz']) {
    cpSync(join(repo, 'dist', name), join(app, name), { recursive: true })
  }
  const [served, mounted] = [18080, 18081]
  await nginx({ folder: work, root: pages, port: served })
  await nginx({
    folder: work,
    root: app,
    port: mounted,
    change: text => text.replace('error_page 404 /404.html;', 'error_page 404 =200 /404.html;')
  })
  const on = port => `http://127.0.0.1:${port}`
  return {
    ours: on(served) + article,
    'by hand': `${on(served)}/a-la-main/`,
    'app alone': on(mounted) + article
  }
}
