(function (wt) {
  const need = (v, name) => {
    if (typeof v !== 'string') throw wt.argType(name, 'of type string', v);
    return v;
  };
  // Resolves "." and ".." segments; ".." above the start stays if allowed.
  function squeeze(path, mayClimb) {
    const out = [];
    for (const part of path.split('/')) {
      if (part === '' || part === '.') continue;
      if (part !== '..') out.push(part);
      else if (out.length > 0 && out[out.length - 1] !== '..') out.pop();
      else if (mayClimb) out.push('..');
    }
    return out.join('/');
  }
  const posix = {
    sep: '/',
    delimiter: ':',
    resolve(...parts) {
      let path = '';
      for (let i = parts.length - 1; i >= -1 && !path.startsWith('/'); i--) {
        const part = i >= 0 ? need(parts[i], `paths[${i}]`) : '/';
        if (part !== '') path = path === '' ? part : `${part}/${path}`;
      }
      return '/' + squeeze(path, false);
    },
    normalize(path) {
      need(path, 'path');
      if (path === '') return '.';
      const rooted = path[0] === '/';
      const trailing = path.endsWith('/');
      let out = squeeze(path, !rooted);
      if (out === '') return rooted ? '/' : trailing ? './' : '.';
      if (trailing) out += '/';
      return rooted ? '/' + out : out;
    },
    isAbsolute(path) { return need(path, 'path')[0] === '/'; },
    join(...parts) {
      parts.forEach((p) => need(p, 'path'));
      const joined = parts.filter((p) => p !== '').join('/');
      return joined === '' ? '.' : posix.normalize(joined);
    },
    relative(from, to) {
      need(from, 'from');
      need(to, 'to');
      const a = posix.resolve(from).split('/').filter(Boolean);
      const b = posix.resolve(to).split('/').filter(Boolean);
      let same = 0;
      while (same < a.length && same < b.length && a[same] === b[same]) same++;
      return [...a.slice(same).map(() => '..'), ...b.slice(same)].join('/');
    },
    toNamespacedPath: (path) => path,
    dirname(path) {
      need(path, 'path');
      if (path === '') return '.';
      const end = path.replace(/\/+$/, '');
      if (end === '') return '/';
      const at = end.lastIndexOf('/');
      if (at === -1) return '.';
      if (at === 0) return '/';
      return at === 1 && end[0] === '/' ? '//' : end.slice(0, at);
    },
    basename(path, suffix) {
      need(path, 'path');
      if (suffix !== undefined) need(suffix, 'suffix');
      if (path !== '' && path === suffix) return '';
      const end = path.replace(/\/+$/, '');
      const base = end.slice(end.lastIndexOf('/') + 1);
      if (suffix && base !== suffix && base.endsWith(suffix)) return base.slice(0, -suffix.length);
      return base;
    },
    extname(path) {
      const base = posix.basename(path);
      const at = base.lastIndexOf('.');
      return at <= 0 || base === '..' ? '' : base.slice(at);
    },
    format(o) {
      if (o === null || typeof o !== 'object') throw wt.argType('pathObject', 'of type object', o);
      const dir = o.dir || o.root;
      const ext = o.ext ? (o.ext[0] === '.' ? o.ext : '.' + o.ext) : '';
      const base = o.base || `${o.name || ''}${ext}`;
      if (!dir) return base;
      return dir === o.root ? dir + base : `${dir}/${base}`;
    },
    parse(path) {
      need(path, 'path');
      const root = path[0] === '/' ? '/' : '';
      const base = posix.basename(path);
      const end = path.replace(/\/+$/, '');
      const at = end.lastIndexOf('/');
      const dir = at > 0 ? end.slice(0, at) : at === 0 ? '/' : root;
      const ext = posix.extname(path);
      return { root, dir, base, ext, name: ext ? base.slice(0, -ext.length) : base };
    },
  };
  posix.posix = posix;
  // A task sees no file system; Windows paths are there for code that asks for
  // the separators.
  posix.win32 = Object.assign({}, posix, { sep: '\\', delimiter: ';' });
  posix.win32.win32 = posix.win32;
  return posix;
})
