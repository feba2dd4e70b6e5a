// The site behind nginx as it is deployed, and beside it what it is compared with: the same page
// written by hand, and the app that makes the page itself.
import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'

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

function conf (root, port, change) {
  const modules = process.env.MANCHETTE_NGINX_MODULES ?? '/usr/lib/nginx/modules'
  const deployed = readFileSync(join(repo, 'deploy/nginx.conf'), 'utf8')
    .replace('listen 8080;', `listen 127.0.0.1:${port};`)
    .replace('root /srv/manchette;', `root "${root}";`)
  return `load_module ${modules}/ngx_http_brotli_static_module.so;
daemon off; master_process off; pid "${work}/${port}.pid"; error_log stderr; events {}
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(kind => `${kind}_temp_path "${work}/${kind}";`).join(' ')}
  ${change(deployed)}
}`
}

async function nginx (root, port, change = text => text) {
  const file = join(work, `${port}.conf`)
  writeFileSync(file, conf(root, port, change))
  const server = spawn('nginx', ['-e', 'stderr', '-c', file], { stdio: 'inherit' })
  process.on('exit', () => server.kill())
  for (let tries = 0; tries < 100; tries++) {
    if (server.exitCode !== null) break
    const open = await new Promise(resolve => {
      const socket = createConnection(port, '127.0.0.1', () => { socket.end(); resolve(true) })
      socket.on('error', () => resolve(false))
    })
    if (open) return `http://127.0.0.1:${port}`
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error(`nginx does not start on port ${port}`)
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
  const served = await nginx(pages, 18080)
  const mounted = await nginx(app, 18081, text => text.replace('error_page 404 /404.html;', 'error_page 404 =200 /404.html;'))
  return {
    ours: served + article,
    'by hand': `${served}/a-la-main/`,
    'app alone': mounted + article
  }
}
