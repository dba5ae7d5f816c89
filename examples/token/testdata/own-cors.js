// Lets only the pages of one origin read its answer.
module.exports = function (ctx, req, res) {
  res.writeHead(200, {
    'Content-Type': 'application/json',
    'Access-Control-Allow-Origin': ctx.params.origin,
    'Access-Control-Expose-Headers': 'X-Shown',
    'X-Shown': 'shown',
    'X-Hidden': 'hidden',
  });
  res.end(JSON.stringify({ user: ctx.query.user }));
};
