(function (wt) {
  const slashed = ['http', 'https', 'ftp', 'gopher', 'file', 'ws', 'wss'].map((s) => s + ':');
  const fields = ['protocol', 'slashes', 'auth', 'host', 'port', 'hostname', 'hash', 'search', 'query', 'pathname',
    'path', 'href'];
  function Url() { for (const f of fields) this[f] = null; }
  Url.prototype.format = function () { return format(this); };
  Url.prototype.resolve = function (to) { return resolve(format(this), to); };
  Url.prototype.parse = function (s, query, slashes) { Object.assign(this, parse(s, query, slashes)); };

  const escape = (s) => s.replace(/[\s"'<>\\^`{|}]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0'));

  function parse(input, query, slashesDenoteHost) {
    if (input instanceof Url) return input;
    if (typeof input !== 'string') throw wt.argType('url', 'of type string', input);
    const u = new Url();
    let rest = input.trim();
    const cut = rest.search(/[?#]/);
    rest = cut === -1 ? rest.replaceAll('\\', '/') : rest.slice(0, cut).replaceAll('\\', '/') + rest.slice(cut);
    const scheme = /^([a-z0-9.+-]+:)/i.exec(rest);
    if (scheme) {
      u.protocol = scheme[1].toLowerCase();
      rest = rest.slice(scheme[1].length);
    }
    if ((slashesDenoteHost || scheme || /^\/\/[^@/]+@[^@/]+/.test(rest)) && rest.startsWith('//') &&
      u.protocol !== 'javascript:') {
      u.slashes = true;
      rest = authority(u, rest.slice(2), input);
    } else if (scheme && !slashed.includes(u.protocol) && u.protocol !== 'javascript:') {
      rest = authority(u, rest, input);
    }
    if (u.protocol !== 'javascript:') rest = escape(rest);
    const hash = rest.indexOf('#');
    if (hash !== -1) {
      u.hash = rest.slice(hash);
      rest = rest.slice(0, hash);
    }
    const mark = rest.indexOf('?');
    if (mark !== -1) {
      u.search = rest.slice(mark);
      u.query = rest.slice(mark + 1);
      rest = rest.slice(0, mark);
    } else if (query) {
      u.search = null;
      u.query = '';
    }
    if (query) u.query = wt.module('querystring').parse(u.query);
    if (rest !== '') u.pathname = rest;
    if (slashed.includes(u.protocol) && u.hostname && !u.pathname) u.pathname = '/';
    if (u.pathname || u.search) u.path = (u.pathname || '') + (u.search || '');
    u.href = format(u);
    return u;
  }
  function authority(u, rest, input) {
    const end = rest.search(/[/?#]/);
    let host = end === -1 ? rest : rest.slice(0, end);
    rest = end === -1 ? '' : rest.slice(end);
    const at = host.lastIndexOf('@');
    if (at !== -1) {
      u.auth = decodeURIComponent(host.slice(0, at));
      host = host.slice(at + 1);
    }
    const port = /:([0-9]*)$/.exec(host);
    if (port) {
      if (port[1] !== '') u.port = port[1];
      host = host.slice(0, -port[0].length);
    }
    const v6 = /^\[(.*)\]$/.exec(host);
    if (v6) {
      u.hostname = v6[1].toLowerCase();
      u.host = `[${u.hostname}]`;
    } else {
      const bad = host.search(/[^a-zA-Z0-9.\-+_\u007f-\uffff]/);
      if (bad !== -1) {
        rest = (rest === '' || host[bad] === '/' ? '' : '/') && '/' + host.slice(bad) + rest || host.slice(bad) + rest;
        host = host.slice(0, bad);
      }
      u.hostname = host.toLowerCase();
      if (/[^\0-\x7f]/.test(host)) {
        u.hostname = wt.toASCII(host);
        if (u.hostname === '') {
          const err = wt.fail('TypeError', 'ERR_INVALID_URL', 'Invalid URL');
          err.input = input;
          throw err;
        }
      }
      u.host = u.hostname;
    }
    if (u.port) u.host += ':' + u.port;
    return rest;
  }

  function format(u, options) {
    if (typeof u === 'string') u = parse(u);
    else if (typeof u !== 'object' || u === null) throw wt.argType('urlObject', 'one of type object or string', u);
    if (u instanceof wt.global('URL')) return formatURL(u, options || {});
    const auth = u.auth ? encodeURIComponent(u.auth).replace(/%3A/i, ':') + '@' : '';
    let protocol = u.protocol || '';
    let pathname = u.pathname || '';
    let hash = u.hash || '';
    let host = '';
    if (u.host) host = auth + u.host;
    else if (u.hostname) {
      const bare = u.hostname.includes(':') && !u.hostname.startsWith('[') ? `[${u.hostname}]` : u.hostname;
      host = auth + bare + (u.port ? ':' + u.port : '');
    }
    const query = u.query !== null && typeof u.query === 'object' ? wt.module('querystring').stringify(u.query) : '';
    let search = u.search || (query ? '?' + query : '');
    if (protocol && !protocol.endsWith(':')) protocol += ':';
    if (u.slashes || slashed.includes(protocol)) {
      if (u.slashes || host) {
        if (pathname && pathname[0] !== '/') pathname = '/' + pathname;
        host = '//' + host;
      } else if (protocol === 'file:') host = '//';
    }
    if (hash && hash[0] !== '#') hash = '#' + hash;
    if (search && search[0] !== '?') search = '?' + search;
    pathname = pathname.replace(/[?#]/g, encodeURIComponent);
    return protocol + host + pathname + search.replaceAll('#', '%23') + hash;
  }
  function formatURL(u, { fragment = true, search = true, auth = true }) {
    const copy = new (wt.global('URL'))(u.href);
    if (!fragment) copy.hash = '';
    if (!search) copy.search = '';
    if (!auth) copy.username = copy.password = '';
    return copy.href;
  }

  function resolve(from, to) {
    const base = parse(from, false, true);
    const target = parse(to, false, true);
    if (target.href === '') return format(base);
    if (target.protocol && target.protocol !== base.protocol) return format(target);
    if (target.protocol && (target.host || !slashed.includes(target.protocol))) return format(target);
    const out = Object.assign(new Url(), base, { hash: target.hash });
    if (target.slashes && target.host !== null) {
      return format(Object.assign(new Url(), target, { protocol: base.protocol }));
    }
    const path = target.pathname || '';
    if (path === '') {
      if (target.search !== null) out.search = target.search;
    } else {
      out.search = target.search;
      out.pathname = merge(base, path);
    }
    out.query = null;
    return format(out);
  }
  function merge(base, path) {
    const start = path[0] === '/' ? path : (base.pathname || (base.host ? '/' : '')).replace(/[^/]*$/, '') + path;
    const rooted = start[0] === '/' || base.host;
    const out = [];
    const parts = start.replace(/^\//, '').split('/');
    parts.forEach((part, i) => {
      const last = i === parts.length - 1;
      if (part === '..') {
        if (out.length > 0 && out[out.length - 1] !== '..') out.pop();
        else if (!rooted) out.push('..');
        if (last) out.push('');
      } else if (part === '.') {
        if (last) out.push('');
      } else out.push(part);
    });
    return (rooted ? '/' : '') + out.join('/');
  }

  function fileURLToPath(input) {
    const URL = wt.global('URL');
    const u = typeof input === 'string' ? new URL(input) : input;
    if (!(u instanceof URL)) throw wt.argType('path', 'of type string or an instance of URL', input);
    if (u.protocol !== 'file:') {
      throw wt.fail('TypeError', 'ERR_INVALID_URL_SCHEME', 'The URL must be of scheme file');
    }
    if (u.hostname !== '') {
      throw wt.fail('TypeError', 'ERR_INVALID_FILE_URL_HOST', 'File URL host must be "localhost" or empty on linux');
    }
    if (/%2f/i.test(u.pathname)) {
      throw wt.fail('TypeError', 'ERR_INVALID_FILE_URL_PATH', 'File URL path must not include encoded / characters');
    }
    return decodeURIComponent(u.pathname);
  }
  function pathToFileURL(path) {
    const full = wt.module('path').resolve(path) + (path.endsWith('/') && path !== '/' ? '/' : '');
    const u = new (wt.global('URL'))('file:///');
    u.pathname = full.replaceAll('%', '%25').replaceAll('\\', '%5C').replaceAll('\n', '%0A')
      .replaceAll('\r', '%0D').replaceAll('\t', '%09').replaceAll('?', '%3F').replaceAll('#', '%23');
    return u;
  }
  function urlToHttpOptions(u) {
    const options = {
      __proto__: null, protocol: u.protocol,
      hostname: u.hostname.startsWith('[') ? u.hostname.slice(1, -1) : u.hostname,
      hash: u.hash, search: u.search, pathname: u.pathname, path: u.pathname + u.search, href: u.href,
    };
    if (u.port !== '') options.port = Number(u.port);
    if (u.username || u.password) options.auth = `${decodeURIComponent(u.username)}:${decodeURIComponent(u.password)}`;
    return options;
  }
  return {
    Url, parse, format, resolve,
    resolveObject: (from, to) => parse(resolve(from, to)),
    get URL() { return wt.global('URL'); },
    get URLSearchParams() { return wt.global('URLSearchParams'); },
    domainToASCII: (s) => wt.toASCII(String(s)),
    fileURLToPath, pathToFileURL, urlToHttpOptions,
  };
})
