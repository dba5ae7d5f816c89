// req and res of a three-parameter handler: what of Node's IncomingMessage and
// ServerResponse such handlers use. native is the engine's side of the call.
(function (EventEmitter, buffer) {
  const Buffer = buffer.Buffer;
  EventEmitter = EventEmitter.EventEmitter || EventEmitter;

  function lazy(proto, name) {
    Object.defineProperty(proto, name, {
      configurable: true, enumerable: true,
      get() { const v = this._native[name](); this[name] = v; return v; },
      set(v) { Object.defineProperty(this, name, { value: v, writable: true, configurable: true, enumerable: true }); },
    });
  }

  class IncomingMessage extends EventEmitter {
    constructor(native) {
      super();
      this._native = native;
      this.method = native.method;
      this.url = native.url;
      this.httpVersion = '1.1';
      this.httpVersionMajor = 1;
      this.httpVersionMinor = 1;
      this.complete = false;
      this.readable = true;
      this.aborted = false;
      this.destroyed = false;
      this.socket = this.connection = { remoteAddress: '127.0.0.1', encrypted: false, on() {}, once() {}, destroy() {} };
      this._flowing = null;
      this._reading = false;
      this._encoding = null;
    }
    on(event, listener) {
      super.on(event, listener);
      if (event === 'data' && this._flowing !== false) this.resume();
      return this;
    }
    addListener(event, listener) { return this.on(event, listener); }
    setEncoding(encoding) { this._encoding = encoding || 'utf8'; this._decoder = null; return this; }
    resume() {
      this._flowing = true;
      if (!this._reading && !this.complete) { this._reading = true; queueMicrotask(() => this._next()); }
      return this;
    }
    pause() { this._flowing = false; return this; }
    isPaused() { return this._flowing === false; }
    _next() {
      if (!this._flowing || this.destroyed) { this._reading = false; return; }
      this._native.read((err, piece) => {
        if (this.destroyed) return;
        if (err) { this.aborted = true; this.destroyed = true; this.emit('error', new Error(err)); return; }
        if (piece === null) {
          this.complete = true; this.readable = false; this._reading = false;
          this.emit('end'); this.emit('close');
          return;
        }
        let data = Buffer.from(piece);
        if (this._encoding) data = this._decode(data);
        this.emit('data', data);
        this._next();
      });
    }
    _decode(data) {
      if (/^utf-?8$/i.test(this._encoding)) {
        this._decoder = this._decoder || new TextDecoder('utf-8');
        return this._decoder.decode(data, { stream: true });
      }
      return data.toString(this._encoding);
    }
    pipe(dest) {
      this.on('data', (d) => { if (dest.write(d) === false && dest.once) { this.pause(); dest.once('drain', () => this.resume()); } });
      this.on('end', () => dest.end());
      return dest;
    }
    unpipe() { return this; }
    destroy(err) { this.destroyed = true; if (err) this.emit('error', err); return this; }
    get(name) { return this.headers[String(name).toLowerCase()]; }
    // for await (const piece of req)
    [Symbol.asyncIterator || Symbol.for('Symbol.asyncIterator')]() {
      const queue = [], waiting = [];
      let error = null, done = false;
      const step = () => {
        while (waiting.length) {
          const w = waiting[0];
          if (queue.length) w.resolve({ value: queue.shift(), done: false });
          else if (error) w.reject(error);
          else if (done) w.resolve({ value: undefined, done: true });
          else { this.resume(); return; }
          waiting.shift();
        }
      };
      this._flowing = false;
      this.on('data', (d) => { queue.push(d); if (!waiting.length) this.pause(); step(); });
      this.on('end', () => { done = true; step(); });
      this.on('error', (e) => { error = e; step(); });
      return {
        next: () => new Promise((resolve, reject) => { waiting.push({ resolve, reject }); step(); }),
        return: (value) => { this.destroy(); done = true; return Promise.resolve({ value, done: true }); },
      };
    }
  }
  lazy(IncomingMessage.prototype, 'headers');
  lazy(IncomingMessage.prototype, 'rawHeaders');
  lazy(IncomingMessage.prototype, 'query');
  lazy(IncomingMessage.prototype, 'x_wt');

  const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
  function nodeError(Type, code, message) { const e = new Type(message); e.code = code; return e; }
  const sent = (what) => nodeError(Error, 'ERR_HTTP_HEADERS_SENT', 'Cannot ' + what + ' headers after they are sent to the client');

  class ServerResponse extends EventEmitter {
    constructor(native, req) {
      super();
      this._native = native;
      this.req = req;
      this.statusCode = 200;
      this.statusMessage = undefined;
      this.headersSent = false;
      this.finished = false;
      this.writable = true;
      this.writableEnded = false;
      this.writableFinished = false;
      this.sendDate = true;
      this.socket = this.connection = req.socket;
      this._headers = new Map();
    }
    setHeader(name, value) {
      if (this.headersSent) throw sent('set');
      name = String(name);
      if (!TOKEN.test(name)) throw nodeError(TypeError, 'ERR_INVALID_HTTP_TOKEN', 'Header name must be a valid HTTP token ["' + name + '"]');
      if (value === undefined) throw nodeError(TypeError, 'ERR_HTTP_INVALID_HEADER_VALUE', 'Invalid value "undefined" for header "' + name + '"');
      const values = Array.isArray(value) ? value : [value];
      for (const v of values) if (/[^\t\x20-\x7e\x80-\xff]/.test(String(v))) throw nodeError(TypeError, 'ERR_INVALID_CHAR', 'Invalid character in header content ["' + name + '"]');
      this._headers.set(name.toLowerCase(), [name, value]);
      return this;
    }
    appendHeader(name, value) {
      const have = this.getHeader(name);
      return this.setHeader(name, have === undefined ? value : [].concat(have, value));
    }
    getHeader(name) { const h = this._headers.get(String(name).toLowerCase()); return h && h[1]; }
    getHeaders() { const o = Object.create(null); for (const [k, h] of this._headers) o[k] = h[1]; return o; }
    getHeaderNames() { return [...this._headers.keys()]; }
    hasHeader(name) { return this._headers.has(String(name).toLowerCase()); }
    removeHeader(name) { if (this.headersSent) throw sent('remove'); this._headers.delete(String(name).toLowerCase()); }
    writeHead(status, message, headers) {
      if (this.headersSent) throw nodeError(Error, 'ERR_HTTP_HEADERS_SENT', 'Cannot write headers after they are sent to the client');
      status = status | 0;
      if (status < 100 || status > 999) throw nodeError(RangeError, 'ERR_HTTP_INVALID_STATUS_CODE', 'Invalid status code: ' + status);
      if (typeof message !== 'string') { headers = message; message = undefined; }
      this.statusCode = status;
      if (message !== undefined) this.statusMessage = message;
      if (Array.isArray(headers)) for (let i = 0; i < headers.length; i += 2) this.setHeader(headers[i], headers[i + 1]);
      else if (headers) for (const k of Object.keys(headers)) this.setHeader(k, headers[k]);
      this._fixed = true;
      return this;
    }
    _list() {
      const list = [];
      for (const h of this._headers.values()) for (const v of Array.isArray(h[1]) ? h[1] : [h[1]]) list.push([h[0], String(v)]);
      return list;
    }
    _status() {
      const s = this.statusCode | 0;
      if (s < 100 || s > 999) throw nodeError(RangeError, 'ERR_HTTP_INVALID_STATUS_CODE', 'Invalid status code: ' + this.statusCode);
      return s;
    }
    flushHeaders() {
      if (this.headersSent) return;
      const status = this._status();
      this.headersSent = true;
      this._native.head(status, this._list());
    }
    writeContinue() {}
    setTimeout() { return this; }
    cork() {}
    uncork() {}
    _bytes(chunk, encoding) {
      if (typeof chunk === 'string') return Buffer.from(chunk, encoding);
      if (chunk instanceof Uint8Array) return chunk;
      throw nodeError(TypeError, 'ERR_INVALID_ARG_TYPE', 'The "chunk" argument must be of type string or an instance of Buffer or Uint8Array. Received ' + typeof chunk);
    }
    write(chunk, encoding, cb) {
      if (typeof encoding === 'function') { cb = encoding; encoding = undefined; }
      if (this.writableEnded) {
        const e = nodeError(Error, 'ERR_STREAM_WRITE_AFTER_END', 'write after end');
        if (cb) cb(e);
        this.emit('error', e);
        return false;
      }
      const data = this._bytes(chunk, encoding);
      this.flushHeaders();
      if (this.req.method === 'HEAD' || data.length === 0) { if (cb) queueMicrotask(cb); return true; }
      const more = this._native.write(data);
      if (!more) this._native.drain(() => { this.emit('drain'); });
      if (cb) queueMicrotask(cb);
      return more;
    }
    end(chunk, encoding, cb) {
      if (typeof chunk === 'function') { cb = chunk; chunk = undefined; }
      else if (typeof encoding === 'function') { cb = encoding; encoding = undefined; }
      if (this.writableEnded) { if (cb) queueMicrotask(cb); return this; }
      const data = chunk === undefined || chunk === null ? null : this._bytes(chunk, encoding);
      if (!this.headersSent) {
        const status = this._status();
        this.headersSent = true;
        this._native.whole(status, this._list(), this.req.method === 'HEAD' ? null : data);
      } else {
        if (data && data.length && this.req.method !== 'HEAD') this._native.write(data);
        this._native.end();
      }
      this.writableEnded = this.finished = true;
      this.writable = false;
      queueMicrotask(() => { this.writableFinished = true; if (cb) cb(); this.emit('finish'); this.emit('close'); });
      return this;
    }
    destroy(err) { if (!this.writableEnded) this.end(); if (err) this.emit('error', err); return this; }
  }

  const queueMicrotask = (fn) => { Promise.resolve().then(fn); };
  return function (native) {
    const req = new IncomingMessage(native);
    const res = new ServerResponse(native, req);
    req.res = res;
    return [req, res];
  };
})
