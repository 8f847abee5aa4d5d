// Swagger UI over the app's own description, without any outside service.
const { root } = document.documentElement.dataset;
window.SwaggerUIBundle({ url: `${root}/openapi.json`, dom_id: "#swagger-ui", validatorUrl: null });
