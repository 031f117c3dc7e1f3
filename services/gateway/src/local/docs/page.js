/* global SwaggerUIBundle */

SwaggerUIBundle({
  url: '/openapi.yaml',
  dom_id: '#contract',
  deepLinking: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  // The one by default is another site.
  validatorUrl: null,
});
