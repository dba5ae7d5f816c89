// Gives a page a token for an endpoint of a Respoke app. Respoke's API wants the
// app's secret for that, which the page must not have.
module.exports = async function (ctx) {
  const { appId, appSecret, roleId } = ctx.secrets;
  const { endpointId } = ctx.query;
  if (!endpointId) throw new Error('say for which endpoint: ?endpointId=NAME');

  const response = await fetch(ctx.params.base + '/tokens', {
    method: 'POST',
    headers: { 'App-Secret': appSecret, 'Content-Type': 'application/json' },
    body: JSON.stringify({ appId, endpointId, roleId, ttl: 3600 }),
  });
  // What the API says about a failure may name the secret, so it goes no further.
  if (!response.ok) throw new Error('Respoke answers ' + response.status);
  const { tokenId } = await response.json();
  return { tokenId };
};
