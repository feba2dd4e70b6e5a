// The deployed headers as Mozilla's HTTP Observatory sees them: its own scanner against deploy/nginx.conf
// over TLS, on this machine. `node tests/observatory.mjs DIST`, from `make observatory`.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { createServer, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import tls from 'node:tls'

const GRADE = 'A+'
const SCORE = 120 // and above
const HOST = 'manchette.test'

const [dist] = process.argv.slice(2)
const observatory = process.env.MANCHETTE_OBSERVATORY
if (!dist || !observatory) {
  console.error('Run this as `make observatory`: it installs the scanner and says where it is.')
  process.exit(2)
}

// A certificate for this run. The scanner's process must know it from its start.
const folder = process.env.MANCHETTE_OBSERVATORY_FOLDER ?? mkdtempSync(join(tmpdir(), 'manchette-observatory-'))
const [key, certificate] = ['key.pem', 'certificate.pem'].map(name => join(folder, name))
if (!process.env.MANCHETTE_OBSERVATORY_FOLDER) {
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', `/CN=${HOST}`,
    '-addext', `subjectAltName=DNS:${HOST}`, '-keyout', key, '-out', certificate], { stdio: 'ignore' })
  const { status } = spawnSync(process.execPath, process.argv.slice(1), {
    stdio: 'inherit',
    env: { ...process.env, MANCHETTE_OBSERVATORY_FOLDER: folder, NODE_EXTRA_CA_CERTS: certificate }
  })
  rmSync(folder, { recursive: true, force: true })
  process.exit(status ?? 1)
}

const free = () => new Promise(resolve => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address()
    server.close(() => resolve(port))
  })
})
const ports = { 80: await free(), 443: await free() }
const modules = process.env.MANCHETTE_NGINX_MODULES ?? '/usr/lib/nginx/modules'
const deployed = readFileSync(new URL('../deploy/nginx.conf', import.meta.url), 'utf8')
  .replace('listen 8080;', `listen 127.0.0.1:${ports[443]} ssl; ssl_certificate ${certificate}; ssl_certificate_key ${key};`)
  .replace('root /srv/manchette;', `root "${dist}";`)
const conf = join(folder, 'nginx.conf')
writeFileSync(conf, `load_module ${modules}/ngx_http_brotli_static_module.so;
daemon off; master_process off; pid "${folder}/pid"; error_log stderr; events {}
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(kind => `${kind}_temp_path "${folder}/${kind}";`).join(' ')}
  server { listen 127.0.0.1:${ports[80]}; return 301 https://$host$request_uri; }
  ${deployed}
}`)
const server = spawn('nginx', ['-e', 'stderr', '-c', conf], { stdio: 'inherit' })
process.on('exit', () => server.kill())
const listens = port => new Promise(resolve => {
  const socket = connect(port, '127.0.0.1', () => { socket.end(); resolve(true) })
  socket.on('error', () => resolve(false))
})
while (!await listens(ports[443])) {
  if (server.exitCode !== null) throw new Error('nginx does not start with deploy/nginx.conf')
}

// The scanner asks for a host by its name, at the usual ports: here both lead to this nginx.
const here = options => ({ ...options, host: '127.0.0.1', port: ports[options.port] ?? options.port })
const { createConnection } = http.Agent.prototype
http.Agent.prototype.createConnection = function (options, ...rest) { return createConnection.call(this, here(options), ...rest) }
const secure = tls.connect
tls.connect = (options, ...rest) => secure({ ...here(options), servername: HOST }, ...rest)

const scanner = join(observatory, 'node_modules/@mdn/mdn-http-observatory')
// The list of hosts that browsers know beforehand. This one is not on it.
const list = join(scanner, 'conf/hsts-preload.json')
if (!existsSync(list)) writeFileSync(list, '{}')
const { scan } = await import(pathToFileURL(join(scanner, 'src/index.js')))
const { scan: { grade, score }, tests } = await scan(HOST)
for (const [name, { pass, scoreModifier, result }] of Object.entries(tests)) {
  console.log(`${pass ? 'ok  ' : 'FAIL'} ${String(scoreModifier ?? 0).padStart(4)}  ${name}: ${result}`)
}
console.log(`Mozilla HTTP Observatory: ${grade}, ${score} points`)
process.exit(grade === GRADE && score > SCORE ? 0 : 1)
