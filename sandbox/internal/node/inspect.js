(function (wt) {
  const custom = Symbol.for('nodejs.util.inspect.custom');
  const defaults = {
    showHidden: false, depth: 2, colors: false, customInspect: true, showProxy: false, maxArrayLength: 100,
    maxStringLength: 10000, breakLength: 80, compact: 3, sorted: false, getters: false, numericSeparator: false,
  };
  const name = /^[a-zA-Z_][a-zA-Z_0-9]*$/;
  const escapes = { '\b': '\\b', '\t': '\\t', '\n': '\\n', '\f': '\\f', '\r': '\\r', '\\': '\\\\' };

  function quote(s) {
    if (wt.isPlain(s)) return `'${s}'`;
    let q = "'";
    if (s.includes("'")) q = !s.includes('"') ? '"' : !s.includes('`') && !s.includes('${') ? '`' : "'";
    const body = s.replace(/[\x00-\x1f\x7f-\x9f\\'\ud800-\udfff]/g, (c, at) => {
      if (c === "'") return q === "'" ? "\\'" : c;
      if (escapes[c]) return escapes[c];
      const code = c.charCodeAt(0);
      if (code >= 0xd800) return paired(s, at, code) ? c : '\\u' + code.toString(16).toUpperCase();
      return '\\x' + code.toString(16).toUpperCase().padStart(2, '0');
    });
    return q + body + q;
  }
  function paired(s, at, code) {
    const other = s.charCodeAt(code < 0xdc00 ? at + 1 : at - 1);
    return code < 0xdc00 ? other >= 0xdc00 && other <= 0xdfff : other >= 0xd800 && other <= 0xdbff;
  }
  const more = (n, what) => `... ${n} more ${what}${n > 1 ? 's' : ''}`;

  function primitive(ctx, v) {
    switch (typeof v) {
      case 'string': return string(ctx, v);
      case 'number': return Object.is(v, -0) ? '-0' : String(v);
      case 'bigint': return `${v}n`;
      case 'symbol': return v.toString();
      default: return String(v);
    }
  }
  function string(ctx, v) {
    let tail = '';
    if (v.length > ctx.maxStringLength) {
      tail = more(v.length - ctx.maxStringLength, 'character');
      v = v.slice(0, ctx.maxStringLength);
    }
    if (v.length > 16 && v.length > ctx.breakLength - ctx.indent - 4 && v.includes('\n')) {
      const lines = v.match(/[^\n]*\n|[^\n]+$/g);
      return lines.map(quote).join(` +\n${' '.repeat(ctx.indent + 2)}`) + tail;
    }
    return quote(v) + tail;
  }

  let raw;
  function value(ctx, v, depth) {
    if (v === null || typeof v !== 'object' && typeof v !== 'function') return primitive(ctx, v);
    const proxied = wt.proxyTarget(v);
    if (proxied !== undefined) {
      if (ctx.showProxy) return `Proxy ${value(ctx, proxied, depth)}`;
      v = proxied;
    }
    if (ctx.customInspect) {
      const own = v[custom];
      if (typeof own === 'function' && own !== inspect && !(v.constructor && v.constructor.prototype === v)) {
        const { seen, indent, current, circular, ...options } = ctx;
        const left = ctx.depth === null ? null : ctx.depth - depth;
        const out = own.call(v, left, { ...options, depth: left, stylize: (s) => s }, inspect);
        if (out !== v) {
          return typeof out === 'object' || typeof out === 'function' ? value(ctx, out, depth) : String(out)
            .replaceAll('\n', '\n' + ' '.repeat(ctx.indent));
        }
      }
    }
    if (ctx.seen.includes(v)) {
      if (!ctx.circular.has(v)) ctx.circular.set(v, ctx.circular.size + 1);
      return `[Circular *${ctx.circular.get(v)}]`;
    }
    raw = raw || wt.raw({ value, primitive, quote, more, name });
    return raw(ctx, v, depth);
  }

  function inspect(v, options, legacyDepth) {
    const ctx = { ...inspect.defaultOptions, seen: [], indent: 0, current: 0, circular: new Map(), stylize: (s) => s };
    if (typeof options === 'boolean') ctx.showHidden = options;
    else if (options !== null && typeof options === 'object') Object.assign(ctx, options);
    if (legacyDepth !== undefined) ctx.depth = legacyDepth;
    for (const key of ['maxArrayLength', 'maxStringLength', 'depth']) if (ctx[key] === null) ctx[key] = Infinity;
    if (ctx.compact === true) ctx.compact = 3;
    if (ctx.compact === false) ctx.compact = 0;
    return value(ctx, v, 0);
  }
  Object.assign(inspect, { custom, defaultOptions: { ...defaults }, colors: {}, styles: {} });

  const deep = (v, depth) => inspect(v, { depth, customInspect: true });
  function directive(c, v) {
    switch (c) {
      case 's':
        if (typeof v === 'bigint') return `${v}n`;
        if (typeof v === 'number' && Object.is(v, -0)) return '-0';
        if (typeof v !== 'object' || v === null) return String(v);
        if (typeof v.toString === 'function' && v.toString !== Object.prototype.toString &&
          v.toString !== Error.prototype.toString && !Array.isArray(v)) return String(v);
        return v instanceof Error && v.toString ? String(v) : deep(v, 0);
      case 'd':
        if (typeof v === 'bigint') return `${v}n`;
        return typeof v === 'symbol' || typeof v === 'object' && v !== null ? 'NaN' : primitive(defaults, Number(v));
      case 'i':
        if (typeof v === 'bigint') return `${v}n`;
        return typeof v === 'symbol' || typeof v === 'object' && v !== null ? 'NaN' : primitive(defaults, parseInt(v));
      case 'f': return typeof v === 'symbol' ? 'NaN' : primitive(defaults, parseFloat(v));
      case 'j':
        try {
          return JSON.stringify(v);
        } catch (e) {
          if (/circular/i.test(e.message)) return '[Circular]';
          throw e;
        }
      case 'o': return inspect(v, { showHidden: true, showProxy: true, depth: 4 });
      case 'O': return inspect(v);
      default: return '';
    }
  }
  function formatWithOptions(options, ...args) {
    let text = '';
    let used = 0;
    if (typeof args[0] === 'string') {
      used = 1;
      text = args.length === 1 ? args[0] : args[0].replace(/%([sdifjoOc%])/g, (all, c) => {
        if (c === '%') return '%';
        return used < args.length ? directive(c, args[used++]) : all;
      });
    }
    for (let i = used; i < args.length; i++) {
      if (i > 0) text += ' ';
      text += typeof args[i] === 'string' ? args[i] : inspect(args[i], options);
    }
    return text;
  }
  return { inspect, formatWithOptions, format: (...args) => formatWithOptions(undefined, ...args) };
})
