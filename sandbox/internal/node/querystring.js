(function (wt) {
  const plain = /^[A-Za-z0-9\-_.!~*'()]*$/;
  function escape(v) {
    const s = typeof v === 'string' ? v : typeof v === 'object' && v !== null ? String(v) : v + '';
    if (plain.test(s)) return s;
    try {
      return encodeURIComponent(s);
    } catch {
      throw wt.fail('URIError', 'ERR_INVALID_URI', 'URI malformed');
    }
  }
  function unescape(s) {
    try {
      return decodeURIComponent(s);
    } catch {
      return unescapeBuffer(s).toString();
    }
  }
  function unescapeBuffer(s) {
    const Buffer = wt.global('Buffer');
    const parts = String(s).split(/(%[0-9a-fA-F]{2})/);
    return Buffer.concat(parts.map((p, i) => (i % 2 ? Buffer.from([parseInt(p.slice(1), 16)]) : Buffer.from(p))));
  }
  const primitive = (v) => {
    if (typeof v === 'string') return v;
    if (typeof v === 'number' && isFinite(v)) return String(v);
    return typeof v === 'bigint' || typeof v === 'boolean' ? String(v) : '';
  };

  function stringify(obj, sep, eq, options) {
    sep = sep || '&';
    eq = eq || '=';
    const encode = options && typeof options.encodeURIComponent === 'function'
      ? options.encodeURIComponent : api.escape;
    if (obj === null || typeof obj !== 'object') return '';
    const fields = [];
    for (const key of Object.keys(obj)) {
      const name = encode(primitive(key)) + eq;
      const value = obj[key];
      for (const v of Array.isArray(value) ? value : [value]) fields.push(name + encode(primitive(v)));
    }
    return fields.join(sep);
  }

  function parse(qs, sep, eq, options) {
    const out = Object.create(null);
    if (typeof qs !== 'string' || qs.length === 0) return out;
    sep = sep ? String(sep) : '&';
    eq = eq ? String(eq) : '=';
    let max = 1000;
    if (options && typeof options.maxKeys === 'number') max = options.maxKeys > 0 ? options.maxKeys : -1;
    const decode = options && typeof options.decodeURIComponent === 'function'
      ? options.decodeURIComponent : api.unescape;
    const decoded = (s) => {
      s = s.replaceAll('+', ' ');
      if (!s.includes('%') && decode === unescape) return s;
      try {
        return decode(s);
      } catch {
        return unescape(s);
      }
    };
    let left = max;
    for (const field of qs.split(sep)) {
      if (field === '') continue;
      if (max > 0 && left-- === 0) break;
      const at = field.indexOf(eq);
      const key = decoded(at === -1 ? field : field.slice(0, at));
      const value = at === -1 ? '' : decoded(field.slice(at + eq.length));
      if (out[key] === undefined) out[key] = value;
      else if (Array.isArray(out[key])) out[key].push(value);
      else out[key] = [out[key], value];
    }
    return out;
  }
  const api = { unescapeBuffer, unescape, escape, stringify, encode: stringify, parse, decode: parse };
  return api;
})
