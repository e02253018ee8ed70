// A provider of identities for tests: the independent oidc-provider, which signs in whoever login_hint
// names. "anh+mfa" is the subject "anh", who showed a second factor. Prints its address.
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const back = "http://127.0.0.1/dang-nhap/dinh-danh/ve";
let provider;

const server = createServer(async (request, response) => {
  if (!request.url.startsWith("/interaction/")) return provider.callback()(request, response);
  const { params } = await provider.interactionDetails(request, response);
  const [accountId, factor] = params.login_hint.split("+");
  const amr = factor ? ["pwd", factor] : ["pwd"];
  await provider.interactionFinished(request, response, { login: { accountId, amr } });
});

server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  provider = new Provider(issuer, {
    clients: [{ client_id: "an-sinh", client_secret: "bi-mat-cua-phep-thu", redirect_uris: [back] }],
    claims: { openid: ["sub", "amr"] },
    cookies: { keys: ["phep thu"] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    pkce: { required: () => true },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    async loadExistingGrant({ oidc }) {
      const clientId = oidc.client.clientId;
      const grant = new oidc.provider.Grant({ clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope("openid");
      await grant.save();
      return grant;
    },
  });
  console.log(issuer);
});

// Ends with the test that started it.
process.stdin.resume();
process.stdin.on("end", () => process.exit());
