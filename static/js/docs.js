// Swagger UI over the app's own description, without any outside service.
window.SwaggerUIBundle({ url: "/openapi.json", dom_id: "#swagger-ui", validatorUrl: null });
