(function (wt, { value, primitive, quote, more, name }) {
  const layout = wt.layout();
  // The functions share o, what is known of the value under inspection: they are
  // made once, for a closure in this engine costs more than a property.
  const tag = ({ v }) => {
    const t = v[Symbol.toStringTag];
    if (Object.prototype.propertyIsEnumerable.call(v, Symbol.toStringTag)) return '';
    return typeof t === 'string' && t !== '' ? t : '';
  };
  function constructorName(v) {
    for (let p = v; p; p = Object.getPrototypeOf(p)) {
      const d = Object.getOwnPropertyDescriptor(p, 'constructor');
      if (d && typeof d.value === 'function' && d.value.name !== '' && p !== v) return d.value.name;
    }
    return null;
  }
  function prefix(o, fallback, size) {
    const { ctor } = o;
    const n = size === undefined ? '' : `(${size})`;
    const t = tag(o);
    const extra = t !== '' && t !== (ctor || fallback) ? `[${t}] ` : '';
    return ctor === null ? `[${fallback}${n}: null prototype] ${extra}` : `${ctor}${n} ${extra}`;
  }
  const keysOf = ({ ctx, v, kind, isArray }) => {
    const indexed = isArray || kind === 'TypedArray' || kind === 'String';
    let keys = ctx.showHidden ? Object.getOwnPropertyNames(v) : indexed ? wt.namedKeys(v) : Object.keys(v);
    if (ctx.showHidden && indexed) keys = keys.filter((k) => !/^\d+$/.test(k));
    const symbols = Object.getOwnPropertySymbols(v);
    if (symbols.length === 0) return keys;
    return keys.concat(symbols.filter((s) => ctx.showHidden || Object.prototype.propertyIsEnumerable.call(v, s)));
  };

  function property(o, key) {
    const { ctx, v, depth } = o;
    const d = Object.getOwnPropertyDescriptor(v, key) || { value: v[key], enumerable: true };
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
  function items({ ctx, isArray }, list, show) {
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
  const isEmpty = ({ v, kind, isArray }) => {
    const size = v.size === undefined ? v.length : v.size;
    return kind === 'Object' || (isArray || ['Map', 'Set', 'TypedArray'].includes(kind)) && size === 0;
  };
  const bytes = (b) => Array.from(b, (x) => x.toString(16).padStart(2, '0')).join(' ');

  function functionBase({ v, ctor }) {
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
  function errorBase({ ctx, v, ctor }, keys) {
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
  function shape(o, keys) {
    const { ctx, v, kind, ctor, isArray, depth } = o;
    const nested = (x) => value(ctx, x, depth + 1);
    if (isArray) {
      const plain = ctor === 'Array' && tag(o) === '';
      return { braces: [plain ? '[' : `${prefix(o, 'Array', v.length)}[`, ']'], list: () => items(o, v, nested), array: true };
    }
    switch (kind) {
      case 'Set':
        return { braces: [`${prefix(o, 'Set', v.size)}{`, '}'], list: () => items(o, Array.from(v), nested) };
      case 'Map':
        return {
          braces: [`${prefix(o, 'Map', v.size)}{`, '}'],
          list: () => items(o, Array.from(v), ([k, x]) => `${nested(k)} => ${nested(x)}`),
        };
      case 'TypedArray': {
        return {
          braces: [`${prefix(o, 'TypedArray', v.length)}[`, ']'], array: true,
          list: () => items(o, v, (x) => primitive(ctx, x)),
        };
      }
      case 'ArrayBuffer': return {
        braces: [`${prefix(o, 'ArrayBuffer')}{`, '}'],
        list: () => [`[Uint8Contents]: <${bytes(new Uint8Array(v).subarray(0, 50))}` +
          `${v.byteLength > 50 ? ' ' + more(v.byteLength - 50, 'byte') : ''}>`, `byteLength: ${v.byteLength}`],
      };
      case 'Date': return { base: isNaN(v) ? 'Invalid Date' : Date.prototype.toISOString.call(v) };
      case 'RegExp': return { base: RegExp.prototype.toString.call(v) };
      case 'Error': return { base: errorBase(o, keys) };
      case 'Function': return { base: functionBase(o) };
      case 'Promise': {
        const [state, result] = wt.promise(v);
        return {
          braces: [`${prefix(o, 'Promise')}{`, '}'],
          list: () => [state === 'pending' ? '<pending>' : (state === 'rejected' ? '<rejected> ' : '') + nested(result)],
        };
      }
      case 'WeakMap': case 'WeakSet': return { braces: [`${prefix(o, kind)}{`, '}'], list: () => ['<items unknown>'] };
      case 'Arguments': return { braces: ['[Arguments] {', '}'] };
      case 'Number': case 'Boolean': case 'Symbol': case 'BigInt': case 'String': {
        return { base: `[${kind}: ${primitive({ ...ctx, maxStringLength: Infinity }, v.valueOf())}]` };
      }
      default:
        if (ctor === 'Object' && tag(o) === '') return { braces: ['{', '}'] };
        return { braces: [`${prefix(o, 'Object')}{`, '}'] };
    }
  }

  return function raw(ctx, v, depth) {
    const kind = wt.kind(v);
    const isArray = Array.isArray(v);
    const ctor = constructorName(v);
    const o = { ctx, v, depth, kind, isArray, ctor };
    const keys = keysOf(o);
    const { base = '', braces = ['{', '}'], list, array } = shape(o, keys);
    if (keys.length === 0 && (base ? !list : isEmpty(o))) return base || braces[0] + braces[1];
    if (depth > ctx.depth) {
      if (isArray) return '[Array]';
      const t = tag(o);
      return `[${ctor === null ? 'Object: null prototype' : t && t !== ctor ? `${ctor} [${t}]` : ctor}]`;
    }
    ctx.seen.push(v);
    ctx.current = depth;
    const out = list ? list() : [];
    for (const key of keys) out.push(property(o, key));
    ctx.seen.pop();
    const ref = ctx.circular.get(v);
    const lead = ref === undefined ? '' : `<ref *${ref}>`;
    if (ctx.sorted) out.sort(typeof ctx.sorted === 'function' ? ctx.sorted : undefined);
    if (out.length === 0) {
      return `${lead ? lead + ' ' : ''}${base || braces[0] + braces[1]}`;
    }
    return layout(o, out, base && lead ? `${lead} ${base}` : base || lead, braces, array);
  };
})
