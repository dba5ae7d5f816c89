(function () {
  // How entries become lines: on one if they fit, else one each, and long arrays in
  // columns.
  function group({ ctx, v }, out) {
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
  function layout(o, out, base, [open, close], array) {
    const { ctx, depth } = o;
    const lead = base ? `${base} ` : '';
    const entries = out.length;
    if (ctx.compact) {
      if (array && entries > 6) out = group(o, out);
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
  return layout;
})
