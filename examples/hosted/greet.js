// Lives at a URL of its own: whoever may edit this file there updates the task.
module.exports = (ctx, cb) => cb(null, { greeting: 'hello', keyLength: ctx.secrets.key.length });
