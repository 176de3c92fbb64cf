// The documentation page. Logging in on it, by one of the calls that answer with tokens, authorizes its other calls.

const ANSWERS_WITH_TOKENS = /\/v1\/auth\/(login|signup|refresh)(\?|$)/;

const ui = SwaggerUIBundle({
  dom_id: "#page",
  url: "/v1/openapi.json",
  // Otherwise the page asks a validator on the internet whether the description is valid.
  validatorUrl: null,
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: -1,
  tryItOutEnabled: true,
  responseInterceptor: (response) => {
    if (response.ok && ANSWERS_WITH_TOKENS.test(response.url)) {
      ui.preauthorizeApiKey("bearer", response.obj.access_token);
    }
    return response;
  },
});
