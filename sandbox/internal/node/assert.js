(function (wt) {
  const inspect = (v) => wt.module('util').inspect(v);
  class AssertionError extends Error {
    constructor(options) {
      const { message, actual, expected, operator } = options;
      super(message === undefined ? `${inspect(actual)} ${operator} ${inspect(expected)}` : String(message));
      this.name = 'AssertionError';
      this.code = 'ERR_ASSERTION';
      this.generatedMessage = message === undefined;
      Object.assign(this, { actual, expected, operator });
    }
  }
  function fail(actual, expected, message, operator, text) {
    if (message instanceof Error) throw message;
    const err = new AssertionError({ message: message === undefined ? text : message, actual, expected, operator });
    err.generatedMessage = message === undefined;
    throw err;
  }
  const both = (text, a, b) => `${text}\n\n${inspect(a)} !== ${inspect(b)}\n`;
  const not = (how, v) => {
    const text = inspect(v);
    return `Expected "actual" not to be ${how} deep-equal to:${text.includes('\n') ? `\n\n${text}\n` : ` ${text}`}`;
  };
  function assert(...args) { ok(...args); }
  function ok(value, message) {
    if (value) return;
    fail(value, true, message, '==', arguments.length === 0
      ? 'No value argument passed to `assert.ok()`' : 'The expression evaluated to a falsy value');
  }
  // Does an error satisfy what assert.throws was told to expect?
  function matches(err, expected, message) {
    if (expected === undefined) return;
    if (typeof expected === 'function') {
      if (expected.prototype !== undefined && err instanceof expected) return;
      if (Error.isPrototypeOf(expected) || expected === Error) {
        const got = err instanceof Error ? `. Received "${err.name}"\n\nError message:\n\n${err.message}` : `. Received ${inspect(err)}`;
        fail(err, expected, message, 'throws', `The error is expected to be an instance of "${expected.name}"${got}`);
      }
      if (expected.call({}, err) === true) return;
      fail(err, expected, message, 'throws', 'The validation function is expected to return "true".');
    }
    if (expected instanceof RegExp) {
      if (expected.test(String(err))) return;
      fail(err, expected, message, 'throws',
        `The input did not match the regular expression ${expected}. Input:\n\n${inspect(String(err))}\n`);
    }
    const keys = Object.keys(expected);
    if (expected instanceof Error) keys.push('name', 'message');
    for (const key of keys) {
      const want = expected[key];
      if (want instanceof RegExp && typeof err[key] === 'string' ? want.test(err[key]) : wt.equal(err[key], want, true)) continue;
      fail(err, expected, message, 'throws', both('Expected values to be strictly deep-equal:', err[key], want));
    }
  }
  const settle = async (fn) => {
    try {
      await (typeof fn === 'function' ? fn() : fn);
    } catch (err) {
      return [err];
    }
    return [];
  };
  const attempt = (fn) => {
    if (typeof fn !== 'function') throw wt.argType('fn', 'of type function', fn);
    try {
      fn();
    } catch (err) {
      return [err];
    }
    return [];
  };
  const split = (expected, message) => (typeof expected === 'string' ? [undefined, expected] : [expected, message]);
  function mustThrow(caught, expected, message, operator) {
    [expected, message] = split(expected, message);
    if (caught.length === 0) {
      const what = operator === 'rejects' ? 'rejection' : 'exception';
      const type = expected && expected.name ? ` (${expected.name})` : '';
      fail(undefined, expected, undefined, operator, `Missing expected ${what}${type}${message ? ': ' + message : '.'}`);
    }
    matches(caught[0], expected, message);
  }
  function mustNot(caught, expected, message, operator) {
    [expected, message] = split(expected, message);
    if (caught.length === 0) return;
    const what = operator === 'doesNotReject' ? 'rejection' : 'exception';
    fail(caught[0], expected, undefined, operator, `Got unwanted ${what}${message ? ': ' + message : '.'}\n` +
      `Actual message: "${caught[0] && caught[0].message}"`);
  }

  const loose = {
    equal(a, b, m) { if (!(a == b || a !== a && b !== b)) fail(a, b, m, '==', `${inspect(a)} == ${inspect(b)}`); },
    notEqual(a, b, m) { if (a == b || a !== a && b !== b) fail(a, b, m, '!=', `${inspect(a)} != ${inspect(b)}`); },
    deepEqual(a, b, m) {
      if (!wt.equal(a, b, false)) fail(a, b, m, 'deepEqual', both('Expected values to be loosely deep-equal:', a, b));
    },
    notDeepEqual(a, b, m) {
      if (wt.equal(a, b, false)) fail(a, b, m, 'notDeepEqual', not('loosely', b));
    },
  };
  const strict = {
    equal(a, b, m) {
      if (!Object.is(a, b)) fail(a, b, m, 'strictEqual', both('Expected values to be strictly equal:', a, b));
    },
    notEqual(a, b, m) {
      if (Object.is(a, b)) fail(a, b, m, 'notStrictEqual', `Expected "actual" to be strictly unequal to: ${inspect(b)}`);
    },
    deepEqual(a, b, m) {
      if (!wt.equal(a, b, true)) fail(a, b, m, 'deepStrictEqual', both('Expected values to be strictly deep-equal:', a, b));
    },
    notDeepEqual(a, b, m) {
      if (wt.equal(a, b, true)) fail(a, b, m, 'notDeepStrictEqual', not('strictly', b));
    },
  };
  Object.assign(assert, loose, {
    ok,
    AssertionError,
    strictEqual: strict.equal,
    notStrictEqual: strict.notEqual,
    deepStrictEqual: strict.deepEqual,
    notDeepStrictEqual: strict.notDeepEqual,
    fail(message) { fail(undefined, undefined, message, 'fail', 'Failed'); },
    ifError(value) {
      if (value !== null && value !== undefined) {
        fail(value, null, undefined, 'ifError', `ifError got unwanted exception: ${value.message || inspect(value)}`);
      }
    },
    throws(fn, expected, message) { mustThrow(attempt(fn), expected, message, 'throws'); },
    doesNotThrow(fn, expected, message) { mustNot(attempt(fn), expected, message, 'doesNotThrow'); },
    async rejects(fn, expected, message) { mustThrow(await settle(fn), expected, message, 'rejects'); },
    async doesNotReject(fn, expected, message) { mustNot(await settle(fn), expected, message, 'doesNotReject'); },
    match(s, re, m) {
      if (typeof s !== 'string' || !re.test(s)) {
        fail(s, re, m, 'match', `The input did not match the regular expression ${re}. Input:\n\n${inspect(s)}\n`);
      }
    },
    doesNotMatch(s, re, m) {
      if (typeof s === 'string' && re.test(s)) {
        fail(s, re, m, 'doesNotMatch', `The input was expected to not match the regular expression ${re}. Input:\n\n${inspect(s)}\n`);
      }
    },
  });
  assert.strict = Object.assign((...args) => ok(...args), assert, strict);
  assert.strict.strict = assert.strict;
  return assert;
})
