// Signs a token that says who the page's user is, for ten minutes. The page gets the
// token and never the key. A real task would first make sure of the user.
const { createHmac } = require('crypto');

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

module.exports = function (ctx, cb) {
  const { user } = ctx.body || ctx.query;
  if (typeof user !== 'string' || user === '') {
    return cb(new Error('say for whom: ?user=NAME, or {"user": NAME} as JSON'));
  }
  const now = Math.floor(Date.now() / 1000);
  const signed = [{ alg: 'HS256', typ: 'JWT' }, { sub: user, iat: now, exp: now + 600 }].map(encode).join('.');
  const signature = createHmac('sha256', ctx.secrets.signing_key).update(signed).digest('base64url');
  cb(null, { token: signed + '.' + signature });
};
