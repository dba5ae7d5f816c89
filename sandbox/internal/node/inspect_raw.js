(function (wt, { value, primitive, quote, more, name }) { return function raw(ctx, v, depth) {
  const kind = wt.kind(v);
  const isArray = Array.isArray(v);
  const tag = () => {
    const t = v[Symbol.toStringTag];
    if (Object.prototype.propertyIsEnumerable.call(v, Symbol.toStringTag)) return '';
    return typeof t === 'string' && t !== '' ? t : '';
  };
  function constructorName() {
    let depth = 0;
    for (let o = v; o; o = Object.getPrototypeOf(o), depth++) {
      const d = Object.getOwnPropertyDescriptor(o, 'constructor');
      if (d && typeof d.value === 'function' && d.value.name !== '' && (o !== v || depth > 0)) return d.value.name;
    }
    return null;
  }
  const ctor = constructorName();
  function prefix(fallback, size) {
    const n = size === undefined ? '' : `(${size})`;
    const t = tag();
    const extra = t !== '' && t !== (ctor || fallback) ? `[${t}] ` : '';
    return ctor === null ? `[${fallback}${n}: null prototype] ${extra}` : `${ctor}${n} ${extra}`;
  }
  const keysOf = () => {
    const keys = ctx.showHidden ? Object.getOwnPropertyNames(v) : Object.keys(v);
    const symbols = Object.getOwnPropertySymbols(v)
      .filter((s) => ctx.showHidden || Object.prototype.propertyIsEnumerable.call(v, s));
    return symbols.length ? keys.concat(symbols) : keys;
  };

  function property(key, desc) {
    const d = desc || Object.getOwnPropertyDescriptor(v, key) || { value: v[key], enumerable: true };
    let text;
    if (d.get || d.set) {
      text = d.get ? (d.set ? '[Getter/Setter]' : '[Getter]') : '[Setter]';
      if (d.get && ctx.getters) text = `[Getter: ${value(ctx, v[key], depth + 1)}]`;
    } else {
      ctx.indent += 2;
      text = value(ctx, d.value, depth + 1);
      ctx.indent -= 2;
    }
    let label = typeof key === 'symbol' ? `[${key.toString()}]` : key === '__proto__' ? "['__proto__']"
      : name.test(key) ? key : quote(key);
    if (!d.enumerable && typeof key === 'string') label = `[${key}]`;
    return `${label}: ${text}`;
  }
  function items(list, show) {
    const n = Math.min(list.length, Math.max(0, ctx.maxArrayLength));
    const out = [];
    let i = 0;
    for (; i < list.length && out.length < n; i++) {
      if (isArray && !Object.prototype.hasOwnProperty.call(list, i)) {
        let j = i;
        while (j < list.length && !Object.prototype.hasOwnProperty.call(list, j)) j++;
        out.push(`<${j - i} empty item${j - i > 1 ? 's' : ''}>`);
        i = j - 1;
        continue;
      }
      ctx.indent += 2;
      out.push(show(list[i]));
      ctx.indent -= 2;
    }
    if (i < list.length) out.push(more(list.length - i, 'item'));
    return out;
  }
  const isEmpty = () => {
    const size = v.size === undefined ? v.length : v.size;
    return kind === 'Object' || (isArray || ['Map', 'Set', 'TypedArray'].includes(kind)) && size === 0;
  };
  const nested = (x) => value(ctx, x, depth + 1);
  const bytes = (b) => Array.from(b, (x) => x.toString(16).padStart(2, '0')).join(' ');

  function functionBase() {
    const text = Function.prototype.toString.call(v);
    if (text.startsWith('class') && text.endsWith('}')) {
      const parent = Object.getPrototypeOf(v);
      const ext = parent && parent.name ? ` extends ${parent.name}` : '';
      return `[class ${v.name || '(anonymous)'}${ext}]`;
    }
    let type = 'Function';
    if (/^async\b/.test(text)) type = /^async\s*(function)?\s*\*/.test(text) ? 'AsyncGeneratorFunction' : 'AsyncFunction';
    else if (/^function\s*\*/.test(text)) type = 'GeneratorFunction';
    const label = v.name === '' || typeof v.name !== 'string' ? ' (anonymous)' : `: ${v.name}`;
    return `[${type}${label}]` + (ctor === null ? ' [null prototype]' : '');
  }
  function errorBase(keys) {
    let stack = typeof v.stack === 'string' && v.stack !== '' ? v.stack : Error.prototype.toString.call(v);
    stack = stack.replace(/\n+$/, '').replace(/\n\t/g, '\n    ');
    const head = Error.prototype.toString.call(v);
    if (!stack.includes('\n    at')) stack = `[${head}]`;
    else {
      const frames = stack.slice(stack.indexOf('\n    at'));
      const known = typeof v.name === 'string' && v.name !== 'Error' || ctor === null || ctor === 'Error'
        ? head : head.replace(/^Error/, ctor);
      stack = (typeof v.code === 'string' && wt.coded(v) ? known.replace(/^(\w+)/, `$1 [${v.code}]`) : known) + frames;
    }
    for (const key of ['name', 'message', 'stack']) {
      const at = keys.indexOf(key);
      if (at !== -1 && stack.includes(v[key])) keys.splice(at, 1);
    }
    for (const key of ['cause', 'errors']) {
      if (Object.prototype.hasOwnProperty.call(v, key) && !keys.includes(key)) keys.push(key);
    }
    return ctx.indent ? stack.replaceAll('\n', '\n' + ' '.repeat(ctx.indent)) : stack;
  }

  // Each kind of value: its base text, its braces and its own entries.
  function shape(keys) {
    if (isArray) {
      const plain = ctor === 'Array' && tag() === '';
      return { braces: [plain ? '[' : `${prefix('Array', v.length)}[`, ']'], list: () => items(v, nested), array: true };
    }
    switch (kind) {
      case 'Set':
        return { braces: [`${prefix('Set', v.size)}{`, '}'], list: () => items(Array.from(v), nested) };
      case 'Map':
        return {
          braces: [`${prefix('Map', v.size)}{`, '}'],
          list: () => items(Array.from(v), ([k, x]) => `${nested(k)} => ${nested(x)}`),
        };
      case 'TypedArray': {
        keys.splice(0, keys.length, ...keys.filter((k) => typeof k === 'symbol' || !/^\d+$/.test(k)));
        return {
          braces: [`${prefix('TypedArray', v.length)}[`, ']'], array: true,
          list: () => items(v, (x) => primitive(ctx, x)),
        };
      }
      case 'ArrayBuffer': return {
        braces: [`${prefix('ArrayBuffer')}{`, '}'],
        list: () => [`[Uint8Contents]: <${bytes(new Uint8Array(v).subarray(0, 50))}` +
          `${v.byteLength > 50 ? ' ' + more(v.byteLength - 50, 'byte') : ''}>`, `byteLength: ${v.byteLength}`],
      };
      case 'Date': return { base: isNaN(v) ? 'Invalid Date' : Date.prototype.toISOString.call(v) };
      case 'RegExp': return { base: RegExp.prototype.toString.call(v) };
      case 'Error': return { base: errorBase(keys) };
      case 'Function': return { base: functionBase() };
      case 'Promise': {
        const [state, result] = wt.promise(v);
        return {
          braces: [`${prefix('Promise')}{`, '}'],
          list: () => [state === 'pending' ? '<pending>' : (state === 'rejected' ? '<rejected> ' : '') + nested(result)],
        };
      }
      case 'WeakMap': case 'WeakSet': return { braces: [`${prefix(kind)}{`, '}'], list: () => ['<items unknown>'] };
      case 'Arguments': return { braces: ['[Arguments] {', '}'] };
      case 'Number': case 'Boolean': case 'Symbol': case 'BigInt': case 'String': {
        if (kind === 'String') keys.splice(0, keys.length, ...keys.filter((k) => typeof k === 'symbol' || !/^\d+$/.test(k)));
        return { base: `[${kind}: ${primitive({ ...ctx, maxStringLength: Infinity }, v.valueOf())}]` };
      }
      default:
        if (ctor === 'Object' && tag() === '') return { braces: ['{', '}'] };
        return { braces: [`${prefix('Object')}{`, '}'] };
    }
  }

  function group(out) {
    const length = ctx.maxArrayLength < out.length ? out.length - 1 : out.length;
    const widths = out.slice(0, length).map((s) => s.length);
    const widest = Math.max(...widths) + 2;
    const total = widths.reduce((n, w) => n + w + 2, 0);
    if (widest * 3 + ctx.indent >= ctx.breakLength || !(total / widest > 5 || widest <= 8)) return out;
    const biased = Math.max(widest - 3 - Math.sqrt(widest - total / out.length), 1);
    const columns = Math.min(Math.round(Math.sqrt(2.5 * biased * length) / biased),
      Math.floor((ctx.breakLength - ctx.indent) / widest), ctx.compact * 4, 15);
    if (columns <= 1) return out;
    const columnWidth = Array.from({ length: columns }, (_, c) =>
      Math.max(...widths.filter((_, i) => i % columns === c)) + 2);
    const numeric = Array.from(v).every((x) => typeof x === 'number' || typeof x === 'bigint');
    const lines = [];
    for (let i = 0; i < length; i += columns) {
      const end = Math.min(i + columns, length);
      let line = '';
      for (let j = i; j < end - 1; j++) {
        line += numeric ? `${out[j]}, `.padStart(columnWidth[j - i]) : `${out[j]}, `.padEnd(columnWidth[j - i]);
      }
      lines.push(line + (numeric ? out[end - 1].padStart(columnWidth[end - 1 - i] - 2) : out[end - 1]));
    }
    if (length < out.length) lines.push(out[length]);
    return lines;
  }
  function layout(out, base, [open, close], array) {
    const lead = base ? `${base} ` : '';
    const entries = out.length;
    if (ctx.compact) {
      if (array && entries > 6) out = group(out);
      if (ctx.current - depth < ctx.compact && entries === out.length) {
        const start = out.length + ctx.indent + open.length + base.length + 10;
        const total = out.reduce((n, s) => n + s.length, out.length + start);
        const joined = out.join(', ');
        if (total <= ctx.breakLength && !base.includes('\n') && !joined.includes('\n')) {
          return `${lead}${open} ${joined} ${close}`;
        }
      }
    }
    const pad = `\n${' '.repeat(ctx.indent)}`;
    return `${lead}${open}${pad}  ${out.join(`,${pad}  `)}${pad}${close}`;
  }

  let keys = keysOf();
  if (isArray) keys = keys.filter((k) => typeof k === 'symbol' || !/^\d+$/.test(k));
  const { base = '', braces = ['{', '}'], list, array } = shape(keys);
  if (keys.length === 0 && (base ? !list : isEmpty())) return base || braces[0] + braces[1];
  if (depth > ctx.depth) {
    return isArray ? '[Array]' : `[${ctor === null ? 'Object: null prototype' : (tag() && tag() !== ctor ? `${ctor} [${tag()}]` : ctor)}]`;
  }
  ctx.seen.push(v);
  ctx.current = depth;
  const out = list ? list() : [];
  for (const key of keys) out.push(property(key));
  ctx.seen.pop();
  const ref = ctx.circular.get(v);
  const lead = ref === undefined ? '' : `<ref *${ref}>`;
  if (ctx.sorted) out.sort(typeof ctx.sorted === 'function' ? ctx.sorted : undefined);
  if (out.length === 0) {
    return `${lead ? lead + ' ' : ''}${base || braces[0] + braces[1]}`;
  }
  const text = layout(out, base && lead ? `${lead} ${base}` : base || lead, braces, array);
  return text;
}; })
