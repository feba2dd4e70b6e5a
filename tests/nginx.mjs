// nginx with deploy/nginx.conf, as far as JavaScript needs it: the scan of the headers and the benchmarks
// of what a reader waits for and of what a server bears. (The browser tests have theirs in browser/site.rs.)
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'

export const listens = port => new Promise(resolve => {
  const socket = createConnection(port, '127.0.0.1', () => { socket.end(); resolve(true) })
  socket.on('error', () => resolve(false))
})

// Serves `root` on this port until the process ends; what nginx needs lies in `folder`. `change` is given
// the deployed configuration and returns the one that is used. With `workers`, so many processes answer.
// Returns nginx's own process.
export async function nginx ({ folder, root, port, change = text => text, workers = 0 }) {
  const modules = process.env.MANCHETTE_NGINX_MODULES ?? '/usr/lib/nginx/modules'
  const deployed = readFileSync(new URL('../deploy/nginx.conf', import.meta.url), 'utf8')
    .replace('listen 8080;', `listen 127.0.0.1:${port};`)
    .replace('root /srv/manchette;', `root "${root}";`)
  const file = join(folder, `${port}.conf`)
  writeFileSync(file, `load_module ${modules}/ngx_http_brotli_static_module.so;
daemon off; ${workers ? `worker_processes ${workers}` : 'master_process off'}; pid "${folder}/${port}.pid"; error_log stderr; events {}
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(kind => `${kind}_temp_path "${folder}/${kind}";`).join(' ')}
  ${change(deployed)}
}`)
  const server = spawn('nginx', ['-e', 'stderr', '-c', file], { stdio: 'inherit' })
  process.on('exit', () => server.kill())
  for (let tries = 0; tries < 100; tries++) {
    if (server.exitCode !== null) break
    if (await listens(port)) return server
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error(`nginx does not start with deploy/nginx.conf on port ${port}`)
}
