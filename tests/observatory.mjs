// Mozilla's HTTP Observatory on deploy/nginx.conf over TLS: `node tests/observatory.mjs FOLDER`, with
// the folder of built files. Ends with 1 below the target.
//
// The scanner asks ports 80 and 443 of a public name. Here, in its process alone, those connections
// lead to our nginx on free ports, and a CA made for this run is trusted besides the others.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'

const NAME = 'manchette.example'
const TARGET = { grade: 'A+', above: 120 }

const scanned = async (http, https) => {
  const connect = net.Socket.prototype.connect
  net.Socket.prototype.connect = function (...args) {
    // From tls.connect as an object, from net.connect as a normalised list.
    const options = Array.isArray(args[0]) ? args[0][0] : args[0]
    if (options.host !== NAME) throw new Error(`the scanner asks ${options.host}`)
    options.port = Number(options.port) === 443 ? https : http
    options.host = '127.0.0.1'
    return connect.apply(this, args)
  }
  const folder = join(process.env.MANCHETTE_OBSERVATORY, 'node_modules/@mdn/mdn-http-observatory/src/scanner/index.js')
  const { scan } = await import(pathToFileURL(folder))
  const { scan: result, tests } = await scan(NAME)
  for (const [name, { result, scoreModifier, pass }] of Object.entries(tests)) {
    console.log(`${pass ? 'passed' : 'FAILED'} ${String(scoreModifier).padStart(4)}  ${name}: ${result}`)
  }
  console.log(`${result.grade}, ${result.score} points; ${result.testsPassed} of ${result.testsQuantity} tests passed`)
  return result.grade === TARGET.grade && result.score > TARGET.above && result.testsFailed === 0
}

const freePort = async () => {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  return port
}

const listens = async (port, nginx) => {
  for (let tries = 0; tries < 500; tries++) {
    if (nginx.exitCode !== null) throw new Error('nginx does not start with deploy/nginx.conf: the reason is above')
    const socket = net.connect(port, '127.0.0.1')
    const there = await once(socket, 'connect').then(() => true, () => false)
    socket.destroy()
    if (there) return
    await pause(20)
  }
  throw new Error('nginx does not listen')
}

// A configuration with `ours` in the place of one of its lines.
const put = (conf, line, ours) => {
  if (conf.split(line).length !== 2) throw new Error(`nginx.conf must have the line \`${line}\` exactly once`)
  return conf.replace(line, () => ours)
}

const main = async dist => {
  const folder = mkdtempSync(join(tmpdir(), 'manchette-observatory-'))
  let nginx
  try {
    const [key, cert] = ['key.pem', 'cert.pem'].map(name => join(folder, name))
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', `/CN=${NAME}`,
      '-addext', `subjectAltName=DNS:${NAME}`, '-keyout', key, '-out', cert], { stdio: 'ignore' })
    const [http, https] = [await freePort(), await freePort()]
    // As the file says it is done.
    const tls = `listen 127.0.0.1:${https} ssl; ssl_certificate "${cert}"; ssl_certificate_key "${key}";`
    let conf = readFileSync(new URL('../deploy/nginx.conf', import.meta.url), 'utf8')
    conf = put(put(conf, 'listen 8080;', tls), 'root /srv/manchette;', `root "${resolve(dist)}";`)
    const modules = process.env.MANCHETTE_NGINX_MODULES ?? '/usr/lib/nginx/modules'
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(name => `${name}_temp_path "${folder}/${name}";`)
    const file = join(folder, 'nginx.conf')
    writeFileSync(file, `
load_module ${modules}/ngx_http_brotli_static_module.so;
daemon off; master_process off; pid "${folder}/pid"; error_log stderr;
events {}
http {
  access_log off; ${temporary.join(' ')}
  server { listen 127.0.0.1:${http}; return 301 https://$host$request_uri; }
  ${conf}
}`)
    nginx = spawn('nginx', ['-e', 'stderr', '-c', file], { stdio: ['ignore', 'inherit', 'inherit'] })
    await Promise.all([listens(http, nginx), listens(https, nginx)])
    const { status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), '--scan', http, https].map(String),
      { stdio: 'inherit', env: { ...process.env, NODE_EXTRA_CA_CERTS: cert } })
    return status === 0
  } finally {
    nginx?.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

const [first = 'dist', http, https] = process.argv.slice(2)
if (!(first === '--scan' ? await scanned(Number(http), Number(https)) : await main(first))) {
  console.error(`below ${TARGET.grade} and more than ${TARGET.above} points, with every test passed`)
  process.exitCode = 1
}
